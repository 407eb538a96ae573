package main

import (
	"context"
	"fmt"

	"wtptui/engine"
)

// hookEnd is how a hook has ended.
type hookEnd struct{ err error }

// hookRuns runs the hook of a watch beside it: however long it takes, new versions are published meanwhile. One runs at
// a time; of the versions that come while it does, the newest waits.
type hookRuns struct {
	// run runs it for a version; it ends early when ctx does.
	run  func(ctx context.Context, r engine.Publication) error
	done chan hookEnd
	// running says that done will get something; next is the version that waits, nil for none.
	running bool
	next    *engine.Publication
}

func newHookRuns(run func(context.Context, engine.Publication) error) *hookRuns {
	return &hookRuns{run: run, done: make(chan hookEnd, 1)}
}

// start runs it for a version, or has that wait, and reports whether it has to.
func (h *hookRuns) start(ctx context.Context, r engine.Publication) (waits bool) {
	if h.running {
		h.next = &r
		return true
	}
	h.running = true
	go func() { h.done <- hookEnd{h.run(ctx, r)} }()
	return false
}

// ended is called with what has come from done. It goes on with the version that waits.
func (h *hookRuns) ended(ctx context.Context) {
	h.running = false
	if next := h.next; next != nil {
		h.next = nil
		h.start(ctx, *next)
	}
}

// wait returns when nothing runs any more. The context of what does has ended.
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
