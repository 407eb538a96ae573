package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// Close waits for the parts, in the reverse order of their start. A part that takes longer than drainTimeout is writing
// to a slow disk.
func TestClosingWaitsForTheDisk(t *testing.T) {
	for name, tt := range map[string]struct {
		takes, want time.Duration
		fails       bool
	}{
		"fast":  {takes: time.Second, want: time.Second},
		"slow":  {takes: drainTimeout + time.Second, want: drainTimeout + time.Second},
		"stuck": {takes: time.Hour, want: drainTimeout + flushTimeout, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &node{log: slog.New(slog.DiscardHandler)}
				var closed []string
				n.onClose("database", func(context.Context) error { closed = append(closed, "database"); return nil })
				n.onClose("swarm", func(context.Context) error {
					time.Sleep(tt.takes) // in the bubble's time
					closed = append(closed, "swarm")
					return nil
				})
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), drainTimeout)
				defer cancel()
				err := n.close(ctx)
				if elapsed := time.Since(start); elapsed != tt.want || (err != nil) != tt.fails {
					t.Errorf("after %v: %v, want %v", elapsed, err, tt.want)
				}
				if !tt.fails && (len(closed) != 2 || closed[0] != "swarm") {
					t.Errorf("%v has ended", closed)
				}
				time.Sleep(tt.takes)
				synctest.Wait()
			})
		})
	}
}

func TestCloseReportsWhatFailed(t *testing.T) {
	n := &node{log: slog.New(slog.DiscardHandler)}
	broken := errors.New("no space left")
	n.onClose("database", func(context.Context) error { return broken })
	n.onClose("swarm", func(context.Context) error { return nil })
	if err := n.close(t.Context()); !errors.Is(err, broken) || err.Error() != "close database: no space left" {
		t.Errorf("close says %v", err)
	}
}
