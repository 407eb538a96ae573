package swarm

import (
	"slices"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/torrent"
)

// wantFixture is a wants without a swarm.
type wantFixture struct {
	wantList
	at   time.Time
	here map[int]bool
	// told is what a swarm was told last.
	told torrent.Want
}

func newWantFixture() *wantFixture {
	d := &wantFixture{at: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), here: map[int]bool{}}
	d.now = func() time.Time { return d.at }
	d.setMissing(func(piece int) bool { return !d.here[piece] })
	return d
}

// notify does what the owner of a wants does.
func (d *wantFixture) notify() {
	if w, changed := d.takeUpdate(); changed {
		d.told = w
	}
}

// arrive makes a piece complete.
func (d *wantFixture) arrive(pieces ...int) {
	for _, p := range pieces {
		d.here[p] = true
		d.markComplete(p)
	}
	d.notify()
}

// waitAndAbandon waits for pieces as a reader does, and abandons the wait.
func (d *wantFixture) waitAndAbandon(u engine.Urgency, piece, last int) {
	var r readerWants
	d.waitFor(&r, u, piece, last)
	d.abandon(&r)
}

// wanted are the pieces that are not fetched like the rest, the most urgent one first.
func (d *wantFixture) wanted() []int {
	d.notify()
	return slices.DeleteFunc(slices.Concat(d.told.Urgent, d.told.Soon), func(p int) bool { return d.here[p] })
}

func (d *wantFixture) expect(t *testing.T, what string, want ...int) {
	t.Helper()
	if got := d.wanted(); !slices.Equal(got, want) {
		t.Errorf("%s: wanted are %v, want %v", what, got, want)
	}
}

// Pieces come in the order of their urgency, whichever readers requested them, and when.
func TestWantsAreInOrder(t *testing.T) {
	d := newWantFixture()
	d.raise(engine.UrgencyInView, 70, 70)
	d.raise(engine.UrgencyInView, 60, 61)
	d.raise(engine.UrgencyBlocking, 50, 50)
	d.waitAndAbandon(engine.UrgencyInView, 40, 40)
	var picture, page readerWants
	d.waitFor(&picture, engine.UrgencyInView, 30, 31)
	d.waitFor(&page, engine.UrgencyDocument, 90, 92)
	var all []int
	for {
		pieces := d.wanted()
		if len(pieces) == 0 {
			break
		}
		all = append(all, pieces[0])
		d.arrive(pieces[0])
	}
	// The picture that is waited for, the one that was, what follows the first, and what was raised, in that order.
	if want := []int{90, 91, 92, 50, 30, 40, 31, 70, 60, 61}; !slices.Equal(all, want) {
		t.Errorf("they came as %v, want %v", all, want)
	}
}

// A piece that two want has the more urgent one's place, and those that follow move up.
func TestWantsMoveUp(t *testing.T) {
	d := newWantFixture()
	d.raise(engine.UrgencyInView, 0, 9)
	d.raise(engine.UrgencyBlocking, 7, 7)
	d.expect(t, "at first", 7, 0, 1, 2, 3, 4, 5, 6, 8, 9)
	d.arrive(7)
	d.arrive(1, 3)
	d.expect(t, "after three of them", 0, 2, 4, 5, 6, 8, 9)
	d.raise(engine.UrgencyDocument, 20, 20)
	d.expect(t, "after a more urgent one", 20, 0, 2, 4, 5, 6, 8, 9)
}

// Pieces that a reader waits for are urgent, and so are pieces of a higher urgency. All others are not.
func TestUrgentWants(t *testing.T) {
	d := newWantFixture()
	d.raise(engine.UrgencyBlocking, 1, 2)
	d.raise(engine.UrgencyLink, 3, 3)
	if d.notify(); len(d.told.Urgent) > 0 || len(d.told.Soon) != 3 {
		t.Errorf("while nobody waits: %+v", d.told)
	}
	var r readerWants
	d.waitFor(&r, engine.UrgencyInView, 5, 6)
	if d.notify(); !slices.Equal(d.told.Urgent, []int{1, 2, 5}) || !slices.Equal(d.told.Soon, []int{6, 3}) {
		t.Errorf("while somebody does: %+v", d.told)
	}
}

// What was asked for in vain keeps its place while it is asked for again and again, and for a while after the last
// time.
func TestWantsOutliveTheReader(t *testing.T) {
	d := newWantFixture()
	d.waitAndAbandon(engine.UrgencyInView, 1, 1)
	d.waitAndAbandon(engine.UrgencyInView, 2, 2)
	for range 3 { // the polls of the first one
		d.at = d.at.Add(abandonedTTL - time.Second)
		d.waitAndAbandon(engine.UrgencyInView, 1, 1)
	}
	d.expect(t, "the second one is forgotten", 1)
	d.waitAndAbandon(engine.UrgencyInView, 2, 2)
	d.waitAndAbandon(engine.UrgencyInView, 1, 1)
	d.expect(t, "asking again does not cost the place", 1, 2)
	var r readerWants
	d.waitFor(&r, engine.UrgencyInView, 3, 3)
	d.expect(t, "whoever waits comes first", 3, 1, 2)
	d.arrive(3)
	d.abandon(&r)
	d.at = d.at.Add(abandonedTTL)
	d.arrive(99)
	d.waitAndAbandon(engine.UrgencyInView, 4, 4)
	d.expect(t, "all is forgotten in time", 4)
}

// What is over in time is no longer wanted although nothing arrives, and a reader that goes elsewhere wants nothing
// here.
func TestWantsExpire(t *testing.T) {
	d := newWantFixture()
	var r readerWants
	d.waitFor(&r, engine.UrgencyInView, 1, 2)
	d.waitAndAbandon(engine.UrgencyInView, 5, 5)
	d.expect(t, "at first", 1, 5, 2)
	d.cancel(&r)
	d.expect(t, "elsewhere", 5)
	if !d.hasPending() {
		t.Error("nothing is pending")
	}
	d.at = d.at.Add(abandonedTTL)
	if !d.hasPending() {
		t.Error("that it is over is not noticed")
	}
	d.expect(t, "in the end")
	if d.hasPending() {
		t.Error("something is pending")
	}
}

// A reader that got what it waited for leaves no wants behind.
func TestFinishedReaderLeavesNoWants(t *testing.T) {
	d := newWantFixture()
	var r readerWants
	d.waitFor(&r, engine.UrgencyDocument, 1, 5)
	d.arrive(1)
	d.setAhead(&r, engine.UrgencyDocument, 2, 6)
	d.expect(t, "while it reads", 2, 3, 4, 5, 6)
	d.abandon(&r)
	d.expect(t, "after it")
}

// waits reports whether a reader waits.
func (w *wantList) waits() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.set.waiters) > 0
}

func TestWantsAreBounded(t *testing.T) {
	d := newWantFixture()
	for i := range 2 * maxRaised {
		d.raise(engine.UrgencyLink, i, i)
		d.waitAndAbandon(engine.UrgencyInView, 10_000+i, 10_001+i)
		d.at = d.at.Add(time.Millisecond)
	}
	if n := len(d.set.wants); n != maxAbandoned+maxRaised {
		t.Errorf("%d wants are kept", n)
	}
	for _, h := range d.set.wants {
		if h.first < maxRaised || h.first < 10_000+2*maxRaised-maxAbandoned/2 && h.first >= 10_000 {
			t.Errorf("piece %d is remembered, and newer ones are not", h.first)
		}
	}
}

// Those who wait are woken by their piece and by wakeAll, and not by other pieces.
func TestWakeAllWakesWaiters(t *testing.T) {
	d := newWantFixture()
	var a, b readerWants
	first, second := d.waitFor(&a, 0, 1, 1), d.waitFor(&b, 0, 2, 2)
	isClosed := func(ch <-chan struct{}) bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	if d.arrive(1); !isClosed(first) || isClosed(second) {
		t.Errorf("after the first piece: %v, %v", isClosed(first), isClosed(second))
	}
	if d.wakeAll(); !isClosed(second) {
		t.Error("the second is not woken")
	}
	// A piece that was here and is damaged is wanted again.
	d.here[1] = false
	d.waitFor(&a, 0, 1, 1)
	d.expect(t, "after damage", 1, 2)
	d.told = torrent.Want{}
	d.markStale()
	d.expect(t, "in another swarm", 1, 2)
}

// BenchmarkWantsOfFastReader is what a reader costs that waits for each piece, while much else is raised.
func BenchmarkWantsOfFastReader(b *testing.B) {
	d := newWantFixture()
	for i := range 256 {
		d.raise(engine.UrgencyInView, 1<<20+i*300, 1<<20+i*300+255)
	}
	var r readerWants
	for i := range b.N {
		d.waitFor(&r, engine.UrgencyDocument, i, i+256)
		d.takeUpdate()
		d.here[i] = true
		d.markComplete(i)
		d.takeUpdate()
	}
}
