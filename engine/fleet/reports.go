package fleet

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// reports are what the members have said last, one for each.
type reports struct {
	notify chan struct{} // says that one has changed; holds one

	mu      sync.Mutex
	list    []report
	changed chan struct{} // closed and replaced when one has changed
	urgent  bool          // one has something that is to be seen at once
	// begun says that the fleet has told something already.
	begun bool
}

// report is what a member has said last.
type report struct {
	last engine.Snapshot
	// heard says that it has said something at all, and known that it has been connected.
	heard, known bool
	// away is why it is not connected; empty if it is.
	away string
	// events are those that no snapshot of the fleet has had yet.
	events []engine.Event
}

// recently is how old an event may be of a machine that connects later than the others: what was before that is
// history, and would be taken for news.
const recently = 10 * time.Second

// hear takes a snapshot of a member.
func (r *reports) hear(i int, s engine.Snapshot) {
	r.keep(i, s)
	r.wake()
}

func (r *reports) keep(i int, s engine.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	late := !one.known && r.begun
	for _, ev := range s.Events {
		if !late || s.At.Sub(ev.At) <= recently {
			one.events = append(one.events, ev)
		}
	}
	one.events = one.events[max(0, len(one.events)-watch.Recent):]
	r.urgent = r.urgent || len(one.events) > 0 || !one.heard || (one.away == "") != (s.Status.Away == "")
	one.last, one.heard, one.away = s, true, s.Status.Away
	one.known = one.known || one.away == ""
}

// await waits until a member has been heard saying a snapshot that another watch has got from it, or a later one, or
// is away. An engine on this machine counts its snapshots for all watches, one over a connection for each; but that
// makes each at a time of its own.
func (r *reports) await(ctx context.Context, i int, s engine.Snapshot) {
	for {
		heard, changed := r.hasHeard(i, s)
		if heard {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (r *reports) hasHeard(i int, s engine.Snapshot) (heard bool, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	return one.away != "" || one.last.Seq >= s.Seq && one.last.At.Sub(s.At) >= 0, r.changed
}

// lose notes that a member says nothing any more, and why.
func (r *reports) lose(i int, why string) {
	r.keepLoss(i, why)
	r.wake()
}

func (r *reports) keepLoss(i int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	r.urgent = r.urgent || one.away == ""
	one.heard, one.away = true, why
}

// wake tells everybody who waits that a report has changed.
func (r *reports) wake() {
	r.mu.Lock()
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	select {
	case r.notify <- struct{}{}:
	default:
	}
}

func (r *reports) allHeard() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if !r.list[i].heard {
			return false
		}
	}
	return true
}

func (r *reports) isUrgent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.urgent
}

// take returns what the members have said, with the events that are new.
func (r *reports) take() []report {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]report, len(r.list))
	copy(out, r.list)
	for i := range r.list {
		r.list[i].events = nil
	}
	r.urgent, r.begun = false, true
	return out
}

// connected reports whether a member has said something and is not away.
func (r *reports) connected(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[i].heard && r.list[i].away == ""
}

// awayOf says why a member is not connected; empty if it is, as far as is known.
func (r *reports) awayOf(i int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[i].away
}
