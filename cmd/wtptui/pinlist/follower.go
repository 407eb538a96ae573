package pinlist

import (
	"context"
	"log/slog"
	"maps"
	"time"

	"wtptui/engine"
)

// Engine is what a Follower needs of an engine.Engine.
type Engine interface {
	Watch(ctx context.Context) (<-chan engine.Snapshot, error)
	Add(ctx context.Context, req engine.AddRequest) (engine.Site, error)
	Do(ctx context.Context, verb engine.Verb, hosts ...string) error
}

// Config configures a Follower; all but Log, Warn, Counter and Clock are required.
type Config struct {
	Folder Folder
	Engine Engine
	Log    *slog.Logger
	// Warn is called with what a person should know of the lists, one line a list, whenever that has changed. It may
	// be nil.
	Warn func(warnings []string)
	// Counter counts the copies of sites; nil if copies are always unknown.
	Counter Counter
	// MinInterval is the minimum interval between counts, whatever an order says.
	MinInterval time.Duration
	// Clock sends the times at which to poll; nil means every pollInterval.
	Clock <-chan time.Time
}

// pollInterval is how often the folder, the files and the sites of lists are checked.
const pollInterval = 2 * time.Second

// minRetryDelay is the delay after the first failure. It doubles up to maxRetryDelay.
const (
	minRetryDelay = 10 * time.Second
	maxRetryDelay = 10 * time.Minute
)

// Follower carries out the orders of a folder. Run is its only goroutine.
type Follower struct {
	cfg          Config
	lists        map[string]*followedList // by source
	lastWarnings []string                 // the argument of the last call of Config.Warn
	counts       counting
}

// followedList is a list that is being followed.
type followedList struct {
	state      State
	savedState State // the state in the file
	contents   *List // nil until it has been read in this run
	// lastVersion is the version of the source at the last poll. A file that is still being written is not read.
	lastVersion string
	name        string    // for people: the name of the file, and the title of its site
	isNewOrder  bool      // the order has not been carried out
	retryAt     time.Time // the end of the delay after a failure
	appliedSeq  uint64    // of the snapshot that was applied last
	// recount are sites to be counted before their interval has passed. policy is the last policy of a shared list.
	recount []string
	policy  Policy
}

// New returns a follower; it starts nothing.
func New(cfg Config) *Follower {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Follower{
		cfg: cfg, lists: map[string]*followedList{}, counts: counting{counter: cfg.Counter, minInterval: cfg.MinInterval},
	}
}

// Run follows lists until ctx ends, and then returns nil.
func (f *Follower) Run(ctx context.Context) error {
	clock := f.cfg.Clock
	if clock == nil {
		ticker := time.NewTicker(pollInterval)
		defer ticker.Stop()
		clock = ticker.C
	}
	defer f.counts.cancel()
	f.poll(ctx, time.Now())
	for {
		select {
		case now := <-clock:
			f.poll(ctx, now)
		case <-ctx.Done():
			return nil
		}
	}
}

// poll updates all lists once.
func (f *Follower) poll(ctx context.Context, now time.Time) {
	orders, err := f.cfg.Folder.Orders()
	if err != nil {
		f.cfg.Log.Warn("pin lists", "error", err)
		return
	}
	for _, o := range orders {
		f.loadState(o.Source)
	}
	f.counts.cancelUnlessOrdered(orders)
	defer f.reportWarnings()
	for _, s := range f.cfg.Folder.statesWithoutOrder() {
		switch {
		case ctx.Err() != nil:
		case s.DoneAt.IsZero():
			f.unpinCancelled(ctx, s)
		case now.Sub(s.DoneAt).Abs() > doneStateTTL:
			f.removeState(s.Order.Source)
		}
	}
	if len(orders) == 0 {
		return
	}
	snap, err := f.snapshot(ctx)
	if err != nil {
		return // The engine is closing, and so is this program.
	}
	sites := make(map[string]engine.Site, len(snap.Sites))
	for _, s := range snap.Sites {
		sites[s.Host] = s
	}
	for _, o := range orders {
		if ctx.Err() == nil {
			f.update(ctx, o, engineState{sites, snap.Seq, now})
		}
	}
}

// engineState is the state of the engine at one time.
type engineState struct {
	sites map[string]engine.Site
	seq   uint64
	now   time.Time
}

func (f *Follower) snapshot(ctx context.Context) (engine.Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch, err := f.cfg.Engine.Watch(ctx)
	if err != nil {
		return engine.Snapshot{}, err
	}
	s, ok := <-ch
	if !ok {
		return s, context.Canceled
	}
	return s, nil
}

// loadState loads the state of a list from the last run.
func (f *Follower) loadState(source string) {
	if f.lists[source] != nil {
		return
	}
	state, err := f.cfg.Folder.State(source)
	if err != nil {
		f.cfg.Log.Warn("the state of a pin list is lost: what it has pinned stays pinned", "list", source, "error", err)
	}
	f.lists[source] = &followedList{state: state}
}

// update reads a list if it has changed, and applies it if anything has.
func (f *Follower) update(ctx context.Context, o Order, st engineState) {
	l := f.lists[o.Source]
	l.name = listName(o.Source, st.sites)
	f.counts.collect(l, st)
	if !o.At.Equal(l.state.Order.At) {
		l.isNewOrder = true
		l.state.Order, l.state.Applied, l.state.DoneAt = o, false, time.Time{}
		l.state.Failures, l.retryAt = 0, time.Time{}
		if o.Accept == "" { // What a person has unpinned is ordered again.
			maps.DeleteFunc(l.state.Marks, func(host string, _ Mark) bool { return !st.sites[host].Pinned })
		}
	}
	if st.now.Before(l.retryAt) {
		return
	}
	changed, err := f.readSource(ctx, l, st)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		f.recordFailure(l, err, st.now)
		return
	case l.contents == nil:
		return
	case !o.Follow && l.countNamedSites() == 0:
		l.state.Error, l.state.Failures = engine.Message(NoSitesError(o.Source, *l.contents)), 1
		f.complete(l, st.now)
		return
	}
	f.reviewReading(l, st)
	defer f.counts.start(ctx, l, st)
	switch {
	case l.state.Held != nil && l.state.Order.Accept != "":
		return // The source is changing, and the reading that was accepted cannot be applied yet.
	case !changed && !l.isNewOrder && !l.isShared() && l.state.Applied && l.state.Failures == 0 && l.appliedSeq == st.seq:
		return
	}
	l.appliedSeq, l.isNewOrder = st.seq, false
	if err := f.apply(ctx, l, st); err != nil {
		if ctx.Err() == nil {
			f.recordFailure(l, err, st.now)
		}
		return
	}
	l.retryAt = time.Time{}
	if !o.Follow && l.state.Applied && l.sizesKnown() {
		f.complete(l, st.now)
	}
}

// complete removes the order for a list that was to be applied once. What it has pinned stays, as if it had been
// pinned by hand.
func (f *Follower) complete(l *followedList, now time.Time) {
	source := l.state.Order.Source
	// The state is saved first: without an order, an unfinished state would mean that the sites are to be unpinned.
	l.state.DoneAt = now
	if !f.saveState(l) {
		return
	}
	if err := f.cfg.Folder.Cancel(source); err != nil && engine.KindOf(err) != engine.NotFound {
		f.cfg.Log.Warn("pin list", "list", source, "error", err)
	}
	delete(f.lists, source)
}

// doneStateTTL is how long the state of a list that was applied once is kept.
const doneStateTTL = 5 * time.Minute

// sizesKnown reports whether all sizes are known that the limit depends on.
func (l *followedList) sizesKnown() bool {
	if l.state.Order.MaxSize == 0 {
		return true
	}
	for host := range l.state.Marks {
		if _, known := l.state.Sizes[host]; !known {
			return false
		}
	}
	return true
}

// recordFailure stores an error, for `pin --lists`, and schedules the next attempt.
func (f *Follower) recordFailure(l *followedList, err error, now time.Time) {
	wait := min(maxRetryDelay, minRetryDelay<<min(l.state.Failures, 10))
	l.state.Failures++
	l.retryAt = now.Add(wait)
	if msg := engine.Message(err); msg != l.state.Error {
		l.state.Error = msg
		f.cfg.Log.Warn("pin list", "list", l.state.Order.Source, "error", msg)
	}
	f.saveState(l)
}

func (f *Follower) saveState(l *followedList) bool {
	l.savedState = l.state
	l.savedState.Marks, l.savedState.Sizes = maps.Clone(l.state.Marks), maps.Clone(l.state.Sizes)
	l.savedState.Counts = maps.Clone(l.state.Counts)
	if err := f.cfg.Folder.putState(l.state); err != nil {
		f.cfg.Log.Error("the state of a pin list cannot be written", "list", l.state.Order.Source, "error", err)
		return false
	}
	return true
}
