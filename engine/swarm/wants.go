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
	// goneTime is how long what a reader waited for stays wanted after the reader is gone. A waiting page is asked for
	// again every few seconds, a person reloads within a minute or so, and at a low rate one piece takes that long: if the
	// piece lost its place each time, it would come last.
	goneTime = 2 * time.Minute
	// raisedTime is how long a raised file stays wanted. A browser asks for six files at a time, and over a slow link
	// comes to the last ones of a page many minutes after the first.
	raisedTime = 10 * time.Minute
	// mostGone and mostRaised bound how many wishes of either kind there are; the oldest are forgotten first.
	mostGone   = 128
	mostRaised = 1024
	// mostOrdered is for how many pieces the order is known at a time.
	mostOrdered = 256
)

// reason says who wants something, in the order in which wishes of the same urgency are granted.
type reason int

const (
	reasonWaiting  reason = iota // a reader waits for it
	reasonWaited                 // a reader waited for it and is gone
	reasonAhead                  // it follows what a reader reads
	reasonFollowed               // it followed what was read by a reader that is gone
	reasonRaised                 // the file was raised
)

// wish is a range of pieces that somebody wants.
type wish struct {
	// first and last are the range, next is the first piece of it that may be missing.
	first, last, next int
	urgency           engine.Urgency
	reason            reason
	// order is the place among wishes of the same urgency and reason.
	order uint64
	// until is when the wish is forgotten; zero while its reader is open.
	until time.Time
}

func compareWishes(a, b *wish) int {
	return cmp.Or(cmp.Compare(a.urgency, b.urgency), cmp.Compare(a.reason, b.reason), cmp.Compare(a.order, b.order))
}

// readerWishes are what one reader wants: the piece that it waits for, and what follows it. Either may be nil.
type readerWishes struct{ waiting, ahead *wish }

// wants owns what is wanted of a torrent, and derives from it the order of pieces. It knows nothing of the swarm.
type wants struct {
	now func() time.Time

	mu sync.Mutex // guards what follows; methods that do not lock it need it held
	// missing reports whether a piece is not here; nil until the torrent's files are known.
	missing func(piece int) bool
	// wishes are sorted, the most urgent one first.
	wishes []*wish
	orders uint64 // how many have been given out
	// stale says that the order has to be made anew.
	stale bool
	// order are the missing pieces that are wanted most, the most urgent one first; cut says that there are more.
	order []int
	cut   bool
	// ordered are the pieces in order, and those that were when it was made.
	ordered map[int]bool
	// urgent are those that somebody waits for, or that are wanted more than one that somebody waits for.
	urgent map[int]bool
	// news says that the order is another one than that which was told last.
	news bool
	// arrivals are closed when the piece is complete, or whoever waits for it must look again.
	arrivals map[int]chan struct{}
}

// open is called when the torrent's files are known.
func (w *wants) open(missing func(piece int) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.missing, w.stale = missing, true
}

// wait notes that a reader waits for a piece and will want what follows up to last. The channel is closed when the
// piece is here, or when the reader has to find out why it is not.
func (w *wants) wait(r *readerWishes, u engine.Urgency, piece, last int) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.waiting == nil || r.waiting.next != piece {
		w.replace(&r.waiting, wish{first: piece, last: piece, urgency: u, reason: reasonWaiting}, reasonWaited)
	}
	w.lookAhead(r, u, piece+1, last)
	ch := w.arrivals[piece]
	if ch == nil {
		if w.arrivals == nil {
			w.arrivals = make(map[int]chan struct{})
		}
		ch = make(chan struct{})
		w.arrivals[piece] = ch
	}
	return ch
}

// follow notes that a reader, which does not wait, will want these pieces.
func (w *wants) follow(r *readerWishes, u engine.Urgency, first, last int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lookAhead(r, u, first, last)
}

// lookAhead replaces what a reader will want.
func (w *wants) lookAhead(r *readerWishes, u engine.Urgency, first, last int) {
	if r.ahead == nil || r.ahead.first != first || r.ahead.last != last {
		w.replace(&r.ahead, wish{first: first, last: last, urgency: u, reason: reasonAhead}, reasonFollowed)
	}
}

// replace puts a reader's new wish in the place of the one before. If the same was wanted by a reader that is gone, its
// place in the order is kept.
func (w *wants) replace(old **wish, by wish, gone reason) {
	if *old != nil {
		by.order = (*old).order
		w.remove(*old)
	}
	same := func(h *wish) bool { return h.reason == gone && h.first == by.first && h.urgency == by.urgency }
	if i := slices.IndexFunc(w.wishes, same); i >= 0 {
		by.order = w.wishes[i].order
		w.wishes = slices.Delete(w.wishes, i, i+1)
	}
	*old = w.add(by)
}

func (w *wants) add(h wish) *wish {
	if h.order == 0 {
		w.orders++
		h.order = w.orders
	}
	h.next = h.first
	i, _ := slices.BinarySearchFunc(w.wishes, &h, compareWishes)
	w.wishes = slices.Insert(w.wishes, i, &h)
	w.stale = true
	return &h
}

func (w *wants) remove(h *wish) {
	if i := slices.Index(w.wishes, h); i >= 0 {
		w.wishes = slices.Delete(w.wishes, i, i+1)
		w.stale = true
	}
}

// leave notes that a reader is gone. What it has waited for in vain, and what follows that, stays wanted for a while.
func (w *wants) leave(r *readerWishes) {
	w.mu.Lock()
	defer w.mu.Unlock()
	unserved := r.waiting != nil && w.missing != nil && w.missing(r.waiting.first)
	for _, h := range []*wish{r.waiting, r.ahead} {
		if h == nil {
			continue
		}
		w.remove(h)
		if unserved {
			h.reason++ // the same of a reader that is gone
			h.until = w.now().Add(goneTime)
			w.add(*h)
		}
	}
	*r = readerWishes{}
	w.bound(mostGone, reasonWaited, reasonFollowed)
}

// move notes that a reader goes somewhere else, and does not want what it wanted.
func (w *wants) move(r *readerWishes) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range []*wish{r.waiting, r.ahead} {
		if h != nil {
			w.remove(h)
		}
	}
	*r = readerWishes{}
}

// raise notes that pieces of a file are wanted soon, after those that were raised before.
func (w *wants) raise(u engine.Urgency, first, last int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	until := w.now().Add(raisedTime)
	for _, h := range w.wishes {
		if h.reason == reasonRaised && h.urgency == u && h.first == first && h.last == last {
			h.until = until
			return
		}
	}
	w.add(wish{first: first, last: last, urgency: u, reason: reasonRaised, until: until})
	w.bound(mostRaised, reasonRaised)
}

// bound forgets the wishes that end first if there are too many of these reasons.
func (w *wants) bound(most int, reasons ...reason) {
	n := 0
	var oldest *wish
	for _, h := range w.wishes {
		if !slices.Contains(reasons, h.reason) {
			continue
		}
		n++
		if oldest == nil || h.until.Before(oldest.until) {
			oldest = h
		}
	}
	if n > most {
		w.remove(oldest)
		w.bound(most, reasons...)
	}
}

// complete notes that a piece is here, and wakes those who wait for it. It reports whether other pieces move up.
func (w *wants) complete(piece int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if ch := w.arrivals[piece]; ch != nil {
		close(ch)
		delete(w.arrivals, piece)
	}
	i := slices.Index(w.order, piece)
	if i < 0 {
		return false
	}
	w.order = slices.Delete(w.order, i, i+1)
	if w.cut && len(w.order) < mostOrdered/2 {
		w.stale = true
	}
	return true
}

// pending reports whether anything is wanted that is not here.
func (w *wants) pending() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.stale = w.stale || slices.ContainsFunc(w.wishes, func(h *wish) bool { return h.isOver(now) })
	return w.stale || len(w.order) > 0
}

// isOver reports whether the wish is to be forgotten.
func (h *wish) isOver(now time.Time) bool { return !h.until.IsZero() && !now.Before(h.until) }

// wake lets all who wait look again.
func (w *wants) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.arrivals {
		close(ch)
	}
	clear(w.arrivals)
}

// forget is called when the torrent enters a swarm anew, which has been told nothing.
func (w *wants) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stale = true
}

// latest returns what is wanted first now, and whether that is anything else than it was the last time.
func (w *wants) latest() (torrent.Want, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stale && w.missing != nil {
		w.sort()
		w.news = true
	}
	if !w.news {
		return torrent.Want{}, false
	}
	w.news = false
	n := 0
	for n < len(w.order) && w.urgent[w.order[n]] {
		n++
	}
	return torrent.Want{Urgent: slices.Clone(w.order[:n]), Soon: slices.Clone(w.order[n:])}, true
}

// sort makes the order anew, and forgets wishes that have ended or come true.
func (w *wants) sort() {
	now := w.now()
	w.order, w.cut, w.stale = w.order[:0], false, false
	if w.ordered == nil && len(w.wishes) > 0 {
		w.ordered, w.urgent = make(map[int]bool), make(map[int]bool)
	}
	clear(w.ordered)
	clear(w.urgent)
	kept := w.wishes[:0]
	for i, h := range w.wishes {
		if w.cut {
			kept = append(kept, w.wishes[i:]...)
			break
		}
		for h.next <= h.last && !w.missing(h.next) {
			h.next++
		}
		if h.isOver(now) || h.next > h.last && !h.until.IsZero() {
			continue
		}
		kept = append(kept, h)
		w.enter(h)
		if h.reason <= reasonWaited {
			for _, p := range w.order {
				w.urgent[p] = true
			}
		}
	}
	clear(w.wishes[len(kept):])
	w.wishes = kept
}

// enter puts the pieces of a wish at the end of the order, as far as there is room.
func (w *wants) enter(h *wish) {
	for p := h.next; p <= h.last; p++ {
		if w.ordered[p] || !w.missing(p) {
			continue
		}
		if len(w.order) == mostOrdered {
			w.cut = true
			return
		}
		w.ordered[p] = true
		w.order = append(w.order, p)
	}
}
