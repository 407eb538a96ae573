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
	// Name is what a person calls it, without "@". It is in each Ref; only a fleet of one may have one without a name.
	Name string
	// ReadOnly reports whether nothing is to be changed there. It is shown: the Engine itself refuses.
	ReadOnly bool
	// Engine stays the caller's, who closes it after the fleet.
	Engine engine.Engine
}

const (
	// interval is the least time between two snapshots without an event.
	interval = 250 * time.Millisecond
	// patience is how long the first snapshot waits for members without a snapshot.
	patience = time.Second
	// firstPause and longestPause are how long to wait before an engine that has ended its watch is watched again.
	firstPause, longestPause = 250 * time.Millisecond, 5 * time.Second
)

// Engine is a fleet. It is safe for use from many goroutines.
type Engine struct {
	router

	hub    watch.Hub
	ctx    context.Context // ends it
	cancel context.CancelFunc
	wg     sync.WaitGroup
	// flush asks for a snapshot now; what is sent is closed when there is one.
	flush chan chan struct{}
}

var _ engine.Engine = (*Engine)(nil)

// New watches all members until Close. There must be one, and their names must differ.
func New(members []Member) *Engine {
	latest := &reports{list: make([]report, len(members)), notify: make(chan struct{}, 1), changed: make(chan struct{})}
	e := &Engine{router: router{members: members, reports: latest}, flush: make(chan chan struct{})}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	for i := range members {
		e.wg.Go(func() { e.follow(i) })
	}
	e.wg.Go(e.publish)
	return e
}

// Close ends all watches. The members' engines go on.
func (e *Engine) Close() error {
	e.cancel()
	e.wg.Wait()
	e.hub.Close()
	return nil
}

// Watch implements engine.Engine. What was done before is in its first snapshot.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	e.catchUp(ctx)
	now := make(chan struct{})
	select {
	case e.flush <- now:
		<-now
	case <-ctx.Done():
	case <-e.ctx.Done():
		e.hub.Close() // It has the words for it.
	}
	return e.hub.Watch(ctx)
}

// catchUp waits until the present snapshots of all connected members have been reported, patience at most: those that
// follow has stored may be older.
func (e *Engine) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	var wg sync.WaitGroup
	for i, m := range e.members {
		if !e.reports.connected(i) {
			continue
		}
		wg.Go(func() {
			ch, err := m.Engine.Watch(ctx)
			if err != nil {
				return
			}
			if s, ok := <-ch; ok {
				e.reports.await(ctx, i, s)
			}
		})
	}
	wg.Wait()
}

// follow stores the snapshots of a member. When its watch ends, it is watched again: the engine may be back.
func (e *Engine) follow(i int) {
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		ch, err := e.members[i].Engine.Watch(e.ctx)
		if err == nil {
			for s := range ch {
				wait = firstPause
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

// publish alone makes snapshots. It waits for a snapshot of each member before the first one, patience at most.
func (e *Engine) publish() {
	m := merger{members: e.members}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	if !e.awaitAll(timer.C) {
		return
	}
	var asked chan struct{}
	for {
		reports := e.reports.take()
		for _, ev := range m.events(reports) {
			e.hub.Record(ev)
		}
		e.hub.Publish(m.snapshot(reports))
		if asked != nil {
			close(asked)
		}
		timer.Reset(interval)
		var ok bool
		if asked, ok = e.awaitChange(timer.C); !ok {
			return
		}
	}
}

// awaitAll waits for a snapshot of each member, or for the time to be over. It reports false when the fleet ends.
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

// awaitChange waits until there is something to publish, and unless it is urgent until the pause is over; or until
// somebody asks for a snapshot, who is returned. It is false when the fleet ends.
func (e *Engine) awaitChange(pause <-chan time.Time) (asked chan struct{}, ok bool) {
	for changed, over := false, false; !changed || !over && !e.reports.isUrgent(); {
		select {
		case <-e.reports.notify:
			changed = true
		case <-pause:
			over = true
		case asked := <-e.flush:
			return asked, true
		case <-e.ctx.Done():
			return nil, false
		}
	}
	return nil, true
}
