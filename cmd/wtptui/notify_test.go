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

// testManager is a service manager that records what it is sent.
type testManager struct {
	socket   string
	messages chan string
}

func startTestManager(t *testing.T) testManager {
	t.Helper()
	m := testManager{filepath.Join(shortDir(t), "notify"), make(chan string, 1000)}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 100)
		for n, err := conn.Read(buf); err == nil; n, err = conn.Read(buf) {
			m.messages <- string(buf[:n])
		}
	}()
	return m
}

// sendMark marks a point in the sequence of messages, whose order is kept.
func (m testManager) sendMark(t *testing.T, text string) {
	t.Helper()
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
	if err == nil {
		_, err = c.Write([]byte(text))
		c.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// expectHeartbeat checks that the next message is a heartbeat.
func (m testManager) expectHeartbeat(t *testing.T) {
	t.Helper()
	if got := enginetest.Receive(t, m.messages, "a sign of life"); got != "WATCHDOG=1" {
		t.Errorf("told %q", got)
	}
}

// The manager gets heartbeats while the engine works. If the engine is stuck it gets none, and there is an error in the
// log.
func TestNoHeartbeatsForAStuckEngine(t *testing.T) {
	received := startTestManager(t)
	var n atomic.Uint64
	var stuck atomic.Bool
	complaints := make(chan struct{}, 1)
	m := manager{
		socket: received.socket, watchdog: 30 * time.Millisecond,
		log: slog.New(onRecord(func() { complaints <- struct{}{} })),
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
	received.expectHeartbeat(t)
	received.expectHeartbeat(t)
	stuck.Store(true)
	enginetest.Receive(t, complaints, "a complaint about an engine that is stuck")
	received.sendMark(t, "stuck")
	for enginetest.Receive(t, received.messages, "what was told before the engine was stuck") != "stuck" {
	}
	enginetest.Receive(t, complaints, "another complaint")
	enginetest.Receive(t, complaints, "one more complaint")
	received.sendMark(t, "still stuck")
	if got := enginetest.Receive(t, received.messages, "what was told while the engine was stuck"); got != "still stuck" {
		t.Errorf("the manager has heard of an engine that is stuck: %q", got)
	}
	stuck.Store(false)
	go func() {
		for range complaints { // There may be more of them.
		}
	}()
	received.expectHeartbeat(t)
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
