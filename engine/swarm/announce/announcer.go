package announce

import (
	"container/heap"
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Counters are what a tracker is told of a torrent, in bytes of content.
type Counters struct {
	Uploaded, Downloaded, Left int64
}

// Torrent is what is announced. Its functions are called from many goroutines, and must not block but for Named.
type Torrent struct {
	Infohash [20]byte
	Trackers []Tracker
	Counters func() Counters
	// Lonely reports whether the torrent needs peers and has none.
	Lonely func() bool
	// Found takes the peers that a tracker named, and the address at which it was asked.
	Found func(tracker netip.Addr, peers []netip.AddrPort)
	// Counted takes the number of seeds that a tracker counts besides this client; it may be nil.
	Counted func(tracker string, seeds int)
	// Named takes the peers that a tracker named by a DNS name and a port each, unchecked. It may take its time to look
	// them up, until ctx ends.
	Named func(ctx context.Context, tracker netip.Addr, names []string)
}

// Announcer announces many torrents to many trackers, a few at a time.
type Announcer struct {
	*asker

	cancel context.CancelFunc
	wake   wake
	done   chan struct{}
	wg     sync.WaitGroup
	// stopTimeout is the constant of that name, unless a test has another one.
	stopTimeout time.Duration

	mu       sync.Mutex
	closing  bool
	torrents map[[20]byte][]*entry
	leaving  map[[20]byte][]*entry // removed, with Stopped still to be told
	trackers map[Tracker]*tracker
	due      queue
	waiting  []*entry
	running  int
}

// asker asks trackers, until ctx ends.
type asker struct {
	cfg  Config
	ctx  context.Context //nolint:containedctx // It is the announcer's life.
	http *httpClients
	// timeout is the constant of that name, unless a test has another one.
	timeout time.Duration
}

// tracker is what all torrents share of one tracker.
type tracker struct {
	Tracker
	waits    waits
	entries  int
	active   int
	failures int       // in a row, over all torrents; a refusal is none
	retry    time.Time // while it fails, nobody asks before this
	udp      udpHost
}

// wake wakes the goroutine that starts announces.
type wake chan struct{}

func (w wake) notify() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// New starts an announcer. Close ends it.
func New(cfg Config) *Announcer {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Answered == nil {
		cfg.Answered = func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	a := &Announcer{
		asker:  &asker{cfg: cfg, ctx: ctx, http: newHTTPClients(cfg.DialOwn), timeout: timeout},
		cancel: cancel, wake: make(wake, 1), done: make(chan struct{}), stopTimeout: stopTimeout,
		torrents: make(map[[20]byte][]*entry), leaving: make(map[[20]byte][]*entry), trackers: make(map[Tracker]*tracker),
	}
	go a.run()
	return a
}

// Add starts to announce a torrent. A torrent that is there already is replaced, without telling trackers Stopped.
func (a *Announcer) Add(t Torrent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closing {
		return
	}
	for _, e := range a.torrents[t.Infohash] {
		a.drop(e)
	}
	leaving := slices.Clone(a.leaving[t.Infohash]) // which overtake shortens
	entries := make([]*entry, 0, len(t.Trackers))
	for _, tr := range t.Trackers {
		e := a.enter(t, tr)
		e.after = a.overtake(leaving, e.tracker)
		entries = append(entries, e)
	}
	a.torrents[t.Infohash] = entries
}

// enter makes an entry whose first announce is due now.
func (a *Announcer) enter(t Torrent, tr Tracker) *entry {
	shared := a.trackers[tr]
	if shared == nil {
		shared = &tracker{Tracker: tr, waits: a.cfg.waitsAt(tr)}
		a.trackers[tr] = shared
	}
	shared.entries++
	e := &entry{torrent: t, tracker: shared, event: started, state: State{URL: tr.URL, Seeds: -1, Leechers: -1}}
	a.schedule(e, time.Now())
	return e
}

// Update announces a torrent to those of its trackers that it is not announced to yet, and tells Stopped to those that
// it does not have any more.
func (a *Announcer) Update(t Torrent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closing {
		return
	}
	before := a.torrents[t.Infohash]
	leaving := slices.Clone(a.leaving[t.Infohash])
	entries := make([]*entry, 0, len(t.Trackers))
	for _, tr := range t.Trackers {
		i := slices.IndexFunc(before, func(e *entry) bool { return e.tracker.Tracker == tr })
		if i >= 0 {
			entries = append(entries, before[i])
			continue
		}
		e := a.enter(t, tr)
		e.after = a.overtake(leaving, e.tracker)
		entries = append(entries, e)
	}
	a.torrents[t.Infohash] = entries
	for _, e := range before {
		if !slices.Contains(entries, e) {
			a.stop(e)
		}
	}
}

// overtake takes back a Stopped that was not told yet, or gives the entry that is just telling it: a tracker that hears
// it after Started forgets the torrent.
func (a *Announcer) overtake(leaving []*entry, t *tracker) *entry {
	for _, e := range leaving {
		if e.tracker == t && !e.gone {
			if e.running {
				return e
			}
			a.drop(e)
		}
	}
	return nil
}

// Remove ends the announcing of a torrent. Trackers that know of it are told Stopped in the background.
func (a *Announcer) Remove(infohash [20]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.torrents[infohash] {
		a.stop(e)
	}
	delete(a.torrents, infohash)
}

// stop makes Stopped an entry's last event. An announce that is on its way is followed by it.
func (a *Announcer) stop(e *entry) {
	if !e.known && !e.running {
		a.drop(e)
		return
	}
	e.event = stopped
	a.leaving[e.torrent.Infohash] = append(a.leaving[e.torrent.Infohash], e)
	if !e.running {
		a.schedule(e, time.Now())
	}
}

// drop forgets an entry, and its tracker if it was the last one.
func (a *Announcer) drop(e *entry) {
	if e.gone {
		return
	}
	e.gone = true
	hash := e.torrent.Infohash
	a.leaving[hash] = slices.DeleteFunc(a.leaving[hash], func(o *entry) bool { return o == e })
	if len(a.leaving[hash]) == 0 {
		delete(a.leaving, hash)
	}
	if e.queued {
		heap.Remove(&a.due, e.index)
	}
	if e.tracker.entries--; e.tracker.entries == 0 {
		delete(a.trackers, e.tracker.Tracker)
	}
}

// Complete tells trackers that a torrent's download has finished.
func (a *Announcer) Complete(infohash [20]byte) { a.hurry(infohash, completed) }

// Now announces a torrent again, whatever its trackers' intervals and whoever has refused it.
func (a *Announcer) Now(infohash [20]byte) { a.hurry(infohash, none) }

func (a *Announcer) hurry(infohash [20]byte, ev event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.torrents[infohash] {
		if e.event != started && ev != none {
			e.event = ev
		}
		if ev == completed && e.refusals > 0 {
			continue // nobody is in a hurry to be refused again
		}
		e.tracker.retry = time.Time{}
		e.again = e.running // what is on its way may tell what was true before
		if !e.running {
			a.schedule(e, time.Now())
		}
	}
}

// States gives what each tracker of a torrent said last, in the order in which they were added.
func (a *Announcer) States(infohash [20]byte) []State {
	a.mu.Lock()
	defer a.mu.Unlock()
	states := make([]State, 0, len(a.torrents[infohash]))
	for _, e := range a.torrents[infohash] {
		states = append(states, e.now())
	}
	return states
}

// Waiting counts the announces that are due and wait for others to end.
func (a *Announcer) Waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting)
}

// Close tells all trackers Stopped, waits for them until ctx ends, and ends all goroutines.
func (a *Announcer) Close(ctx context.Context) {
	a.mu.Lock()
	a.closing = true
	for _, entries := range a.torrents {
		for _, e := range entries {
			a.stop(e)
		}
	}
	clear(a.torrents)
	a.mu.Unlock()
	a.wake.notify()
	select {
	case <-a.done:
	case <-ctx.Done():
	}
	a.cancel()
	<-a.done
	a.wg.Wait()
	a.http.close()
}

// run starts announces when they are due. It ends when the announcer closes and the last one is done.
func (a *Announcer) run() {
	defer close(a.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		a.mu.Lock()
		a.startDue(time.Now())
		if a.closing && a.running == 0 && len(a.waiting) == 0 {
			a.mu.Unlock()
			return
		}
		wait := time.Hour
		if len(a.due) > 0 {
			wait = max(0, time.Until(a.due[0].when))
		}
		a.mu.Unlock()
		timer.Reset(wait)
		select {
		case <-a.wake:
		case <-timer.C:
		case <-a.ctx.Done():
			return
		}
	}
}

// startDue starts what is due and what waited for others to end, as far as the limits allow.
func (a *Announcer) startDue(now time.Time) {
	for len(a.due) > 0 && !a.due[0].when.After(now) {
		e := heap.Pop(&a.due).(*entry)
		e.waiting = true
		a.waiting = append(a.waiting, e)
	}
	rest := a.waiting[:0]
	for _, e := range a.waiting {
		e.waiting = false
		switch {
		case e.gone, a.closing && e.event != stopped:
		case e.event != stopped && now.Before(e.tracker.retry):
			a.schedule(e, e.tracker.afterRetry())
		case a.mayStart(e):
			a.start(e)
		default:
			e.waiting = true
			rest = append(rest, e)
		}
	}
	clear(a.waiting[len(rest):])
	a.waiting = rest
}

func (a *Announcer) mayStart(e *entry) bool {
	switch {
	case e.after != nil && e.after.running:
		return false
	case a.closing:
		return e.tracker.active < stopping
	case e.tracker.failures > 2 && e.event != stopped:
		return e.tracker.active == 0 && a.running < inAll // one at a time finds out whether it is back
	}
	return e.tracker.active < perTracker && a.running < inAll
}

func (a *Announcer) start(e *entry) {
	e.running, e.failures = true, e.tracker.failures
	e.tracker.active++
	a.running++
	ev, trackerID := e.event, e.trackerID
	a.wg.Go(func() {
		req := newRequest(e.torrent, ev)
		req.trackerID = trackerID
		limit := a.timeout
		if req.event == stopped {
			limit = a.stopTimeout
		}
		ctx, cancel := context.WithTimeout(a.ctx, limit)
		defer cancel()
		resp, err := a.announce(ctx, e.tracker, req)
		a.finish(e, req, resp, err)
	})
}

// schedule puts an entry in the queue, or moves it there. One that is due and waits for others to end has its turn then.
func (a *Announcer) schedule(e *entry, when time.Time) {
	if e.waiting {
		return
	}
	e.when = when
	if e.queued {
		heap.Fix(&a.due, e.index)
	} else {
		heap.Push(&a.due, e)
	}
	a.wake.notify()
}
