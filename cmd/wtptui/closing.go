package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wtptui/engine"
)

const (
	// drainTimeout is how long requests, peers and trackers may take when the program ends.
	drainTimeout = 5 * time.Second
	// flushTimeout is how much longer the disk may take: what is not written yet would have to be downloaded again. A
	// service manager must wait for longer than both together.
	flushTimeout = 20 * time.Second
)

// closer closes one part of a node. When the context ends, requests and peers get no more time, and what must be
// written is still written.
type closer struct {
	name  string
	close func(ctx context.Context) error
}

// onClose registers a function that close calls.
func (n *node) onClose(name string, f func(context.Context) error) {
	n.closers = append(n.closers, closer{name, f})
}

// close closes all parts, the last one first. It returns when they are closed, or flushTimeout after ctx has ended.
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
		return &engine.Error{
			Op: "stop", Kind: engine.Internal, Msg: "wtptui could not finish in time: the next start checks the data",
		}
	}
}
