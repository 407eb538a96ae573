package sites

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// Engine implements engine.Engine; see the package comment. Its methods may be called from many goroutines. They have
// the owner run functions that never wait, and wait themselves, no longer than their contexts allow.
type Engine struct {
	*stateAccess

	cfg       Config
	hub       watch.Hub
	ticks     tickCounter
	publisher *publisher
	// homes and allowed are read by Homes without asking the owner, for each request.
	homes   *homes
	allowed *allowList
}

var _ engine.Engine = (*Engine)(nil)

// New starts an engine with everything that the store and the data folders remember: torrents are joined, evictions
// that were under way are finished, released data is deleted, and data that belongs to no known site becomes a found
// site.
func New(cfg Config) (*Engine, error) {
	if cfg.Clock == nil {
		cfg.Clock = systemClock{}
	}
	if cfg.spread == nil {
		cfg.spread = randomTime
	}
	e := &Engine{stateAccess: &stateAccess{owner: newOwner()}, cfg: cfg}
	e.publisher = &publisher{
		stateAccess: e.stateAccess, cfg: &e.cfg,
		publishSlot: make(chan struct{}, 1), signSlot: make(chan struct{}, 1),
	}
	st := newState(&e.cfg, e.owner, &eventLog{hub: &e.hub, clock: cfg.Clock, log: cfg.Logger})
	st.stateAccess = e.stateAccess
	e.state, e.owner.afterEach, e.homes, e.allowed = st, st.finishCall, st.homes, st.torrents.allowed
	last, err := st.loadStored()
	if err != nil {
		return nil, err
	}
	st.poll.status, st.poll.homeTracker = cfg.Swarm.Status(), cfg.homeTracker()
	st.republisher.wasOnline = st.poll.status.Online
	ticks, stop := cfg.Clock.Ticks(tickInterval)
	joined := make(chan struct{})
	go func() {
		defer stop()
		// Ticks start once everything is in place, since data that no site uses then is considered unneeded.
		st.load(last)
		st.torrents.whenIdle(func() { close(joined) })
		st.finishCall()
		e.owner.run(ticks, func(now time.Time) {
			st.onTick(now)
			e.ticks.add()
		})
	}()
	<-joined
	e.owner.do(st.snapshots.publish)
	return e, nil
}

// Watch implements engine.Engine.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	// The first snapshot shows what its watcher has just done. If the engine is stuck, it is the last one.
	e.owner.doWithin(time.Second, func() {
		if e.state.events.changed {
			e.state.snapshots.publish()
		}
	})
	return e.hub.Watch(ctx)
}

// Close ends the engine. When it returns, rows and totals are written, watchers' channels are closed, and every
// goroutine has ended. The torrents stay joined; the caller must close the swarm client to drop them.
func (e *Engine) Close() error {
	closed := true
	e.owner.do(func() { closed, e.state.closed = e.state.closed, true })
	if closed {
		return nil
	}
	e.owner.stop()
	e.hub.Close()
	st := e.state // the owner has ended, so nothing else touches it
	if st.isAllVerified() {
		e.cfg.Store.MarkDataVerified()
	}
	for t := range maps.Values(st.torrents.byHash) {
		st.scrub.savePosition(t)
	}
	for s := range maps.Values(st.roster.here) {
		if s.inUse > 0 {
			s.touch(st.clock.Now(), st.cfg.CacheTTL)
		}
		s.countTransferred()
		s.updateCopies(st.clock.Now())
		st.journal.markDirty(s)
	}
	err := st.journal.flushAll()
	st.folders.finish()
	if err != nil {
		return fmt.Errorf("sites: save: %w", err)
	}
	return nil
}

// isAllVerified reports whether no data waits to be hashed, as it does for some time after an unclean exit.
func (st *state) isAllVerified() bool {
	return !slices.ContainsFunc(slices.Collect(maps.Values(st.torrents.byHash)), func(t *torrent) bool {
		return t.joined == nil || t.joined.Stats().Checking
	})
}
