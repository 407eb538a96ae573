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

// Engine keeps sites; see the package comment. Its methods may be called from many goroutines: they ask the owner,
// which never waits, and wait themselves, each no longer than its context says.
type Engine struct {
	*stateAccess

	cfg       Config
	hub       watch.Hub
	ticks     tickCounter
	publisher *publisher
	// homes and allowed are here for Homes, which does not ask the owner for what requests need to know.
	homes   *homes
	allowed *allowList
}

var _ engine.Engine = (*Engine)(nil)

// New starts an engine with everything that the store and the data folders remember: torrents are joined, evictions
// that were under way are finished, data that a site has let go of is deleted; other data that no site is known of is
// found.
func New(cfg Config) (*Engine, error) {
	if cfg.Clock == nil {
		cfg.Clock = systemClock{}
	}
	if cfg.spread == nil {
		cfg.spread = randomTime
	}
	e := &Engine{stateAccess: &stateAccess{owner: newOwner()}, cfg: cfg}
	e.publisher = &publisher{stateAccess: e.stateAccess, cfg: &e.cfg, publishSlot: make(chan struct{}, 1), signSlot: make(chan struct{}, 1)}
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
		// Time passes once everything is in place: what no site has by then is taken for what none needs.
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
	// Whoever has just done something sees it. An engine that is stuck gives its last snapshot.
	e.owner.doWithin(time.Second, func() {
		if e.state.events.changed {
			e.state.snapshots.publish()
		}
	})
	return e.hub.Watch(ctx)
}

// Close ends the engine: rows and totals are written, watchers' channels closed, and every goroutine has ended when it
// returns. The torrents stay joined; whoever closes the swarm client drops them.
func (e *Engine) Close() error {
	closed := true
	e.owner.do(func() { closed, e.state.closed = e.state.closed, true })
	if closed {
		return nil
	}
	e.owner.stop()
	e.hub.Close()
	st := e.state // which is ours alone by now
	if st.isAllVerified() {
		e.cfg.Store.DataVerified()
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

// isAllVerified says that no data waits to be hashed, as it does for some time after an unclean exit.
func (st *state) isAllVerified() bool {
	return !slices.ContainsFunc(slices.Collect(maps.Values(st.torrents.byHash)), func(t *torrent) bool {
		return t.joined == nil || t.joined.Stats().Checking
	})
}
