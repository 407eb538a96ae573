package main

import (
	"context"
	"fmt"

	"wtptui/engine"
)

// hookResult is how a job has ended.
type hookResult struct{ err error }

// hookQueue runs what belongs to a new version of a watched folder beside the watch: however long it takes, new versions
// are published meanwhile. One job runs at a time; of those that come while it does, the newest waits.
type hookQueue struct {
	results chan hookResult
	// running reports whether done will get something; next is the job that waits, nil for none.
	running bool
	next    func(ctx context.Context) error
}

func newHookQueue() *hookQueue { return &hookQueue{results: make(chan hookResult, 1)} }

// start begins a job, which ends early when ctx does, or has it wait, and reports whether it has to.
func (h *hookQueue) start(ctx context.Context, job func(ctx context.Context) error) (waits bool) {
	if h.running {
		h.next = job
		return true
	}
	h.running = true
	go func() { h.results <- hookResult{job(ctx)} }()
	return false
}

// ended is called with what has come from done. It goes on with the job that waits.
func (h *hookQueue) startNext(ctx context.Context) {
	h.running = false
	if next := h.next; next != nil {
		h.next = nil
		h.start(ctx, next)
	}
}

// wait waits until nothing runs any more. The context of what does has ended.
func (h *hookQueue) wait() {
	if h.running {
		<-h.results // It was ended, which is all that there is to tell.
		h.running = false
	}
}

// handleHookResult tells how the hook of a watch has ended, unless it did well.
func (w *folderWatch) handleHookResult(ctx context.Context, err error) {
	if err != nil && !wasInterrupted(ctx, err) {
		fmt.Fprintln(w.stderr, "wtptui:", engine.Message(err))
	}
	w.hooks.startNext(ctx)
}
