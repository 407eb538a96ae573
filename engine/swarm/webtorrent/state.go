package webtorrent

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// state is all of a Client that changes: its torrents, trackers and links. Client.update passes it to one function at
// a time, and nothing else reaches it.
//
// The types of the state are state, torrentState, trackerState, entry, links and linkState. Their methods only change
// fields: they neither lock nor block, nor call functions of Config or Spec. What follows from a change, such as
// starting a goroutine, they append to later. Goroutines outside the state hold a Torrent, tracker or link, whose
// fields never change, and get the matching part of the state by its update method while there is one. Those that
// prepare an announce also hold its entry, of which they read what never changes.
type state struct {
	cfg          Config
	times        *times
	trustedTimes *times // for trusted trackers
	later        *effects

	closed   bool
	torrents map[[20]byte]*torrentState
	trackers map[string]*trackerState // by normalized URL
	links    links
	counts   Counts
}

func newState(cfg Config) state {
	later := new(effects)
	return state{
		cfg: cfg, times: cfg.times, trustedTimes: cfg.times.withMinInterval(cfg.MinInterval), later: later,
		torrents: make(map[[20]byte]*torrentState), trackers: make(map[string]*trackerState),
		links: links{all: make(map[*link]*linkState), later: later},
	}
}

// effects are what has to be done in consequence of a change.
type effects struct {
	calls      []func() // are called in order when the mutex has been released; they do not block
	goroutines []func() // are run in goroutines that Close waits for
}

func (e *effects) call(f func())  { e.calls = append(e.calls, f) }
func (e *effects) start(f func()) { e.goroutines = append(e.goroutines, f) }

// update runs f, which may read and change the state, and then does what f has put into its effects.
func (c *Client) update(f func(*state)) {
	c.mu.Lock()
	f(&c.state)
	later := *c.state.later
	*c.state.later = effects{}
	for _, g := range later.goroutines {
		c.wg.Go(g) // Close does not wait yet: once it does there are no links to end, and nothing is added.
	}
	c.mu.Unlock()
	for _, call := range later.calls {
		call()
	}
}

// update runs f like Client.update, unless the torrent was dropped.
func (t *Torrent) update(f func(*state, *torrentState)) {
	t.client.update(func(s *state) {
		if ts := s.torrent(t); ts != nil {
			f(s, ts)
		}
	})
}

// update runs f like Client.update, unless the tracker was removed.
func (t *tracker) update(f func(*state, *trackerState)) {
	t.client.update(func(s *state) {
		if ts := s.trackers[t.url]; ts != nil && ts.handle == t {
			f(s, ts)
		}
	})
}

// update runs f like Client.update, unless the link has ended.
func (l *link) update(f func(*state, *linkState)) {
	l.client.update(func(s *state) {
		if ls := s.links.all[l]; ls != nil {
			f(s, ls)
		}
	})
}

// torrentState is the state of a torrent, from Client.Add to Drop.
type torrentState struct {
	handle  *Torrent
	entries []*entry
	bad     []engine.Tracker // invalid URLs
}

// torrent returns nil if the torrent was dropped.
func (s *state) torrent(handle *Torrent) *torrentState {
	if t := s.torrents[handle.infohash]; t != nil && t.handle == handle {
		return t
	}
	return nil
}

// add adds a torrent unless the client is closed. If there is one with the same infohash it is returned instead, and
// must be dropped first.
func (s *state) add(handle *Torrent, trackers []Tracker, urgent bool) (earlier *Torrent) {
	if s.closed {
		return nil
	}
	if t := s.torrents[handle.infohash]; t != nil {
		return t.handle
	}
	t := &torrentState{handle: handle}
	s.torrents[handle.infohash] = t
	s.setTrackers(t, trackers, urgent)
	return nil
}

// drop ends announcing and all links of a torrent. The other arguments are for trackers that know the torrent.
func (s *state) drop(t *torrentState, uploaded, downloaded, left int64) {
	delete(s.torrents, t.handle.infohash)
	for _, e := range t.entries {
		e.remove(uploaded, downloaded, left)
	}
	s.links.endIf(func(l *linkState) bool { return l.handle.torrent == t.handle })
}

// setTrackers adds entries for trackers that the torrent is not announced to yet, and returns the entries of trackers
// that are not in the list any more.
func (s *state) setTrackers(t *torrentState, trackers []Tracker, urgent bool) (removed []*entry) {
	foreign := 0
	before := t.entries
	t.entries, t.bad = nil, nil
	for _, spec := range trackers {
		if !spec.Trusted {
			if foreign++; foreign > maxForeign {
				continue
			}
		}
		url, err := normalURL(spec.URL)
		if err != nil {
			t.bad = append(t.bad, engine.Tracker{
				URL: engine.Clean(spec.URL), Status: "failing", Seeds: -1, Leechers: -1,
				Error: engine.Clean(cause.Describe(err)),
			})
			continue
		}
		tr := s.findOrAddTracker(t.handle.client, url, spec)
		e := tr.entries[t.handle.infohash]
		if e == nil {
			e = &entry{
				torrent: t.handle, tracker: tr, event: started, urgent: urgent, due: time.Now(), seeds: -1, leechers: -1,
			}
			tr.entries[t.handle.infohash] = e
			tr.notify()
		}
		if !slices.Contains(t.entries, e) {
			t.entries = append(t.entries, e)
		}
	}
	return slices.DeleteFunc(before, func(e *entry) bool { return slices.Contains(t.entries, e) })
}

// findOrAddTracker returns the tracker with a normalized URL, which is added and started if there is none.
func (s *state) findOrAddTracker(c *Client, url string, spec Tracker) *trackerState {
	t := s.trackers[url]
	if t == nil {
		handle := &tracker{
			client: c, url: url, own: spec.Own, wake: make(chan struct{}, 1), retry: make(chan struct{}, 1),
		}
		handle.ctx, handle.cancel = context.WithCancel(c.ctx)
		t = &trackerState{
			handle: handle, later: s.later, trusted: spec.Trusted, times: s.timesFor(spec.Trusted),
			entries: make(map[[20]byte]*entry),
		}
		s.trackers[url] = t
		s.later.start(handle.run)
	}
	if spec.Trusted && !t.trusted {
		t.trusted, t.times = true, s.trustedTimes
		s.later.call(t.handle.notifyRetry)
	}
	return t
}

// timesFor returns the intervals for trusted or other trackers.
func (s *state) timesFor(trusted bool) *times {
	if trusted {
		return s.trustedTimes
	}
	return s.times
}

// close ends all links and lets trackers end as soon as they have sent their Stopped announces.
func (s *state) close() {
	s.closed = true
	for _, t := range s.trackers {
		if t.notify(); t.conn == nil {
			s.later.call(t.handle.cancel)
		}
	}
	s.links.endIf(func(*linkState) bool { return true })
}
