package webtorrent

import (
	"time"

	"wtptui/engine"
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
}

// Announce asks all trackers for peers now, at most every few seconds.
func (t *Torrent) Announce() {
	urgent := t.want() > 0
	t.update(func(_ *state, ts *torrentState) {
		for _, e := range ts.entries {
			e.urgent = urgent
			e.announceSoon(time.Now())
		}
	})
}

// Update announces the torrent to new trackers, and announces Stopped to those that are not in the list any more.
// Connections with peers that were found there stay.
func (t *Torrent) Update(trackers []Tracker) {
	urgent := t.want() > 0
	uploaded, downloaded, left := t.stats()
	t.update(func(s *state, ts *torrentState) {
		if s.closed {
			return
		}
		for _, e := range s.setTrackers(ts, trackers, urgent) {
			e.remove(uploaded, downloaded, left)
			s.links.endOffers(e)
		}
	})
}

// Completed announces to all trackers that the download is complete.
func (t *Torrent) Completed() {
	t.update(func(_ *state, ts *torrentState) {
		for _, e := range ts.entries {
			if e.event == noEvent { // Otherwise the tracker is still to be told that the torrent has started.
				e.event = completed
			}
			e.urgent = false
			e.announceSoon(time.Now())
		}
	})
}

// Drop ends announcing and closes all connections. Trackers that know the torrent are told in the background.
func (t *Torrent) Drop() {
	uploaded, downloaded, left := t.stats()
	t.update(func(s *state, ts *torrentState) { s.drop(ts, uploaded, downloaded, left) })
}

// Trackers returns the state of each tracker; none after Drop.
func (t *Torrent) Trackers() []engine.Tracker {
	var all []engine.Tracker
	t.update(func(_ *state, ts *torrentState) {
		now := time.Now()
		for _, e := range ts.entries {
			all = append(all, e.describe(now))
		}
		all = append(all, ts.bad...)
	})
	return all
}
