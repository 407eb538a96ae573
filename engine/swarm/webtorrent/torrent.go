package webtorrent

import (
	"errors"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// Spec is a torrent to announce. Its functions must not wait, nor call back into this package.
type Spec struct {
	Infohash [20]byte
	Trackers []Tracker
	// Want is how many more peers the torrent wants now; 0 when it is complete. It is asked at each announce.
	Want func() int
	// Stats are what trackers are told, in bytes of content. Left is -1 while the size is unknown.
	Stats func() (uploaded, downloaded, left int64)
	// Counted takes the number of seeds that a tracker counts besides this client; it may be nil.
	Counted func(tracker string, seeds int)
}

// Torrent is a torrent that is announced, from Client.Add to Drop. Its methods may be called from many goroutines and do
// not wait for the network.
type Torrent struct {
	client   *Client
	infohash [20]byte
	want     func() int
	stats    func() (uploaded, downloaded, left int64)
	counted  func(tracker string, seeds int)

	// Client.mu guards what follows.
	entries []*entry
	bad     []engine.Tracker // URLs that cannot be used
	peers   int              // connections, those being made included
	dropped bool
}

// entry is a torrent at a tracker. Client.mu guards it.
type entry struct {
	torrent *Torrent
	tracker *tracker
	event   event     // to be told with the next announce
	known   bool      // the tracker has been told, in this connection
	running bool      // an announce is being prepared
	gone    bool      // the torrent is not announced there any more
	urgent  bool      // the torrent wants peers and goes first
	due     time.Time // when to announce next
	sent    time.Time // when it was announced last; zero for never
	waiting bool      // nothing has come back since

	trackerID       string
	seeds, leechers int
	complete        bool // it was announced last as complete
	met             int  // offers and answers that came since the last announce
	failure         string
	warning         string // what the last answer that was no failure complained of: foreign text, not clean
	refusals        int    // in a row
}

// Announce asks all trackers for peers now, though not more often than every few seconds.
func (t *Torrent) Announce() {
	urgent := t.want() > 0
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	for _, e := range t.entries {
		e.urgent = urgent
		e.hasten(time.Now())
	}
}

// Update announces the torrent to those of the trackers that it is not announced to yet, and tells those that are not
// among them any more that it has stopped. Connections with peers that were met there go on.
func (t *Torrent) Update(trackers []Tracker) {
	urgent := t.want() > 0
	uploaded, downloaded, left := t.stats()
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	if t.dropped || t.client.closed {
		return
	}
	for _, e := range t.enter(trackers, urgent) {
		e.leave(uploaded, downloaded, left)
		e.endOffers()
	}
}

// Completed tells all trackers that the last piece has arrived.
func (t *Torrent) Completed() {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	for _, e := range t.entries {
		if e.known && e.event == update {
			e.event = completed
		}
		e.urgent = false
		e.hasten(time.Now())
	}
}

// count tells how many others seed the torrent. The tracker counts this client, too, once it has told that it has
// everything. It is called with Client.mu held.
func (e *entry) count() {
	if e.torrent.counted == nil || e.seeds < 0 {
		return
	}
	seeds := e.seeds
	if e.complete {
		seeds--
	}
	e.torrent.counted(e.tracker.url, max(seeds, 0))
}

// hasten moves the next announce to as early as it may be. It is called with Client.mu held.
func (e *entry) hasten(now time.Time) {
	at := now
	if soonest := e.sent.Add(e.tracker.times().minGap); soonest.After(at) {
		at = soonest
	}
	if at.Before(e.due) {
		e.due = at
	}
	e.tracker.poke()
}

// Drop ends the announcing and all connections. Trackers that know of the torrent are told in the background.
func (t *Torrent) Drop() {
	uploaded, downloaded, left := t.stats()
	c := t.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.dropped {
		return
	}
	t.dropped = true
	if c.torrents[t.infohash] == t {
		delete(c.torrents, t.infohash)
	}
	for _, e := range t.entries {
		e.leave(uploaded, downloaded, left)
	}
	c.links.endIf(func(l *link) bool { return l.torrent == t })
}

// leave takes the torrent away from the tracker, which is told if it knows of it. It is called with Client.mu held.
func (e *entry) leave(uploaded, downloaded, left int64) {
	e.gone = true
	delete(e.tracker.entries, e.torrent.infohash)
	if e.known {
		e.tracker.farewells = append(e.tracker.farewells, e.request(stopped, uploaded, downloaded, left))
	}
	e.tracker.poke()
}

// endOffers ends the offers of the torrent that the tracker was to pass on. It is called with Client.mu held.
func (e *entry) endOffers() {
	for _, l := range e.torrent.client.links.offers {
		if l.tracker == e.tracker && l.torrent == e.torrent {
			l.end()
		}
	}
}

// request is what an announce says, but for its offers. It is called with Client.mu held.
func (e *entry) request(ev event, uploaded, downloaded, left int64) announceRequest {
	if left < 0 {
		left = 1 // all that matters is that it is not 0
	}
	t := e.torrent
	return announceRequest{
		Action: "announce", InfoHash: binary(t.infohash[:]), PeerID: binary(t.client.cfg.PeerID[:]), TrackerID: e.trackerID,
		Event: ev, Uploaded: uploaded, Downloaded: downloaded, Left: left, Offers: []offer{},
	}
}

// met counts a peer that a tracker helped to meet. It is called with Client.mu held.
func (t *Torrent) met(tr *tracker) {
	if e := tr.entries[t.infohash]; e != nil {
		e.met++
	}
}

// trackerID is what a tracker wants to hear again.
func (t *Torrent) trackerID(tr *tracker) string {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	if e := tr.entries[t.infohash]; e != nil {
		return e.trackerID
	}
	return ""
}

// Trackers tells how it goes with each tracker.
func (t *Torrent) Trackers() []engine.Tracker {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	now := time.Now()
	all := make([]engine.Tracker, 0, len(t.entries)+len(t.bad))
	for _, e := range t.entries {
		all = append(all, e.state(now))
	}
	return append(all, t.bad...)
}

// state is called with Client.mu held.
func (e *entry) state(now time.Time) engine.Tracker {
	s := engine.Tracker{
		URL: engine.Clean(e.tracker.url), Status: "working", Seeds: e.seeds, Leechers: e.leechers, Peers: e.met,
		Last: engine.At(e.sent), Next: engine.At(e.due),
	}
	var err error
	switch {
	case e.tracker.conn == nil:
		err = e.tracker.err
		s.Next = engine.At(e.tracker.redial)
		if err == nil {
			s.Status = "announcing"
		}
	case e.failure != "":
		err = errors.New(e.failure)
	case e.waiting && now.Sub(e.sent) > e.torrent.client.times.answer:
		err = errors.New("the tracker does not answer")
	case e.waiting, e.running, e.sent.IsZero():
		s.Status = "announcing"
	}
	if err != nil {
		s.Status, s.Error = "failing", engine.Clean(cause.Words(err))
	} else {
		s.Warning = engine.Clean(e.warning)
	}
	return s
}
