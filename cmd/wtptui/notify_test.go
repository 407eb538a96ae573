//go:build !windows

package main

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// The manager gets heartbeats while the engine works. If the engine is stuck it gets none, and there is an error in the
// log.
func TestNoHeartbeatsForAStuckEngine(t *testing.T) {
	socket := filepath.Join(shortDir(t), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	messages := make(chan string, 1000)
	go func() {
		buf := make([]byte, 100)
		for n, err := conn.Read(buf); err == nil; n, err = conn.Read(buf) {
			messages <- string(buf[:n])
		}
	}()
	// sendMark marks a point in the sequence of messages, whose order is kept.
	sendMark := func(text string) {
		t.Helper()
		c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
		if err == nil {
			_, err = c.Write([]byte(text))
			c.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	wantHeartbeat := func() {
		t.Helper()
		if got := enginetest.Receive(t, messages, "a sign of life"); got != "WATCHDOG=1" {
			t.Errorf("told %q", got)
		}
	}

	var n atomic.Uint64
	var stuck atomic.Bool
	complaints := make(chan struct{}, 1)
	m := manager{
		socket: socket, watchdog: 30 * time.Millisecond, log: slog.New(onRecord(func() { complaints <- struct{}{} })),
	}
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() {
		m.sendHeartbeats(ctx, func() uint64 {
			if !stuck.Load() {
				n.Add(1)
			}
			return n.Load()
		})
	})
	wantHeartbeat()
	wantHeartbeat()
	stuck.Store(true)
	enginetest.Receive(t, complaints, "a complaint about an engine that is stuck")
	sendMark("stuck")
	for enginetest.Receive(t, messages, "what was told before the engine was stuck") != "stuck" {
	}
	enginetest.Receive(t, complaints, "another complaint")
	enginetest.Receive(t, complaints, "one more complaint")
	sendMark("still stuck")
	if got := enginetest.Receive(t, messages, "what was told while the engine was stuck"); got != "still stuck" {
		t.Errorf("the manager has heard of an engine that is stuck: %q", got)
	}
	stuck.Store(false)
	go func() {
		for range complaints { // There may be more of them.
		}
	}()
	wantHeartbeat()
	cancel()
	watching.Wait()
	close(complaints)
}

// onRecord is a log handler that calls a function for each record.
type onRecord func()

func (onRecord) Enabled(context.Context, slog.Level) bool { return true }

func (f onRecord) Handle(context.Context, slog.Record) error { f(); return nil }

func (f onRecord) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f onRecord) WithGroup(string) slog.Handler { return f }
