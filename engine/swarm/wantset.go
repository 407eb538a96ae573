package swarm

import (
	"slices"
	"time"

	"wtptui/engine"
)

// wantSet holds what one torrent's readers want. It is not safe for concurrent use: see wantList.
type wantSet struct {
	// isMissing reports whether a piece is not here; nil until the torrent's files are known.
	isMissing func(piece int) bool
	// wants is sorted, the most urgent first.
	wants     []*want
	lastOrder uint64 // the last assigned order
	// stale reports whether order must be computed again.
	stale bool
	// order holds the most wanted missing pieces, the most urgent first. truncated reports whether there are more.
	order     []int
	truncated bool
	// ordered is the set of pieces that were in order when it was computed.
	ordered map[int]bool
	// urgent is the set of pieces that a reader waits for, or that come before such a piece.
	urgent map[int]bool
	// changed reports whether order has changed since takeUpdate.
	changed bool
	// waiters holds channels that are closed when the piece is complete, or its readers must check again.
	waiters map[int]chan struct{}
}

// replaceAhead replaces the readahead of a reader.
func (w *wantSet) replaceAhead(r *readerWants, u engine.Urgency, first, last int) {
	if r.ahead == nil || r.ahead.first != first || r.ahead.last != last {
		w.replace(&r.ahead, want{first: first, last: last, urgency: u, reason: reasonAhead}, reasonAbandonedAhead)
	}
}

// replace replaces a reader's want. If a closed reader wanted the same, its position in the order is kept.
func (w *wantSet) replace(old **want, by want, abandoned reason) {
	if *old != nil {
		by.order = (*old).order
		w.remove(*old)
	}
	same := func(h *want) bool { return h.reason == abandoned && h.first == by.first && h.urgency == by.urgency }
	if i := slices.IndexFunc(w.wants, same); i >= 0 {
		by.order = w.wants[i].order
		w.wants = slices.Delete(w.wants, i, i+1)
	}
	*old = w.add(by)
}

func (w *wantSet) add(h want) *want {
	if h.order == 0 {
		w.lastOrder++
		h.order = w.lastOrder
	}
	h.next = h.first
	i, _ := slices.BinarySearchFunc(w.wants, &h, compareWants)
	w.wants = slices.Insert(w.wants, i, &h)
	w.stale = true
	return &h
}

func (w *wantSet) remove(h *want) {
	if i := slices.Index(w.wants, h); i >= 0 {
		w.wants = slices.Delete(w.wants, i, i+1)
		w.stale = true
	}
}

// evictOldest drops the wants that expire first while there are more than limit with these reasons.
func (w *wantSet) evictOldest(limit int, reasons ...reason) {
	n := 0
	var oldest *want
	for _, h := range w.wants {
		if !slices.Contains(reasons, h.reason) {
			continue
		}
		n++
		if oldest == nil || h.expires.Before(oldest.expires) {
			oldest = h
		}
	}
	if n > limit {
		w.remove(oldest)
		w.evictOldest(limit, reasons...)
	}
}

// reorder computes the order again, and drops wants that have expired or are complete.
func (w *wantSet) reorder(now time.Time) {
	w.order, w.truncated, w.stale = w.order[:0], false, false
	if w.ordered == nil && len(w.wants) > 0 {
		w.ordered, w.urgent = make(map[int]bool), make(map[int]bool)
	}
	clear(w.ordered)
	clear(w.urgent)
	kept := w.wants[:0]
	for i, h := range w.wants {
		if w.truncated {
			kept = append(kept, w.wants[i:]...)
			break
		}
		for h.next <= h.last && !w.isMissing(h.next) {
			h.next++
		}
		if h.isExpired(now) || h.next > h.last && !h.expires.IsZero() {
			continue
		}
		kept = append(kept, h)
		w.appendPieces(h)
		if h.reason <= reasonAbandonedWait {
			for _, p := range w.order {
				w.urgent[p] = true
			}
		}
	}
	clear(w.wants[len(kept):])
	w.wants = kept
}

// appendPieces appends the missing pieces of a want to the order, up to maxOrdered.
func (w *wantSet) appendPieces(h *want) {
	for p := h.next; p <= h.last; p++ {
		if w.ordered[p] || !w.isMissing(p) {
			continue
		}
		if len(w.order) == maxOrdered {
			w.truncated = true
			return
		}
		w.ordered[p] = true
		w.order = append(w.order, p)
	}
}
