package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// manager is the service manager that has started this program: systemd, or another that supports sd_notify(3). A
// failure to notify it is only logged, since nothing depends on it.
type manager struct {
	socket string // empty if there is none
	// watchdog is the interval in which the manager expects a heartbeat; 0 for never.
	watchdog time.Duration
	log      *slog.Logger
}

// serviceManager reads the environment variables of sd_notify(3) and sd_watchdog_enabled(3).
func serviceManager(getenv func(string) string, log *slog.Logger) manager {
	m := manager{socket: getenv("NOTIFY_SOCKET"), log: log}
	usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	pid := getenv("WATCHDOG_PID")
	if err == nil && usec > 0 && m.socket != "" && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		m.watchdog = time.Duration(usec) * time.Microsecond
	}
	return m
}

// notify sends assignments, such as "READY=1".
func (m manager) notify(assignments ...string) {
	if m.socket == "" {
		return
	}
	// A name that begins with @ is in Linux's abstract namespace, which package net supports.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(strings.Join(assignments, "\n")))
		conn.Close()
	}
	if err != nil {
		m.log.Warn("the service manager cannot be told", "what", assignments[0], "error", err)
	}
}

func (m manager) notifyReady(url string) { m.notify("READY=1", "STATUS=serving "+url) }

func (m manager) notifyReloading() { m.notify("RELOADING=1", "STATUS=reading the settings again") }

func (m manager) notifyStopping() { m.notify("STOPPING=1", "STATUS=telling trackers and peers") }

// sendHeartbeats sends heartbeats until ctx ends, each only if the engine's own counter has grown since the last: an
// engine that is stuck should be restarted.
func (m manager) sendHeartbeats(ctx context.Context, beats func() uint64) {
	if m.watchdog == 0 {
		return
	}
	ticks := time.NewTicker(m.watchdog / 3)
	defer ticks.Stop()
	previous := beats()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
		current := beats()
		if current == previous {
			m.log.Error("the engine gives no sign of life")
			continue
		}
		previous = current
		m.notify("WATCHDOG=1")
	}
}
