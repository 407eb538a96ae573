package fleet

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// Member is a machine of the fleet, and the engine on it.
type Member struct {
	// Name is the one that a person gave it, without "@". It is in each Ref. Only a fleet of one machine may have one
	// without a name.
	Name string
	// ReadOnly reports whether nothing may be changed there. It is only shown: the Engine itself must refuse changes.
	ReadOnly bool
	// Engine is the engine on the machine. The caller must close it after the fleet.
	Engine engine.Engine
}

const (
	// snapshotInterval is the minimum time between two snapshots without an event.
	snapshotInterval = 250 * time.Millisecond
	// firstSnapshotTimeout limits how long the first snapshot waits for members that have sent none.
	firstSnapshotTimeout = time.Second
	// minRetryDelay and maxRetryDelay limit the backoff before an engine whose watch has ended is watched again.
	minRetryDelay, maxRetryDelay = 250 * time.Millisecond, 5 * time.Second
)

// Engine is a fleet. It is safe for concurrent use.
type Engine struct {
	router

	hub    watch.Hub
	ctx    context.Context // ends with the fleet
	cancel context.CancelFunc
	wg     sync.WaitGroup
	// snapshotRequests receives requests for a snapshot now. The channel sent is closed after the snapshot.
	snapshotRequests chan chan struct{}
}

var _ engine.Engine = (*Engine)(nil)

// New returns a fleet, which watches all members until Close. There must be at least one member, and their names must
// differ.
func New(members []Member) *Engine {
	latest := &reports{list: make([]report, len(members)), notify: make(chan struct{}, 1), changed: make(chan struct{})}
	e := &Engine{router: router{members: members, reports: latest}, snapshotRequests: make(chan chan struct{})}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	for i := range members {
		e.wg.Go(func() { e.watchMember(i) })
	}
	e.wg.Go(e.publish)
	return e
}

// Close ends all watches. It does not close the members' engines.
func (e *Engine) Close() error {
	e.cancel()
	e.wg.Wait()
	e.hub.Close()
	return nil
}

// Watch implements engine.Engine. The first snapshot contains the results of all calls that have returned before.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	e.awaitPresentSnapshots(ctx)
	now := make(chan struct{})
	select {
	case e.snapshotRequests <- now:
		<-now
	case <-ctx.Done():
	case <-e.ctx.Done():
		e.hub.Close() // A closed Hub returns the error.
	}
	return e.hub.Watch(ctx)
}

// awaitPresentSnapshots waits until the present snapshots of all connected members have been stored, for
// firstSnapshotTimeout at most. Those that watchMember has stored may be older.
func (e *Engine) awaitPresentSnapshots(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstSnapshotTimeout)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	var wg sync.WaitGroup
	for i, m := range e.members {
		if !e.reports.isConnected(i) {
			continue
		}
		wg.Go(func() {
			ch, err := m.Engine.Watch(ctx)
			if err != nil {
				return
			}
			if s, ok := <-ch; ok {
				e.reports.awaitSnapshot(ctx, i, s)
			}
		})
	}
	wg.Wait()
}

// watchMember stores the snapshots of a member. When its watch ends, it is watched again, in case the engine is
// restarted.
func (e *Engine) watchMember(i int) {
	for wait := minRetryDelay; ; wait = min(2*wait, maxRetryDelay) {
		ch, err := e.members[i].Engine.Watch(e.ctx)
		if err == nil {
			for s := range ch {
				wait = minRetryDelay
				e.reports.update(i, s)
			}
			err = &engine.Error{Op: "fleet: watch", Kind: engine.Unavailable, Msg: "the wtptui there has stopped"}
		}
		if e.ctx.Err() != nil {
			return
		}
		e.reports.setAway(i, engine.Message(err))
		select {
		case <-time.After(wait):
		case <-e.ctx.Done():
			return
		}
	}
}

// publish makes all snapshots of the fleet. Before the first one it waits for a snapshot of each member, for
// firstSnapshotTimeout at most.
func (e *Engine) publish() {
	m := merger{members: e.members}
	timer := time.NewTimer(firstSnapshotTimeout)
	defer timer.Stop()
	if !e.awaitAll(timer.C) {
		return
	}
	var asked chan struct{}
	for {
		reports := e.reports.takeAll()
		for _, ev := range m.takeEvents(reports) {
			e.hub.Record(ev)
		}
		e.hub.Publish(m.snapshot(reports))
		if asked != nil {
			close(asked)
		}
		timer.Reset(snapshotInterval)
		var ok bool
		if asked, ok = e.awaitChange(timer.C); !ok {
			return
		}
	}
}

// awaitAll waits for a snapshot of each member, or for the timer. It returns false when the fleet is closed.
func (e *Engine) awaitAll(over <-chan time.Time) bool {
	for !e.reports.allReported() {
		select {
		case <-e.reports.notify:
		case <-over:
			return true
		case <-e.ctx.Done():
			return false
		}
	}
	return true
}

// awaitChange waits until there is something to publish and, unless it is urgent, until the timer fires; or until there
// is a request for a snapshot, which it returns. It returns false when the fleet is closed.
func (e *Engine) awaitChange(pause <-chan time.Time) (asked chan struct{}, ok bool) {
	for changed, over := false, false; !changed || !over && !e.reports.isUrgent(); {
		select {
		case <-e.reports.notify:
			changed = true
		case <-pause:
			over = true
		case asked := <-e.snapshotRequests:
			return asked, true
		case <-e.ctx.Done():
			return nil, false
		}
	}
	return nil, true
}
