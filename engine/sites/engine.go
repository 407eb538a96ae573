package sites

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/engine/watch"
	"wtptui/store"
)

// Engine keeps sites; see the package comment.
type Engine struct {
	cfg   Config
	hub   watch.Hub
	start time.Time

	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup // the loop, and everything that waits for the network

	// membership is held while torrents are joined, dropped and deleted; it is taken before mu.
	membership sync.Mutex
	// writing is held while rows are written, so that an older row never overwrites a newer one; taken before mu.
	writing sync.Mutex

	removals removals
	beats    beats

	mu        sync.Mutex
	closed    bool
	sites     map[string]*site             // by host
	evicted   map[string]*site             // by host: out of the swarm, data still there, until the undo period ends
	torrents  map[string]*torrent          // by infohash
	published map[string]store.Publication // the folders that are sites, by host
	unsaved   map[string]struct{}          // hosts whose rows have changed since they were written
	unkept    map[*torrent]struct{}        // those whose list of files could not be written
	limits    engine.Limits
	status    swarm.Status
	// trackers and resolvers are asked for with status; trackers is changed by the loop alone.
	trackers  []engine.Tracker
	resolvers []engine.Resolver
	changed   bool // something shown has changed since the last snapshot
	schedule  schedule
	// publishing lets one folder at a time become a site.
	publishing chan struct{}
}

var _ engine.Engine = (*Engine)(nil)

// New starts an engine with everything that the store remembers: torrents are joined, evictions that were under way
// are finished, data that belongs to no site any more is deleted.
func New(cfg Config) (*Engine, error) {
	if cfg.Clock == nil {
		cfg.Clock = systemClock{}
	}
	e := &Engine{
		cfg:       cfg,
		start:     cfg.Clock.Now(),
		sites:     map[string]*site{},
		evicted:   map[string]*site{},
		torrents:  map[string]*torrent{},
		unsaved:   map[string]struct{}{},
		unkept:    map[*torrent]struct{}{},
		published: map[string]store.Publication{}, publishing: make(chan struct{}, 1),
		status: cfg.Swarm.Status(),
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	if err := e.restoreLimits(); err != nil {
		return nil, err
	}
	if err := e.removals.load(cfg.Store); err != nil {
		return nil, err
	}
	rows, err := cfg.Store.Sites()
	if err != nil {
		return nil, fmt.Errorf("sites: load: %w", err)
	}
	if err := e.loadPublished(); err != nil {
		return nil, err
	}
	e.load(rows)
	e.sweep()
	ticks, stop := cfg.Clock.Ticks(tick)
	e.publish()
	e.tasks.Go(func() {
		defer stop()
		e.loop(ticks)
	})
	return e, nil
}

// load puts the rows in place and joins their torrents.
func (e *Engine) load(rows []store.Site) {
	for _, row := range rows {
		s := newSite(row, e.cfg.LocalRoot)
		s.saved = row.Infohash
		if !row.EvictedAt.IsZero() {
			e.evicted[row.Host] = s
			continue
		}
		e.sites[row.Host] = s
	}
	for _, s := range e.sites {
		e.enter(s)
	}
}

// sweep deletes what a crash between two steps of a removal left behind. Where the database has been replaced it only says
// what it would delete.
func (e *Engine) sweep() {
	known, err := e.cfg.Store.Torrents()
	if err != nil {
		e.cfg.Logger.Warn("sites: look for leftovers", "err", err)
	}
	folders, err := e.cfg.Swarm.Folders()
	if err != nil {
		e.cfg.Logger.Warn("sites: look for leftovers", "err", err)
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(known, folders...))))
	if e.cfg.Restored {
		if left := slices.DeleteFunc(all, e.wanted); len(left) > 0 {
			e.cfg.Logger.Warn("sites: the database knows no site of which there is data", "infohashes", left)
			e.cfg.Warnings = append(slices.Clone(e.cfg.Warnings), fmt.Sprintf(
				"there is data of %d sites that the database does not know; the next start deletes it. Add them again: %s",
				len(left), strings.Join(left[:min(len(left), 3)], ", ")))
		}
		return
	}
	e.membership.Lock()
	defer e.membership.Unlock()
	for _, infohash := range all {
		e.deleteData(infohash)
	}
}

// Watch implements engine.Engine.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) { return e.hub.Watch(ctx) }

// Close ends the engine: rows and totals are written, watchers' channels closed, and every goroutine has ended when it
// returns. The torrents stay joined; whoever closes the swarm client drops them.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	e.mu.Unlock()
	e.cancel()
	e.tasks.Wait()
	e.hub.Close()
	e.mu.Lock()
	for host, s := range e.sites {
		s.count()
		e.unsaved[host] = struct{}{}
	}
	e.mu.Unlock()
	if e.allVerified() {
		e.cfg.Store.DataVerified()
	}
	return e.save()
}

// allVerified says that no data waits to be hashed, as it does for some time after an unclean exit.
func (e *Engine) allVerified() bool {
	e.mu.Lock()
	joined := slices.Collect(maps.Values(e.torrents))
	e.mu.Unlock()
	return !slices.ContainsFunc(joined, func(t *torrent) bool { return t.Stats().Checking })
}

// find gives the site, or an error that says that there is none. mu must be held.
func (e *Engine) find(op, host string) (*site, error) {
	if e.closed {
		return nil, &engine.Error{Op: op, Kind: engine.Unavailable, Msg: "the engine is stopping: start it again"}
	}
	s := e.sites[host]
	if s == nil {
		return nil, &engine.Error{Op: op, Host: host, Kind: engine.NotFound, Msg: "there is no such site here: add it first"}
	}
	return s, nil
}

// save writes all rows that have changed.
func (e *Engine) save() error {
	e.writing.Lock()
	defer e.writing.Unlock()
	e.mu.Lock()
	var rows []store.Site
	for host := range e.unsaved {
		if s := e.siteOrEvicted(host); s != nil {
			rows = append(rows, s.row)
		}
	}
	clear(e.unsaved)
	e.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	if err := e.cfg.Store.PutSites(rows...); err != nil {
		e.mu.Lock()
		for _, row := range rows {
			e.unsaved[row.Host] = struct{}{}
		}
		e.mu.Unlock()
		return fmt.Errorf("sites: save: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, row := range rows {
		if s := e.siteOrEvicted(row.Host); s != nil && s.saved != row.Infohash {
			s.saved = row.Infohash
			e.changed = true
		}
	}
	return nil
}

func (e *Engine) siteOrEvicted(host string) *site {
	if s := e.sites[host]; s != nil {
		return s
	}
	return e.evicted[host]
}

// goTask runs f in a goroutine that Close waits for; f must end when e.ctx does. mu may be held.
func (e *Engine) goTask(f func()) {
	if e.ctx.Err() == nil {
		e.tasks.Go(f)
	}
}
