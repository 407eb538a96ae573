package swarm

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/torrent"
)

const (
	// abandonedTTL is how long a piece that a reader waited for stays wanted after the reader was closed. A waiting
	// page is requested again every few seconds, a person reloads within a minute or so, and at a low rate one piece
	// takes that long: if the piece lost its place each time, it would come last.
	abandonedTTL = 2 * time.Minute
	// raisedTTL is how long a raised file stays wanted. A browser requests six files at a time, and over a slow link
	// reaches the last ones of a page many minutes after the first.
	raisedTTL = 10 * time.Minute
	// maxAbandoned and maxRaised limit how many wants of either kind there are. The oldest are dropped first.
	maxAbandoned = 128
	maxRaised    = 1024
	// maxOrdered is how many pieces are in order at a time.
	maxOrdered = 256
)

// reason is why pieces are wanted. Wants of the same urgency are sorted by it.
type reason int

const (
	reasonWaiting        reason = iota // a reader waits for it
	reasonAbandonedWait                // a reader waited for it and was closed
	reasonAhead                        // it is in the readahead of a reader
	reasonAbandonedAhead               // it was in the readahead of a reader that waited and was closed
	reasonRaised                       // the file was raised
)

// want is a range of wanted pieces.
type want struct {
	// first and last are the range; next is the first piece of it that may be missing.
	first, last, next int
	urgency           engine.Urgency
	reason            reason
	// order is the position among wants of the same urgency and reason.
	order uint64
	// expires is when the want is dropped; zero while its reader is open.
	expires time.Time
}

func compareWants(a, b *want) int {
	return cmp.Or(cmp.Compare(a.urgency, b.urgency), cmp.Compare(a.reason, b.reason), cmp.Compare(a.order, b.order))
}

// readerWants holds what one reader wants: the piece that it waits for, and the readahead. Either may be nil.
type readerWants struct{ waiting, ahead *want }

// wantList holds the wanted pieces of a torrent, and derives their order. It knows nothing of the swarm.
type wantList struct {
	now func() time.Time

	mu  sync.Mutex
	set wantSet // guarded by mu
}

// setMissing must be called when the torrent's files are known.
func (w *wantList) setMissing(isMissing func(piece int) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set.isMissing, w.set.stale = isMissing, true
}

// waitFor records that a reader waits for a piece, and that its readahead ends with last. The returned channel is
// closed when the piece is here, or the reader must check why it is not.
func (w *wantList) waitFor(r *readerWants, u engine.Urgency, piece, last int) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.waiting == nil || r.waiting.next != piece {
		w.set.replace(&r.waiting, want{first: piece, last: piece, urgency: u, reason: reasonWaiting}, reasonAbandonedWait)
	}
	w.set.replaceAhead(r, u, piece+1, last)
	ch := w.set.waiters[piece]
	if ch == nil {
		if w.set.waiters == nil {
			w.set.waiters = make(map[int]chan struct{})
		}
		ch = make(chan struct{})
		w.set.waiters[piece] = ch
	}
	return ch
}

// setAhead sets the readahead of a reader that does not wait.
func (w *wantList) setAhead(r *readerWants, u engine.Urgency, first, last int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set.replaceAhead(r, u, first, last)
}

// abandon must be called when a reader is closed. A piece that it still waited for, and its readahead, stay wanted for
// abandonedTTL.
func (w *wantList) abandon(r *readerWants) {
	w.mu.Lock()
	defer w.mu.Unlock()
	unserved := r.waiting != nil && w.set.isMissing != nil && w.set.isMissing(r.waiting.first)
	for _, h := range []*want{r.waiting, r.ahead} {
		if h == nil {
			continue
		}
		w.set.remove(h)
		if unserved {
			h.reason++ // the abandoned counterpart
			h.expires = w.now().Add(abandonedTTL)
			w.set.add(*h)
		}
	}
	*r = readerWants{}
	w.set.evictOldest(maxAbandoned, reasonAbandonedWait, reasonAbandonedAhead)
}

// cancel drops all wants of a reader, which seeks.
func (w *wantList) cancel(r *readerWants) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range []*want{r.waiting, r.ahead} {
		if h != nil {
			w.set.remove(h)
		}
	}
	*r = readerWants{}
}

// raise adds pieces of a file, after those that were raised before.
func (w *wantList) raise(u engine.Urgency, first, last int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	until := w.now().Add(raisedTTL)
	for _, h := range w.set.wants {
		if h.reason == reasonRaised && h.urgency == u && h.first == first && h.last == last {
			h.expires = until
			return
		}
	}
	w.set.add(want{first: first, last: last, urgency: u, reason: reasonRaised, expires: until})
	w.set.evictOldest(maxRaised, reasonRaised)
}

// markComplete removes a complete piece and wakes its waiters. It reports whether other pieces move up.
func (w *wantList) markComplete(piece int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch := w.set.waiters[piece]; ch != nil {
		close(ch)
		delete(w.set.waiters, piece)
	}
	i := slices.Index(w.set.order, piece)
	if i < 0 {
		return false
	}
	w.set.order = slices.Delete(w.set.order, i, i+1)
	if w.set.truncated && len(w.set.order) < maxOrdered/2 {
		w.set.stale = true
	}
	return true
}

// hasPending reports whether any wanted piece is missing.
func (w *wantList) hasPending() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.set.stale = w.set.stale || slices.ContainsFunc(w.set.wants, func(h *want) bool { return h.isExpired(now) })
	return w.set.stale || len(w.set.order) > 0
}

// isExpired reports whether the want has expired.
func (h *want) isExpired(now time.Time) bool { return !h.expires.IsZero() && !now.Before(h.expires) }

// wakeAll makes all waiters check again.
func (w *wantList) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.set.waiters {
		close(ch)
	}
	clear(w.set.waiters)
}

// markStale must be called when the torrent joins a swarm, which knows nothing of what is wanted.
func (w *wantList) markStale() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set.stale = true
}

// takeUpdate returns what is wanted first now, and whether that has changed since the last call.
func (w *wantList) takeUpdate() (torrent.Want, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.set.stale && w.set.isMissing != nil {
		w.set.reorder(w.now())
		w.set.changed = true
	}
	if !w.set.changed {
		return torrent.Want{}, false
	}
	w.set.changed = false
	n := 0
	for n < len(w.set.order) && w.set.urgent[w.set.order[n]] {
		n++
	}
	return torrent.Want{Urgent: slices.Clone(w.set.order[:n]), Soon: slices.Clone(w.set.order[n:])}, true
}
