//go:build !windows

package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A manager hears of an engine as long as that lives: of one that is stuck, the log tells instead.
func TestWatchdogHearsNothingOfAStuckEngine(t *testing.T) {
	socket := filepath.Join(shortDir(t), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	hears := func(until time.Time) error {
		if err := conn.SetReadDeadline(until); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		n, err := conn.Read(buf)
		if err == nil && string(buf[:n]) != "WATCHDOG=1" {
			t.Errorf("told %q", buf[:n])
		}
		return err
	}
	patiently := func() {
		t.Helper()
		if err := hears(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}

	var n atomic.Uint64
	var stuck atomic.Bool
	complaints := make(chan struct{}, 1)
	m := manager{socket: socket, watchdog: 30 * time.Millisecond, log: slog.New(onRecord(func() { complaints <- struct{}{} }))}
	ctx, cancel := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() {
		m.watch(ctx, func() uint64 {
			if !stuck.Load() {
				n.Add(1)
			}
			return n.Load()
		})
	})
	patiently()
	patiently()
	stuck.Store(true)
	<-complaints // What was told before is in the socket by now.
	for hears(time.Now().Add(time.Millisecond)) == nil {
	}
	<-complaints
	<-complaints
	if err := hears(time.Now().Add(time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the manager has heard of an engine that is stuck: %v", err)
	}
	stuck.Store(false)
	go func() {
		for range complaints { // There may be some more.
		}
	}()
	patiently()
	cancel()
	watching.Wait()
	close(complaints)
}

// onRecord is a log that only tells that something was written.
type onRecord func()

func (onRecord) Enabled(context.Context, slog.Level) bool { return true }

func (f onRecord) Handle(context.Context, slog.Record) error { f(); return nil }

func (f onRecord) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f onRecord) WithGroup(string) slog.Handler { return f }
