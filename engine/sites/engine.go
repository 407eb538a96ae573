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
	*asker

	cfg       Config
	hub       watch.Hub
	beats     beats
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
	e := &Engine{asker: &asker{owner: newOwner()}, cfg: cfg}
	e.publisher = &publisher{asker: e.asker, cfg: &e.cfg, busy: make(chan struct{}, 1), signing: make(chan struct{}, 1)}
	st := newState(&e.cfg, e.owner, &news{hub: &e.hub, clock: cfg.Clock, log: cfg.Logger})
	st.asker = e.asker
	e.owned, e.owner.after, e.homes, e.allowed = st, st.after, st.homes, st.torrents.allowed
	last, err := st.read()
	if err != nil {
		return nil, err
	}
	st.poll.status, st.poll.homeTracker = cfg.Swarm.Status(), cfg.homeTracker()
	st.keeping.wasOnline = st.poll.status.Online
	ticks, stop := cfg.Clock.Ticks(tick)
	joined := make(chan struct{})
	go func() {
		defer stop()
		// Time passes once everything is in place: what no site has by then is taken for what none needs.
		st.load(last)
		st.torrents.whenAtRest(func() { close(joined) })
		st.after()
		e.owner.run(ticks, func(now time.Time) {
			st.pass(now)
			e.beats.add()
		})
	}()
	<-joined
	e.owner.ask(st.panel.publish)
	return e, nil
}

// Watch implements engine.Engine.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	// Whoever has just done something sees it. An engine that is stuck gives its last snapshot.
	e.owner.askSoon(time.Second, func() {
		if e.owned.news.changed {
			e.owned.panel.publish()
		}
	})
	return e.hub.Watch(ctx)
}

// Close ends the engine: rows and totals are written, watchers' channels closed, and every goroutine has ended when it
// returns. The torrents stay joined; whoever closes the swarm client drops them.
func (e *Engine) Close() error {
	closed := true
	e.owner.ask(func() { closed, e.owned.closed = e.owned.closed, true })
	if closed {
		return nil
	}
	e.owner.stop()
	e.hub.Close()
	st := e.owned // which is ours alone by now
	if st.allVerified() {
		e.cfg.Store.DataVerified()
	}
	for t := range maps.Values(st.torrents.byHash) {
		st.scrub.keepPosition(t)
	}
	for s := range maps.Values(st.roster.here) {
		if s.inUse > 0 {
			s.touch(st.clock.Now(), st.cfg.CacheTTL)
		}
		s.count()
		s.noteCopies(st.clock.Now())
		st.journal.mark(s)
	}
	err := st.journal.finishAll()
	st.folders.finish()
	if err != nil {
		return fmt.Errorf("sites: save: %w", err)
	}
	return nil
}

// allVerified says that no data waits to be hashed, as it does for some time after an unclean exit.
func (st *state) allVerified() bool {
	return !slices.ContainsFunc(slices.Collect(maps.Values(st.torrents.byHash)), func(t *torrent) bool {
		return t.joined == nil || t.joined.Stats().Checking
	})
}
