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

// Config says what a Follower works with; all but Log, Warn, Counter and Clock is needed.
type Config struct {
	Folder Folder
	Engine Engine
	Log    *slog.Logger
	// Warn is called with what a person should know of the lists, one line a list, whenever that has changed. May be
	// nil.
	Warn func(warnings []string)
	// Counter counts the copies of sites; nil for none, so that nobody tells.
	Counter Counter
	// LeastEvery is how often copies are counted at most, whatever an order says.
	LeastEvery time.Duration
	// Clock gives the times at which to look; nil means every other second.
	Clock <-chan time.Time
}

// lookEvery is how often the folder, the files and the sites of lists are looked at.
const lookEvery = 2 * time.Second

// retryAfter is how long after a failure it is tried again, and doubles up to retryAtMost.
const (
	retryAfter  = 10 * time.Second
	retryAtMost = 10 * time.Minute
)

// Follower carries out the orders of a folder. Run is its only goroutine.
type Follower struct {
	cfg    Config
	lists  map[string]*following // by source
	warned []string              // what Config.Warn was called with last
	counts counting
}

// following is one list that is being followed.
type following struct {
	state State
	saved State // what the file says
	list  *List // nil until it has been read in this run
	// seen is the version of the source when it was looked at last. A file that is still being written is left alone.
	seen  string
	name  string    // for people: the file's, and the title of its site
	fresh bool      // the order is new and has not been carried out
	retry time.Time // when to try again after a failure
	seq   uint64    // of the snapshot that was applied last
	// recount are sites that are to be counted out of turn, and policy is how a list that is shared was shared last.
	recount []string
	policy  Policy
}

// New makes a follower; it starts nothing.
func New(cfg Config) *Follower {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Follower{
		cfg: cfg, lists: map[string]*following{}, counts: counting{counter: cfg.Counter, least: cfg.LeastEvery},
	}
}

// Run follows lists until ctx ends, and then returns nil.
func (f *Follower) Run(ctx context.Context) error {
	clock := f.cfg.Clock
	if clock == nil {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		clock = ticker.C
	}
	defer f.counts.end()
	f.look(ctx, time.Now())
	for {
		select {
		case now := <-clock:
			f.look(ctx, now)
		case <-ctx.Done():
			return nil
		}
	}
}

// look goes once through everything.
func (f *Follower) look(ctx context.Context, now time.Time) {
	orders, err := f.cfg.Folder.Orders()
	if err != nil {
		f.cfg.Log.Warn("pin lists", "error", err)
		return
	}
	for _, o := range orders {
		f.load(o.Source)
	}
	f.counts.dropUnless(orders)
	defer f.warn()
	for _, s := range f.cfg.Folder.leftStates() {
		switch {
		case ctx.Err() != nil:
		case s.DoneAt.IsZero():
			f.end(ctx, s)
		case now.Sub(s.DoneAt).Abs() > doneFor:
			f.drop(s.Order.Source)
		}
	}
	if len(orders) == 0 {
		return
	}
	snap, err := f.snapshot(ctx)
	if err != nil {
		return // The engine is ending, and so are we.
	}
	sites := make(map[string]engine.Site, len(snap.Sites))
	for _, s := range snap.Sites {
		sites[s.Host] = s
	}
	for _, o := range orders {
		if ctx.Err() == nil {
			f.follow(ctx, o, world{sites, snap.Seq, now})
		}
	}
}

// world is what there is at one moment.
type world struct {
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

// load takes up a list where the last run left it.
func (f *Follower) load(source string) {
	if f.lists[source] != nil {
		return
	}
	state, err := f.cfg.Folder.State(source)
	if err != nil {
		f.cfg.Log.Warn("the state of a pin list is lost: what it has pinned stays pinned", "list", source, "error", err)
	}
	f.lists[source] = &following{state: state}
}

// follow reads one list if it has changed, and applies it if anything has.
func (f *Follower) follow(ctx context.Context, o Order, w world) {
	l := f.lists[o.Source]
	l.name = listName(o.Source, w.sites)
	f.counts.take(l, w)
	if !o.At.Equal(l.state.Order.At) {
		l.fresh = true
		l.state.Order, l.state.Applied, l.state.DoneAt = o, false, time.Time{}
		l.state.Failures, l.retry = 0, time.Time{}
		if o.Accept == "" { // What a person has unpinned since is ordered again.
			maps.DeleteFunc(l.state.Marks, func(host string, _ Mark) bool { return !w.sites[host].Pinned })
		}
	}
	if w.now.Before(l.retry) {
		return
	}
	changed, err := f.read(ctx, l, w)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		f.fail(l, err, w.now)
		return
	case l.list == nil:
		return
	case !o.Follow && l.namedSites() == 0:
		l.state.Error, l.state.Failures = engine.Message(NoSites(o.Source, *l.list)), 1
		f.finish(l, w.now)
		return
	}
	f.judge(l, w)
	defer f.counts.start(ctx, l, w)
	switch {
	case l.state.Held != nil && l.state.Order.Accept != "":
		return // The source is changing, and it is to be accepted as it is.
	case !changed && !l.fresh && !l.isShared() && l.state.Applied && l.state.Failures == 0 && l.seq == w.seq:
		return
	}
	l.seq, l.fresh = w.seq, false
	if err := f.apply(ctx, l, w); err != nil {
		if ctx.Err() == nil {
			f.fail(l, err, w.now)
		}
		return
	}
	l.retry = time.Time{}
	if !o.Follow && l.state.Applied && l.sizesKnown() {
		f.finish(l, w.now)
	}
}

// finish drops a list that was only to be applied once. What it has pinned stays, as if it had been pinned by hand.
func (f *Follower) finish(l *following, now time.Time) {
	source := l.state.Order.Source
	// The state goes first: without an order it would mean that the sites are to be unpinned.
	l.state.DoneAt = now
	if !f.save(l) {
		return
	}
	if err := f.cfg.Folder.Cancel(source); err != nil && engine.KindOf(err) != engine.NotFound {
		f.cfg.Log.Warn("pin list", "list", source, "error", err)
	}
	delete(f.lists, source)
}

// doneFor is how long the state of a list that was applied once is kept.
const doneFor = 5 * time.Minute

// sizesKnown reports whether nothing that a limit depends on is still to come.
func (l *following) sizesKnown() bool {
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

// fail writes down what is wrong, for `pin --lists`, and tries again later.
func (f *Follower) fail(l *following, err error, now time.Time) {
	wait := min(retryAtMost, retryAfter<<min(l.state.Failures, 10))
	l.state.Failures++
	l.retry = now.Add(wait)
	if msg := engine.Message(err); msg != l.state.Error {
		l.state.Error = msg
		f.cfg.Log.Warn("pin list", "list", l.state.Order.Source, "error", msg)
	}
	f.save(l)
}

func (f *Follower) save(l *following) bool {
	l.saved = l.state
	l.saved.Marks, l.saved.Sizes = maps.Clone(l.state.Marks), maps.Clone(l.state.Sizes)
	l.saved.Counts = maps.Clone(l.state.Counts)
	if err := f.cfg.Folder.putState(l.state); err != nil {
		f.cfg.Log.Error("the state of a pin list cannot be written", "list", l.state.Order.Source, "error", err)
		return false
	}
	return true
}
