package main

import (
	"context"
	"fmt"

	"wtptui/engine"
)

// hookResult is the outcome of a job.
type hookResult struct{ err error }

// hookQueue runs the hook and the loader of a watched folder beside the watch, so that new versions are published while
// they run. One job runs at a time. Of those that are started meanwhile, only the newest is kept.
type hookQueue struct {
	results chan hookResult
	// running reports whether results will get a value. next is the job that runs afterwards; nil for none.
	running bool
	next    func(ctx context.Context) error
}

func newHookQueue() *hookQueue { return &hookQueue{results: make(chan hookResult, 1)} }

// start starts a job, or queues it if another one runs, and reports whether it was queued. The job should end when ctx
// does.
func (h *hookQueue) start(ctx context.Context, job func(ctx context.Context) error) (queued bool) {
	if h.running {
		h.next = job
		return true
	}
	h.running = true
	go func() { h.results <- hookResult{job(ctx)} }()
	return false
}

// startNext must be called for each value of results. It starts the queued job.
func (h *hookQueue) startNext(ctx context.Context) {
	h.running = false
	if next := h.next; next != nil {
		h.next = nil
		h.start(ctx, next)
	}
}

// wait waits until no job runs. The context of the running job must have ended.
func (h *hookQueue) wait() {
	if h.running {
		<-h.results // The job was cancelled: its error is not worth reporting.
		h.running = false
	}
}

// handleHookResult reports a failed job, and starts the next one.
func (w *folderWatch) handleHookResult(ctx context.Context, err error) {
	if err != nil && !wasInterrupted(ctx, err) {
		fmt.Fprintln(w.stderr, "wtptui:", engine.Message(err))
	}
	w.hooks.startNext(ctx)
}
