package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// A hook that hangs does not delay new versions. The newest of them gets the next run of the hook.
func TestHookQueue(t *testing.T) {
	started, finish := make(chan string, 1), make(chan error)
	job := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			started <- name
			select {
			case err := <-finish:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	h := newHookQueue()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if h.start(ctx, job("a")) {
		t.Error("the first one waits")
	}
	for _, later := range []string{"b", "c"} {
		if !h.start(ctx, job(later)) {
			t.Error(later, "does not wait")
		}
	}
	if got := enginetest.Receive(t, started, "the hook"); got != "a" {
		t.Errorf("it runs for %s", got)
	}
	finish <- nil
	if end := enginetest.Receive(t, h.results, "its end"); end.err != nil {
		t.Error(end.err)
	}
	h.startNext(ctx)
	if got := enginetest.Receive(t, started, "the hook"); got != "c" {
		t.Errorf("then it runs for %s", got)
	}
	cancel()
	h.wait()
	h.wait() // No job runs any more.
}

// A hook that takes longer than its limit is ended.
func TestHookLimit(t *testing.T) {
	p, _, _ := newPublishing("/some/where")
	p.hook, p.hookLimit = "sleep 1000", 200*time.Millisecond
	err := p.runHook(t.Context(), engine.Publication{})
	const want = "was published, but the hook failed: it did not end within 200ms"
	if msg := engine.Message(err); !strings.Contains(msg, want) {
		t.Error(msg)
	}
}
