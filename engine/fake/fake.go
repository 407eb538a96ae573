package fake

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// Options says what an Engine plays.
type Options struct {
	// Seed picks one of many lives; the same seed gives the same one.
	Seed uint64
	// Start is where the engine's clock begins; a fixed moment when zero.
	Start time.Time
	// Scripts are the sites that are there from the beginning.
	Scripts []Script
	// CacheTTL is how long a site is kept after it was last opened; 30 minutes when zero.
	CacheTTL time.Duration
	// CacheLimit is how much sites that are neither pinned, own nor allowed may take, in bytes; 5 GiB when zero.
	CacheLimit int64
	// Bin is how long what is evicted or removed can be brought back; a day when zero, and below that there is no bin.
	Bin time.Duration
	// Enough is Status.Enough.
	Enough int
	// Nobody lists hosts that nobody has: added, they wait for ever.
	Nobody []string
	// Warnings are shown in the status as they are.
	Warnings []string
	// Lifelike lets publishing and probing take as long as they would: the time of Step has to pass.
	Lifelike bool
}

// Engine plays a script. It is safe for use from many goroutines.
type Engine struct {
	hub watch.Hub

	mu        sync.Mutex
	opts      Options
	now       time.Time
	start     time.Time
	published time.Time
	sites     map[string]*site
	order     []string // see hosts
	binned    map[string]binned
	limits    engine.Limits
	byLabel   []engine.Limits // see Status.LabelLimits
	dht       int
	rng       *rand.Rand
	noted     bool // an event waits to be published
	closed    bool
	folders   map[string]folder // that were published, by path
	stepped   chan struct{}     // closed and replaced whenever time passes
}

// step is the resolution of a fake life: Step plays longer times in pieces of this length.
const step = 250 * time.Millisecond

// New starts an engine whose clock stands still at opts.Start.
func New(opts Options) *Engine {
	if opts.Start.IsZero() {
		opts.Start = time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)
	}
	if opts.CacheTTL == 0 {
		opts.CacheTTL = 30 * time.Minute
	}
	if opts.Bin == 0 {
		opts.Bin = 24 * time.Hour
	}
	if opts.CacheLimit == 0 {
		opts.CacheLimit = 5 << 30
	}
	e := &Engine{
		opts:   opts,
		now:    opts.Start,
		start:  opts.Start,
		sites:  map[string]*site{},
		binned: map[string]binned{},
		rng:    rand.New(rand.NewPCG(opts.Seed, 1)),
		dht:    380,

		folders: map[string]folder{},
		stepped: make(chan struct{}),
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, sc := range opts.Scripts {
		s := e.newSite(sc)
		e.sites[s.Host] = s
		if sc.Folder != "" {
			e.folders[sc.Folder] = folder{s.Host, s.Infohash, 1, engine.PublishedFrom{
				Dir: sc.Folder, At: s.AddedAt, Keep: []string{}, LeaveOut: sc.LeftOut,
			}, nil}
		}
	}
	e.remember(opts.Scripts)
	e.live(0)
	e.publish()
	return e
}

// remember records what the scripts say was before, in the order in which it happened.
func (e *Engine) remember(scripts []Script) {
	type told struct {
		Past
		site *site
	}
	var all []told
	for _, sc := range scripts {
		for _, p := range sc.Past {
			all = append(all, told{p, e.sites[sc.Host]})
		}
	}
	slices.SortStableFunc(all, func(a, b told) int { return cmp.Compare(b.Ago, a.Ago) })
	now := e.now
	for _, p := range all {
		e.now = now.Add(-p.Ago)
		e.record(p.site, p.Kind, p.Level, "%s", p.Text)
	}
	e.now = now
}

// Now is the engine's own time.
func (e *Engine) Now() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.now
}

// Close ends the play: the channels of all watchers are closed and every later call has Kind Unavailable.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.closed {
		close(e.stepped) // whoever waits for time to pass waits in vain
		e.stepped = make(chan struct{})
	}
	e.closed = true
	e.mu.Unlock()
	e.hub.Close()
	return nil
}

// Watch implements engine.Engine.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	if err := e.usable(ctx, "watch"); err != nil {
		return nil, err
	}
	return e.hub.Watch(ctx)
}

// SetLimits implements engine.Engine.
func (e *Engine) SetLimits(ctx context.Context, l engine.Limits) error {
	if err := e.usable(ctx, "limits"); err != nil {
		return err
	}
	l, err := l.Check()
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if l.Label == "" {
		e.limits = l
	} else {
		e.byLabel = engine.WithLimits(e.byLabel, l)
	}
	e.publish()
	return nil
}

// usable refuses calls to a closed engine and calls whose time is up.
func (e *Engine) usable(ctx context.Context, op string) error {
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return &engine.Error{Op: "fake: " + op, Kind: engine.Unavailable, Msg: "the engine has stopped: start it again"}
	}
	if err := ctx.Err(); err != nil {
		return &engine.Error{Op: "fake: " + op, Kind: engine.Unavailable, Msg: "the call was given up", Err: err}
	}
	return nil
}

// record notes what happened to s (nil: to the engine) for watchers and for the site's own log.
func (e *Engine) record(s *site, kind engine.EventKind, level engine.Level, format string, args ...any) {
	ev := engine.Event{At: engine.At(e.now), Level: level, Kind: kind, Text: fmt.Sprintf(format, args...)}
	if s != nil {
		ev.Host = s.Host
	}
	ev = e.hub.Record(ev)
	if s != nil {
		s.log = append(s.log, ev)
	}
	e.noted = true
}

// hosts gives the hosts of all sites, sorted. They change seldom, and are asked for with every step.
func (e *Engine) hosts() []string {
	stale := len(e.order) != len(e.sites)
	for _, host := range e.order {
		if stale {
			break
		}
		_, there := e.sites[host]
		stale = !there
	}
	if stale {
		e.order = slices.Sorted(maps.Keys(e.sites))
	}
	return e.order
}

// publish gives all watchers the state as it is now.
func (e *Engine) publish() {
	snap := engine.Snapshot{At: engine.At(e.now), Sites: make([]engine.Site, 0, len(e.sites)), Status: e.status()}
	for _, host := range e.hosts() {
		snap.Sites = append(snap.Sites, e.sites[host].Site)
	}
	e.published, e.noted = e.now, false
	e.hub.Publish(snap)
}

func (e *Engine) status() engine.Status {
	st := engine.Status{
		Version:     "demo",
		DataDir:     "~/.local/share/wtptui",
		StartedAt:   engine.At(e.start),
		Online:      true,
		ServeURL:    serveURL,
		PeerPort:    42069,
		PortOpen:    true,
		DHTNodes:    e.dht,
		WebTrackers: 2,
		CacheLimit:  e.opts.CacheLimit,
		Bin:         e.binStatus(),
		Limits:      e.limits,
		Enough:      e.opts.Enough,
		LabelLimits: append([]engine.Limits{}, e.byLabel...),
		Trackers:    trackers(e.now, rand.New(rand.NewPCG(e.opts.Seed, 2))),
		Resolvers: []engine.Resolver{
			{URL: resolver, Last: engine.At(e.start), Took: int64(23 * time.Millisecond)},
			{URL: secondResolver, Last: engine.At(e.start), Took: int64(41 * time.Millisecond)},
		},
		Warnings: slices.Clone(e.opts.Warnings),
	}
	for _, s := range e.sites {
		st.Peers += s.Peers
		st.WebPeers += s.WebPeers
		st.DownRate += s.DownRate
		st.UpRate += s.UpRate
		if !s.Pinned && s.State != engine.Found {
			st.CacheUsed += s.Completed
		}
	}
	return st
}

// luck gives a site a random sequence of its own, so that its life does not depend on its neighbours.
func (e *Engine) luck(host string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(host))
	return rand.New(rand.NewPCG(e.opts.Seed, h.Sum64()))
}
