package fleet

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// reports holds the last snapshot of each member.
type reports struct {
	notify chan struct{} // receives a value when a report has changed; capacity one

	mu      sync.Mutex
	list    []report
	changed chan struct{} // closed and replaced when a report has changed
	urgent  bool          // a report has to be published at once
	// published reports whether the fleet has published a snapshot.
	published bool
}

// report is the last snapshot of a member.
type report struct {
	last engine.Snapshot
	// reported reports whether there was a snapshot or an error. wasConnected reports whether the member has ever been
	// connected.
	reported, wasConnected bool
	// awayReason is why the member is not connected; empty if it is.
	awayReason string
	// events are those that have not been published by the fleet yet.
	events []engine.Event
}

// lateEventAge is the maximum age of the events of a machine that connects later than the others. Older ones would be
// taken for new ones.
const lateEventAge = 10 * time.Second

// update stores the newest snapshot of a member and notifies waiters.
func (r *reports) update(i int, s engine.Snapshot) {
	r.storeSnapshot(i, s)
	r.notifyAll()
}

func (r *reports) storeSnapshot(i int, s engine.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	late := !one.wasConnected && r.published
	for _, ev := range s.Events {
		if !late || s.At.Sub(ev.At) <= lateEventAge {
			one.events = append(one.events, ev)
		}
	}
	one.events = one.events[max(0, len(one.events)-watch.MaxRecentEvents):]
	r.urgent = r.urgent || len(one.events) > 0 || !one.reported || (one.awayReason == "") != (s.Status.Away == "")
	one.last, one.reported, one.awayReason = s, true, s.Status.Away
	one.wasConnected = one.wasConnected || one.awayReason == ""
}

// awaitSnapshot waits until the stored snapshot of a member is s, which another watch has received, or a later one, or
// the member is away. An engine on this machine numbers its snapshots for all watches alike. One over a connection
// numbers them for each watch, but the time of a snapshot is the same in all.
func (r *reports) awaitSnapshot(ctx context.Context, i int, s engine.Snapshot) {
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
	return one.awayReason != "" || one.last.Seq >= s.Seq && one.last.At.Sub(s.At) >= 0, r.changed
}

// setAway records that the watch of a member has ended, and why.
func (r *reports) setAway(i int, why string) {
	r.storeAway(i, why)
	r.notifyAll()
}

func (r *reports) storeAway(i int, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := &r.list[i]
	r.urgent = r.urgent || one.awayReason == ""
	one.reported, one.awayReason = true, why
}

// notifyAll notifies everybody who waits for a report to change.
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

// takeAll returns all reports and removes their events.
func (r *reports) takeAll() []report {
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

// isConnected reports whether a member has sent a snapshot and is not away.
func (r *reports) isConnected(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[i].reported && r.list[i].awayReason == ""
}

// awayReason returns why a member is not connected; empty if it is connected, or has not reported yet.
func (r *reports) awayReason(i int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list[i].awayReason
}
