package watch

import (
	"context"
	"sync"

	"wtptui/engine"
)

// MaxRecentEvents is how many events a Hub keeps for watchers that are late or new.
const MaxRecentEvents = 256

// Hub distributes snapshots. Its zero value is ready; its methods may be called from many goroutines.
type Hub struct {
	mu       sync.Mutex
	seq      uint64
	eventSeq uint64
	events   []engine.Event // the last MaxRecentEvents, oldest first, and up to as many older ones
	last     engine.Snapshot
	have     bool
	closed   bool
	watchers map[*watcher]struct{}
}

// watcher is one channel and the number of the last event its reader has surely seen or will see in it.
type watcher struct {
	ch   chan engine.Snapshot
	seen uint64 // events up to here were in snapshots that the reader took
	sent uint64 // events up to here are in the snapshot that waits in ch
}

// Record numbers the event and keeps it for the next snapshot. It returns the numbered event.
func (h *Hub) Record(e engine.Event) engine.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.eventSeq++
	e.Seq = h.eventSeq
	h.events = append(h.events, e)
	if len(h.events) > 2*MaxRecentEvents { // Not with every event: a batch makes thousands.
		h.events = append(h.events[:0:0], h.events[len(h.events)-MaxRecentEvents:]...)
	}
	return e
}

// Publish numbers the snapshot and sends it to every watcher, with the events that this watcher has not seen. The
// caller must not change it, or a slice in it, any more.
func (h *Hub) Publish(s engine.Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.seq++
	s.Seq = h.seq
	h.last, h.have = s, true
	for w := range h.watchers {
		h.offer(w)
	}
}

// offer puts the last snapshot into the watcher's channel in place of one that was not taken.
func (h *Hub) offer(w *watcher) {
	select {
	case <-w.ch: // not taken: its events must be in the new one as well
	default:
		w.seen = w.sent
	}
	s := h.last
	s.Events = h.since(w.seen)
	w.sent = h.eventSeq
	w.ch <- s
}

// since returns a copy of the events after number seq.
func (h *Hub) since(seq uint64) []engine.Event {
	recent := h.events[max(0, len(h.events)-MaxRecentEvents):]
	first := h.eventSeq - uint64(len(recent)) // number of the event before the oldest of them
	from := 0
	if seq > first {
		from = int(seq - first)
	}
	return append([]engine.Event{}, recent[from:]...)
}

// Watch implements engine.Engine's Watch. The first snapshot is there as soon as one has been published.
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
	if h.have {
		h.offer(w)
	}
	// AfterFunc needs no goroutine of ours while the watcher lives.
	context.AfterFunc(ctx, func() { h.drop(w) })
	return w.ch, nil
}

// WatcherCount is the number of watchers now: with none, nobody has to make snapshots often.
func (h *Hub) WatcherCount() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watchers)
}

func (h *Hub) drop(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.watchers[w]; ok {
		delete(h.watchers, w)
		close(w.ch)
	}
}

// Close closes all watchers' channels. Later snapshots go nowhere.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for w := range h.watchers {
		delete(h.watchers, w)
		close(w.ch)
	}
}
