package main

import (
	"context"
	"fmt"

	"wtptui/engine"
)

// hookEnd is how a job has ended.
type hookEnd struct{ err error }

// hookRuns runs what belongs to a new version of a watched folder beside the watch: however long it takes, new versions
// are published meanwhile. One job runs at a time; of those that come while it does, the newest waits.
type hookRuns struct {
	done chan hookEnd
	// running reports whether done will get something; next is the job that waits, nil for none.
	running bool
	next    func(ctx context.Context) error
}

func newHookRuns() *hookRuns { return &hookRuns{done: make(chan hookEnd, 1)} }

// start begins a job, which ends early when ctx does, or has it wait, and reports whether it has to.
func (h *hookRuns) start(ctx context.Context, job func(ctx context.Context) error) (waits bool) {
	if h.running {
		h.next = job
		return true
	}
	h.running = true
	go func() { h.done <- hookEnd{job(ctx)} }()
	return false
}

// ended is called with what has come from done. It goes on with the job that waits.
func (h *hookRuns) ended(ctx context.Context) {
	h.running = false
	if next := h.next; next != nil {
		h.next = nil
		h.start(ctx, next)
	}
}

// wait waits until nothing runs any more. The context of what does has ended.
func (h *hookRuns) wait() {
	if h.running {
		<-h.done // It was ended, which is all that there is to tell.
		h.running = false
	}
}

// afterHook tells how the hook of a watch has ended, unless it did well.
func (w *watching) afterHook(ctx context.Context, err error) {
	if err != nil && !stopped(ctx, err) {
		fmt.Fprintln(w.stderr, "wtptui:", engine.Message(err))
	}
	w.hooks.ended(ctx)
}
