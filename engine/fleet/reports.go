package fleet

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// reports has the last snapshot of each member.
type reports struct {
	notify chan struct{} // says that one has changed; holds one

	mu      sync.Mutex
	list    []report
	changed chan struct{} // closed and replaced when one has changed
	urgent  bool          // one has something that is to be seen at once
	// published reports whether the fleet has published a snapshot.
	published bool
}

// report is the last snapshot of a member.
type report struct {
	last engine.Snapshot
	// reported reports whether there was a snapshot, or an error, and wasConnected that the member has been connected.
	reported, wasConnected bool
	// away is why it is not connected; empty if it is.
	away string
	// events are those that no snapshot of the fleet has had yet.
	events []engine.Event
}

// recently is how old an event may be of a machine that connects later than the others: what was before that is
// history, and would be taken for news.
const recently = 10 * time.Second

// update stores the newest snapshot of a member, and notifies those who wait.
func (r *reports) update(i int, s engine.Snapshot) {
	r.store(i, s)
	r.notifyAll()
}

func (r *reports) store(i int, s engine.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	late := !one.wasConnected && r.published
	for _, ev := range s.Events {
		if !late || s.At.Sub(ev.At) <= recently {
			one.events = append(one.events, ev)
		}
	}
	one.events = one.events[max(0, len(one.events)-watch.MaxRecentEvents):]
	r.urgent = r.urgent || len(one.events) > 0 || !one.reported || (one.away == "") != (s.Status.Away == "")
	one.last, one.reported, one.away = s, true, s.Status.Away
	one.wasConnected = one.wasConnected || one.away == ""
}

// await waits until a member has reported a snapshot that another watch has received from it, or a later one, or
// is away. An engine on this machine counts its snapshots for all watches, one over a connection for each; but that
// makes each at a time of its own.
func (r *reports) await(ctx context.Context, i int, s engine.Snapshot) {
	for {
		reported, changed := r.hasReported(i, s)
		if reported {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

func (r *reports) hasReported(i int, s engine.Snapshot) (reported bool, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	return one.away != "" || one.last.Seq >= s.Seq && one.last.At.Sub(s.At) >= 0, r.changed
}

// setAway notes that a member has ended its watch, and why.
func (r *reports) setAway(i int, why string) {
	r.storeAway(i, why)
	r.notifyAll()
}

func (r *reports) storeAway(i int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	r.urgent = r.urgent || one.away == ""
	one.reported, one.away = true, why
}

// notifyAll wakes everybody who waits for a report to change.
func (r *reports) notifyAll() {
	r.mu.Lock()
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	select {
	case r.notify <- struct{}{}:
	default:
	}
}

func (r *reports) allReported() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if !r.list[i].reported {
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

// take returns all reports, and removes the events from them.
func (r *reports) take() []report {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]report, len(r.list))
	copy(out, r.list)
	for i := range r.list {
		r.list[i].events = nil
	}
	r.urgent, r.published = false, true
	return out
}

// connected reports whether a member has sent a snapshot and is not away.
func (r *reports) connected(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[i].reported && r.list[i].away == ""
}

// awayOf says why a member is not connected; empty if it is, as far as is known.
func (r *reports) awayOf(i int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[i].away
}
