package watch

import (
	"context"
	"sync"

	"wtptui/engine"
)

// MaxRecentEvents is how many events a Hub keeps for watchers that are late or new.
const MaxRecentEvents = 256

// Hub distributes snapshots. The zero value is ready to use. It is safe for concurrent use.
type Hub struct {
	mu           sync.Mutex
	seq          uint64
	eventSeq     uint64
	events       []engine.Event // the last MaxRecentEvents, oldest first, and up to as many older ones
	lastSnapshot engine.Snapshot
	hasSnapshot  bool
	closed       bool
	watchers     map[*watcher]struct{}
}

// watcher is a channel, with the numbers of the events that its reader has received.
type watcher struct {
	ch      chan engine.Snapshot
	seenSeq uint64 // the last event in snapshots that the reader has received
	sentSeq uint64 // the last event in the snapshot in ch
}

// Record numbers an event and adds it to the next snapshot. It returns the numbered event.
func (h *Hub) Record(e engine.Event) engine.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.eventSeq++
	e.Seq = h.eventSeq
	h.events = append(h.events, e)
	if len(h.events) > 2*MaxRecentEvents { // Not for every event: a batch records thousands.
		h.events = append(h.events[:0:0], h.events[len(h.events)-MaxRecentEvents:]...)
	}
	return e
}

// Publish numbers a snapshot and sends it to every watcher, with the events that the watcher has not received. The
// caller must not change the snapshot, or a slice in it, afterwards.
func (h *Hub) Publish(s engine.Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.seq++
	s.Seq = h.seq
	h.lastSnapshot, h.hasSnapshot = s, true
	for w := range h.watchers {
		h.sendLast(w)
	}
}

// sendLast sends the last snapshot to a watcher, in place of one that was not received.
func (h *Hub) sendLast(w *watcher) {
	select {
	case <-w.ch: // not received: its events must be in the new one as well
	default:
		w.seenSeq = w.sentSeq
	}
	s := h.lastSnapshot
	s.Events = h.eventsAfter(w.seenSeq)
	w.sentSeq = h.eventSeq
	w.ch <- s
}

// eventsAfter returns a copy of the events after number seq.
func (h *Hub) eventsAfter(seq uint64) []engine.Event {
	recent := h.events[max(0, len(h.events)-MaxRecentEvents):]
	first := h.eventSeq - uint64(len(recent)) // number of the event before the oldest of them
	from := 0
	if seq > first {
		from = int(seq - first)
	}
	return append([]engine.Event{}, recent[from:]...)
}

// Watch implements engine.Engine. The first snapshot is sent as soon as one has been published.
func (h *Hub) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, &engine.Error{Op: "watch", Kind: engine.Unavailable, Msg: "the engine has stopped: start it again"}
	}
	w := &watcher{ch: make(chan engine.Snapshot, 1)}
	if h.watchers == nil {
		h.watchers = map[*watcher]struct{}{}
	}
	h.watchers[w] = struct{}{}
	if h.hasSnapshot {
		h.sendLast(w)
	}
	// AfterFunc needs no goroutine of ours while the watcher lives.
	context.AfterFunc(ctx, func() { h.removeWatcher(w) })
	return w.ch, nil
}

// WatcherCount returns the number of watchers. With none, snapshots are not needed often.
func (h *Hub) WatcherCount() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watchers)
}

func (h *Hub) removeWatcher(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.watchers[w]; ok {
		delete(h.watchers, w)
		close(w.ch)
	}
}

// Close closes the channels of all watchers. Later snapshots are dropped.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for w := range h.watchers {
		delete(h.watchers, w)
		close(w.ch)
	}
}
