package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// What ends is waited for, in the opposite order of its start: what takes longer than the time for requests, peers and
// trackers is writing to a slow disk.
func TestClosingWaitsForTheDisk(t *testing.T) {
	for name, tt := range map[string]struct {
		takes, want time.Duration
		fails       bool
	}{
		"fast":  {takes: time.Second, want: time.Second},
		"slow":  {takes: drainTime + time.Second, want: drainTime + time.Second},
		"stuck": {takes: time.Hour, want: drainTime + flushTime, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &node{log: slog.New(slog.DiscardHandler)}
				var ended []string
				n.closeLater("database", func(context.Context) error { ended = append(ended, "database"); return nil })
				n.closeLater("swarm", func(context.Context) error {
					time.Sleep(tt.takes) // of the bubble's time
					ended = append(ended, "swarm")
					return nil
				})
				begun := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), drainTime)
				defer cancel()
				err := n.close(ctx)
				if took := time.Since(begun); took != tt.want || (err != nil) != tt.fails {
					t.Errorf("after %v: %v, want %v", took, err, tt.want)
				}
				if !tt.fails && (len(ended) != 2 || ended[0] != "swarm") {
					t.Errorf("%v has ended", ended)
				}
				time.Sleep(tt.takes)
				synctest.Wait()
			})
		})
	}
}

func TestClosingTellsWhatFailed(t *testing.T) {
	n := &node{log: slog.New(slog.DiscardHandler)}
	broken := errors.New("no space left")
	n.closeLater("database", func(context.Context) error { return broken })
	n.closeLater("swarm", func(context.Context) error { return nil })
	if err := n.close(t.Context()); !errors.Is(err, broken) || err.Error() != "close database: no space left" {
		t.Errorf("close says %v", err)
	}
}
