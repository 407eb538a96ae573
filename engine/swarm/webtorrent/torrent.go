package webtorrent

import (
	"errors"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// Spec is a torrent to announce. Its functions must not block, nor call back into this package.
type Spec struct {
	Infohash [20]byte
	Trackers []Tracker
	// Want returns how many more peers the torrent wants now; 0 if it is complete. It is called at each announce.
	Want func() int
	// Stats returns the numbers for trackers, in bytes of content. left is -1 while the size is unknown.
	Stats func() (uploaded, downloaded, left int64)
	// Counted is called with the number of seeds that a tracker reports besides this client; it may be nil.
	Counted func(tracker string, seeds int)
}

// Torrent is an announced torrent, from Client.Add to Drop. Its methods may be called from many goroutines and do not
// wait for the network.
type Torrent struct {
	client   *Client
	infohash [20]byte
	want     func() int
	stats    func() (uploaded, downloaded, left int64)
	counted  func(tracker string, seeds int)

	// Client.mu guards what follows.
	entries []*entry
	bad     []engine.Tracker // invalid URLs
	peers   int              // connections, including those being established
	dropped bool
}

// entry is one torrent at one tracker. Client.mu guards it.
type entry struct {
	torrent       *Torrent
	tracker       *tracker
	event         event     // of the next announce
	announced     bool      // it was announced over this connection
	running       bool      // an announce is being prepared
	removed       bool      // the torrent is not announced there any more
	urgent        bool      // the torrent wants peers and is announced first
	due           time.Time // when to announce next
	sent          time.Time // when it was announced last; zero for never
	awaitingReply bool      // no reply has arrived since

	trackerID       string
	seeds, leechers int
	complete        bool // the last announce said that it is complete
	peersFound      int  // offers and answers received since the last announce
	failure         string
	warning         string // of the last successful reply: foreign text, not clean
	refusals        int    // in a row
}

// Announce asks all trackers for peers now, at most every few seconds.
func (t *Torrent) Announce() {
	urgent := t.want() > 0
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	for _, e := range t.entries {
		e.urgent = urgent
		e.announceSoon(time.Now())
	}
}

// Update announces the torrent to new trackers, and announces Stopped to those that are not in the list any more.
// Connections with peers that were found there stay.
func (t *Torrent) Update(trackers []Tracker) {
	urgent := t.want() > 0
	uploaded, downloaded, left := t.stats()
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	if t.dropped || t.client.closed {
		return
	}
	for _, e := range t.setTrackers(trackers, urgent) {
		e.remove(uploaded, downloaded, left)
		e.endOffers()
	}
}

// Completed announces to all trackers that the download is complete.
func (t *Torrent) Completed() {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	for _, e := range t.entries {
		if e.announced && e.event == update {
			e.event = completed
		}
		e.urgent = false
		e.announceSoon(time.Now())
	}
}

// reportSeeds reports how many others seed the torrent. A tracker counts this client, too, once it was told that the
// torrent is complete here. The caller must hold Client.mu.
func (e *entry) reportSeeds() {
	if e.torrent.counted == nil || e.seeds < 0 {
		return
	}
	seeds := e.seeds
	if e.complete {
		seeds--
	}
	e.torrent.counted(e.tracker.url, max(seeds, 0))
}

// announceSoon moves the next announce to the earliest allowed time. The caller must hold Client.mu.
func (e *entry) announceSoon(now time.Time) {
	at := now
	if soonest := e.sent.Add(e.tracker.times().minGap); soonest.After(at) {
		at = soonest
	}
	if at.Before(e.due) {
		e.due = at
	}
	e.tracker.notify()
}

// Drop ends announcing and closes all connections. Trackers that know the torrent are told in the background.
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
		e.remove(uploaded, downloaded, left)
	}
	c.links.endIf(func(l *link) bool { return l.torrent == t })
}

// remove removes the torrent from the tracker, which is told if it knows the torrent. The caller must hold Client.mu.
func (e *entry) remove(uploaded, downloaded, left int64) {
	e.removed = true
	delete(e.tracker.entries, e.torrent.infohash)
	if e.announced {
		e.tracker.stoppedRequests = append(e.tracker.stoppedRequests, e.request(stopped, uploaded, downloaded, left))
	}
	e.tracker.notify()
}

// endOffers closes the links of offers that the tracker was to forward. The caller must hold Client.mu.
func (e *entry) endOffers() {
	for _, l := range e.torrent.client.links.offers {
		if l.tracker == e.tracker && l.torrent == e.torrent {
			l.end()
		}
	}
}

// request returns an announce without offers. The caller must hold Client.mu.
func (e *entry) request(ev event, uploaded, downloaded, left int64) announceRequest {
	if left < 0 {
		left = 1 // any value but 0
	}
	t := e.torrent
	return announceRequest{
		Action: "announce", InfoHash: encodeBinary(t.infohash[:]), PeerID: encodeBinary(t.client.cfg.PeerID[:]),
		TrackerID: e.trackerID,
		Event:     ev, Uploaded: uploaded, Downloaded: downloaded, Left: left, Offers: []offer{},
	}
}

// countPeerFound counts a peer that was found through a tracker. The caller must hold Client.mu.
func (t *Torrent) countPeerFound(tr *tracker) {
	if e := tr.entries[t.infohash]; e != nil {
		e.peersFound++
	}
}

// trackerID returns the id that a tracker wants in announces.
func (t *Torrent) trackerID(tr *tracker) string {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	if e := tr.entries[t.infohash]; e != nil {
		return e.trackerID
	}
	return ""
}

// Trackers returns the state of each tracker.
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

// state returns the state of the tracker for this torrent. The caller must hold Client.mu.
func (e *entry) state(now time.Time) engine.Tracker {
	s := engine.Tracker{
		URL: engine.Clean(e.tracker.url), Status: "working", Seeds: e.seeds, Leechers: e.leechers, Peers: e.peersFound,
		Last: engine.At(e.sent), Next: engine.At(e.due),
	}
	var err error
	switch {
	case e.tracker.conn == nil:
		err = e.tracker.err
		s.Next = engine.At(e.tracker.nextDial)
		if err == nil {
			s.Status = "announcing"
		}
	case e.failure != "":
		err = errors.New(e.failure)
	case e.awaitingReply && now.Sub(e.sent) > e.torrent.client.times.answer:
		err = errors.New("the tracker does not answer")
	case e.awaitingReply, e.running, e.sent.IsZero():
		s.Status = "announcing"
	}
	if err != nil {
		s.Status, s.Error = "failing", engine.Clean(cause.Describe(err))
	} else {
		s.Warning = engine.Clean(e.warning)
	}
	return s
}
