package fake

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// Options configures an Engine.
type Options struct {
	// Seed seeds the random numbers. Engines with the same seed behave alike.
	Seed uint64
	// Start is the initial time of the engine's clock; a fixed moment when zero.
	Start time.Time
	// Scripts are the initial sites.
	Scripts []Script
	// CacheTTL is how long a site is kept after it was last opened; 30 minutes when zero.
	CacheTTL time.Duration
	// CacheLimit is how much sites that are neither pinned, own nor allowed may take, in bytes; 5 GiB when zero.
	CacheLimit int64
	// BinPeriod is for how long an evicted or removed site can be restored; a day when zero. When negative, there is no
	// bin.
	BinPeriod time.Duration
	// Enough is Status.Enough.
	Enough int
	// Schedule and Goals are Status.Schedule and Status.Goals.
	Schedule engine.Scheduled
	Goals    []engine.Goals
	// UnseededHosts lists hosts that have no peers: once added, they wait forever.
	UnseededHosts []string
	// Warnings are Status.Warnings.
	Warnings []string
	// Homes are the initial homes. The sites of those that are on are added and pinned.
	Homes []engine.Home
	// HomeTracker is the initial state of the tracker of the homes.
	HomeTracker engine.HomeTracker
	// RealisticDelays makes publishing and probing take as long as they would, in the time of the engine's clock.
	RealisticDelays bool
}

// Engine simulates the sites of its scripts. It is safe for concurrent use.
type Engine struct {
	keys

	hub             watch.Hub
	realisticDelays bool // see Options.RealisticDelays

	mu          sync.Mutex
	world       *world
	publishedAt time.Time // when the last snapshot was published, by its own clock
	closed      bool
}

// timeStep is the resolution of the simulation: Step divides longer times into parts of this length.
const timeStep = 250 * time.Millisecond

// New returns an engine whose clock stands still at opts.Start.
func New(opts Options) *Engine {
	if opts.Start.IsZero() {
		opts.Start = time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)
	}
	if opts.CacheTTL == 0 {
		opts.CacheTTL = 30 * time.Minute
	}
	if opts.BinPeriod == 0 {
		opts.BinPeriod = 24 * time.Hour
	}
	if opts.CacheLimit == 0 {
		opts.CacheLimit = 5 << 30
	}
	e := &Engine{realisticDelays: opts.RealisticDelays}
	e.keys.checkUsable = e.checkUsable
	for _, sc := range opts.Scripts {
		if sc.Key != "" {
			e.keys.add(sc.Key, opts.Start.Add(-sc.SignedAgo))
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.world = newWorld(opts, &e.hub)
	e.publish()
	return e
}

// Now returns the time of the engine's clock.
func (e *Engine) Now() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.now
}

// Close stops the engine: the channels of all watchers are closed, and every later call has Kind Unavailable.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.closed {
		e.world.notify() // Calls that wait for time to pass return.
	}
	e.closed = true
	e.mu.Unlock()
	e.hub.Close()
	return nil
}

// Watch implements engine.Engine.
func (e *Engine) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	if err := e.checkUsable(ctx, "watch"); err != nil {
		return nil, err
	}
	return e.hub.Watch(ctx)
}

// SetLimits implements engine.Engine.
func (e *Engine) SetLimits(ctx context.Context, l engine.Limits) error {
	if err := e.checkUsable(ctx, "limits"); err != nil {
		return err
	}
	l, err := l.Check()
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.world.limits.set(l)
	e.publish()
	return nil
}

// checkUsable returns an error if the engine is closed or ctx has ended.
func (e *Engine) checkUsable(ctx context.Context, op string) error {
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return &engine.Error{Op: "fake: " + op, Kind: engine.Unavailable, Msg: "the engine has stopped: start it again"}
	}
	if err := ctx.Err(); err != nil {
		return &engine.Error{Op: "fake: " + op, Kind: engine.Unavailable, Msg: "the call was interrupted", Err: err}
	}
	return nil
}

// publish sends the present state to all watchers.
func (e *Engine) publish() {
	e.publishedAt, e.world.journal.unpublished = e.world.now, false
	e.hub.Publish(e.world.snapshot())
}
