package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wtptui/engine"
)

const (
	// drainTimeout is how long a program that ends may take for requests, peers and trackers.
	drainTimeout = 5 * time.Second
	// flushTimeout is how long it then still waits for the disk: what a slow or busy one has not taken yet would be fetched
	// again. A service manager must be more patient than both together.
	flushTimeout = 20 * time.Second
)

// closer ends one part of a node. The context ends when the time for others is over; what must be written down is
// written all the same.
type closer struct {
	name  string
	close func(ctx context.Context) error
}

func (n *node) onClose(name string, f func(context.Context) error) {
	n.closers = append(n.closers, closer{name, f})
}

// close ends all parts, the last one first. It returns when they have ended, or flushTimeout after ctx has.
func (n *node) close(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		var errs error
		for i := len(n.closers) - 1; i >= 0; i-- {
			c := n.closers[i]
			if err := c.close(ctx); err != nil {
				errs = errors.Join(errs, fmt.Errorf("close %s: %w", c.name, err))
			}
			n.log.Debug("closed", "part", c.name)
		}
		done <- errs
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	n.log.Warn("the disk is slow: still writing what was fetched; a second signal ends this now")
	select {
	case err := <-done:
		return err
	case <-time.After(flushTimeout):
		return &engine.Error{Op: "stop", Kind: engine.Internal, Msg: "not everything could be ended in time: the next start checks the data"}
	}
}
