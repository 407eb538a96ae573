package fake

import (
	"context"
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
	// BinPeriod is how long what is evicted or removed can be brought back; a day when zero, and below that there is no
	// bin.
	BinPeriod time.Duration
	// Enough is Status.Enough.
	Enough int
	// Schedule and Goals are Status.Schedule and Status.Goals.
	Schedule engine.Scheduled
	Goals    []engine.Goals
	// UnseededHosts lists hosts that nobody has: added, they wait for ever.
	UnseededHosts []string
	// Warnings are shown in the status as they are.
	Warnings []string
	// Homes are the domains on which sites are served to any browser, as they are when the play begins. The sites of those
	// that are on are added and pinned.
	Homes []engine.Home
	// HomeTracker is the tracker of the homes, as it is when the play begins.
	HomeTracker engine.HomeTracker
	// RealisticDelays lets publishing and probing take as long as they would: the time of Step has to pass.
	RealisticDelays bool
}

// Engine plays a script. It is safe for use from many goroutines.
type Engine struct {
	keys

	hub      watch.Hub
	lifelike bool // see Options.RealisticDelays

	mu        sync.Mutex
	world     *world
	published time.Time // when watchers were last given the state, by its own clock
	closed    bool
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
	if opts.BinPeriod == 0 {
		opts.BinPeriod = 24 * time.Hour
	}
	if opts.CacheLimit == 0 {
		opts.CacheLimit = 5 << 30
	}
	e := &Engine{lifelike: opts.RealisticDelays}
	e.keys.usable = e.usable
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

// Now is the engine's own time.
func (e *Engine) Now() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.world.now
}

// Close ends the play: the channels of all watchers are closed and every later call has Kind Unavailable.
func (e *Engine) Close() error {
	e.mu.Lock()
	if !e.closed {
		e.world.notify() // Whoever waits for time to pass waits in vain.
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
	e.world.limits.set(l)
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

// publish sends the state to all watchers as it is now.
func (e *Engine) publish() {
	e.published, e.world.journal.noted = e.world.now, false
	e.hub.Publish(e.world.snapshot())
}
