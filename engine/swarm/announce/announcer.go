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

// Counters holds the numbers of a torrent that trackers are told, in bytes of content.
type Counters struct {
	Uploaded, Downloaded, Left int64
}

// Torrent is a torrent to announce. Its functions are called from many goroutines. They must not block, except
// AddNamedPeers.
type Torrent struct {
	Infohash [20]byte
	Trackers []Tracker
	Counters func() Counters
	// NeedsPeers reports whether the torrent is incomplete and has no peers.
	NeedsPeers func() bool
	// AddPeers is called with the peers that a tracker returned, and the tracker's address.
	AddPeers func(tracker netip.Addr, peers []netip.AddrPort)
	// Counted is called with the number of seeds that a tracker reports besides this client; it may be nil.
	Counted func(tracker string, seeds int)
	// AddNamedPeers is called with peers that a tracker returned as host:port with a DNS name, unchecked. It may block
	// to resolve them, until ctx ends.
	AddNamedPeers func(ctx context.Context, tracker netip.Addr, names []string)
}

// Announcer announces many torrents to many trackers, a few at a time.
type Announcer struct {
	*requester

	cancel context.CancelFunc
	wake   wake
	done   chan struct{}
	wg     sync.WaitGroup
	// stopTimeout is the constant of that name, unless a test changes it.
	stopTimeout time.Duration

	mu       sync.Mutex
	closing  bool
	torrents map[[20]byte][]*entry
	leaving  map[[20]byte][]*entry // removed, but not announced as stopped yet
	trackers map[Tracker]*tracker
	due      queue
	waiting  []*entry
	running  int
}

// requester sends requests to trackers, until ctx ends.
type requester struct {
	cfg  Config
	ctx  context.Context // It is the announcer's lifetime.
	http *httpClients
	// timeout is the constant of that name, unless a test changes it.
	timeout time.Duration
}

// tracker is the state that all torrents share of one tracker.
type tracker struct {
	Tracker
	waits    waits
	entries  int
	active   int
	failures int       // in a row, of all torrents; refusals do not count
	retry    time.Time // no announce is sent before this after a failure
	udp      udpTracker
}

// wake notifies the goroutine that starts announces.
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
	if cfg.OnAnswer == nil {
		cfg.OnAnswer = func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	a := &Announcer{
		requester: &requester{cfg: cfg, ctx: ctx, http: newHTTPClients(cfg.DialOwn), timeout: timeout},
		cancel:    cancel, wake: make(wake, 1), done: make(chan struct{}), stopTimeout: stopTimeout,
		torrents: make(map[[20]byte][]*entry), leaving: make(map[[20]byte][]*entry), trackers: make(map[Tracker]*tracker),
	}
	go a.run()
	return a
}

// Add starts announcing a torrent. An earlier one with the same infohash is replaced, without announcing Stopped.
func (a *Announcer) Add(t Torrent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closing {
		return
	}
	for _, e := range a.torrents[t.Infohash] {
		a.removeEntry(e)
	}
	leaving := slices.Clone(a.leaving[t.Infohash]) // a copy, since cancelStopped shortens it
	entries := make([]*entry, 0, len(t.Trackers))
	for _, tr := range t.Trackers {
		e := a.newEntry(t, tr)
		e.waitFor = a.cancelStopped(leaving, e.tracker)
		entries = append(entries, e)
	}
	a.torrents[t.Infohash] = entries
}

// newEntry creates an entry whose first announce is due now.
func (a *Announcer) newEntry(t Torrent, tr Tracker) *entry {
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

// Update announces a torrent to trackers that it is not announced to yet, and announces Stopped to those that it does
// not have any more.
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
		e := a.newEntry(t, tr)
		e.waitFor = a.cancelStopped(leaving, e.tracker)
		entries = append(entries, e)
	}
	a.torrents[t.Infohash] = entries
	for _, e := range before {
		if !slices.Contains(entries, e) {
			a.scheduleStopped(e)
		}
	}
}

// cancelStopped cancels a pending Stopped, or returns the entry that is sending it: a tracker that receives it after
// Started forgets the torrent.
func (a *Announcer) cancelStopped(leaving []*entry, t *tracker) *entry {
	for _, e := range leaving {
		if e.tracker == t && !e.removed {
			if e.running {
				return e
			}
			a.removeEntry(e)
		}
	}
	return nil
}

// Remove stops announcing a torrent. Trackers that know it are told in the background.
func (a *Announcer) Remove(infohash [20]byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.torrents[infohash] {
		a.scheduleStopped(e)
	}
	delete(a.torrents, infohash)
}

// scheduleStopped makes Stopped the last event of an entry. It follows a running announce.
func (a *Announcer) scheduleStopped(e *entry) {
	if !e.announced && !e.running {
		a.removeEntry(e)
		return
	}
	e.event = stopped
	a.leaving[e.torrent.Infohash] = append(a.leaving[e.torrent.Infohash], e)
	if !e.running {
		a.schedule(e, time.Now())
	}
}

// removeEntry removes an entry, and its tracker if it was the last one.
func (a *Announcer) removeEntry(e *entry) {
	if e.removed {
		return
	}
	e.removed = true
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

// Complete announces that a torrent's download is complete.
func (a *Announcer) Complete(infohash [20]byte) { a.announceNow(infohash, completed) }

// Now announces a torrent at once, whatever its trackers' intervals and whichever has refused it.
func (a *Announcer) Now(infohash [20]byte) { a.announceNow(infohash, none) }

func (a *Announcer) announceNow(infohash [20]byte, ev event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range a.torrents[infohash] {
		if e.event != started && ev != none {
			e.event = ev
		}
		if ev == completed && e.refusals > 0 {
			continue // It would only be refused again.
		}
		e.tracker.retry = time.Time{}
		e.announceAgain = e.running // The running announce may have sent older numbers.
		if !e.running {
			a.schedule(e, time.Now())
		}
	}
}

// States returns the state of each tracker of a torrent, in the order in which they were added.
func (a *Announcer) States(infohash [20]byte) []State {
	a.mu.Lock()
	defer a.mu.Unlock()
	states := make([]State, 0, len(a.torrents[infohash]))
	for _, e := range a.torrents[infohash] {
		states = append(states, e.currentState())
	}
	return states
}

// Waiting counts the announces that are due and wait for others to end.
func (a *Announcer) Waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting)
}

// Close announces Stopped to all trackers, waits for that until ctx ends, and ends all goroutines.
func (a *Announcer) Close(ctx context.Context) {
	a.mu.Lock()
	a.closing = true
	for _, entries := range a.torrents {
		for _, e := range entries {
			a.scheduleStopped(e)
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

// run starts announces when they are due. It ends when the announcer is closed and the last announce has ended.
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

// startDue starts the announces that are due, as far as the limits allow.
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
		case e.removed, a.closing && e.event != stopped:
		case e.event != stopped && now.Before(e.tracker.retry):
			a.schedule(e, e.tracker.afterRetry())
		case a.canStart(e):
			a.start(e)
		default:
			e.waiting = true
			rest = append(rest, e)
		}
	}
	clear(a.waiting[len(rest):])
	a.waiting = rest
}

func (a *Announcer) canStart(e *entry) bool {
	switch {
	case e.waitFor != nil && e.waitFor.running:
		return false
	case a.closing:
		return e.tracker.active < maxStopping
	case e.tracker.failures > 2 && e.event != stopped:
		return e.tracker.active == 0 && a.running < maxRunning // One at a time, to find out whether it works again.
	}
	return e.tracker.active < maxPerTracker && a.running < maxRunning
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

// schedule queues an entry, or moves it in the queue. It does nothing if the entry is due already.
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
