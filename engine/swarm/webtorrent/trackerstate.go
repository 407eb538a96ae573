package webtorrent

import (
	"net/netip"
	"time"

	"github.com/coder/websocket"
)

// trackerState is the state of a tracker, from the first torrent that names it to the end of its goroutine.
type trackerState struct {
	handle          *tracker
	later           *effects
	trusted         bool
	times           *times              // the intervals for this tracker
	entries         map[[20]byte]*entry // by infohash
	stoppedRequests []announceRequest   // of dropped torrents
	conn            *websocket.Conn     // nil if not connected
	remoteAddr      netip.Addr          // of the last connection
	err             error               // why it is not connected
	nextDial        time.Time           // when the next attempt is due
	unusedSince     time.Time           // since when it has had no torrents, if it has none
	malformed       uint64
}

// notify makes the tracker's goroutine check for something to send.
func (t *trackerState) notify() { t.later.call(t.handle.notify) }

// setConnected records a new connection. All torrents become due: a tracker forgets those of a closed connection.
func (t *trackerState) setConnected(conn *websocket.Conn, remote netip.Addr, now time.Time) {
	t.conn, t.remoteAddr, t.err, t.nextDial = conn, remote, nil, time.Time{}
	for _, e := range t.entries {
		e.event, e.due, e.announced, e.awaitingReply = started, now, false, false
	}
}

// setDisconnected records that there is no connection. It closes the links of offers that the tracker was to forward,
// since their answers cannot arrive any more.
func (s *state) setDisconnected(t *trackerState, err error, nextDial time.Time) {
	t.conn, t.err, t.nextDial, t.stoppedRequests = nil, err, nextDial, nil
	if s.closed {
		s.later.call(t.handle.cancel) // Torrents cannot be announced as stopped any more.
	}
	s.links.endIf(func(l *linkState) bool { return l.unanswered && l.handle.tracker == t.handle })
}

// removeIfUnneeded removes the tracker if it has no torrents, and reports whether it did.
func (s *state) removeIfUnneeded(t *trackerState) bool {
	if !s.closed && len(t.entries) > 0 {
		return false
	}
	delete(s.trackers, t.handle.url)
	return true
}

// nextRequest returns the next Stopped announce to send, the next entry to announce, or else how long nothing is due;
// less than zero means for ever. pause is how long the next announce has to wait for its turn.
func (s *state) nextRequest(t *trackerState, now time.Time, pause time.Duration) (
	*announceRequest, *entry, time.Duration,
) {
	if s.closed && len(t.stoppedRequests) == 0 {
		return nil, nil, -1
	}
	if len(t.stoppedRequests) > 0 {
		if pause > 0 && !s.closed {
			return nil, nil, pause
		}
		req := t.stoppedRequests[0]
		t.stoppedRequests = t.stoppedRequests[1:]
		t.unusedSince = now
		return &req, nil, 0
	}
	if len(t.entries) == 0 {
		return nil, nil, s.times.linger - now.Sub(t.unusedSince)
	}
	t.unusedSince = now
	e := t.nextEntry(now)
	switch {
	case e == nil:
		return nil, nil, maxIdleWait
	case e.due.After(now):
		return nil, nil, e.due.Sub(now)
	case pause > 0:
		return nil, nil, pause
	}
	e.preparing = true
	return nil, e, 0
}

// nextEntry returns the entry to announce next: of those that are due the urgent ones first, then the longest due.
func (t *trackerState) nextEntry(now time.Time) *entry {
	var best *entry
	for _, e := range t.entries {
		if e.preparing {
			continue
		}
		switch {
		case best == nil:
			best = e
		case !best.due.After(now) && !e.due.After(now) && best.urgent != e.urgent:
			if e.urgent {
				best = e
			}
		case e.due.Before(best.due):
			best = e
		}
	}
	return best
}

// maxOffers returns how many offers the next announce of an entry may have if the torrent wants so many peers. A
// torrent gets at most half of the offers that are left, so that each of several gets some.
func (s *state) maxOffers(e *entry, want int) int {
	return min(
		want, maxOffersEach, s.cfg.MaxPeersEach-s.links.countPeers(e.torrent),
		(s.cfg.MaxOffers-s.links.countOffers()+1)/2,
	)
}

// handleReply handles the tracker's reply to an announce.
func (s *state) handleReply(t *trackerState, m message) {
	e := t.entries[m.infohash]
	if e == nil {
		return
	}
	waited := e.awaitingReply
	e.awaitingReply, e.failure, e.warning = false, m.failure, ""
	if m.failure != "" {
		if waited {
			s.handleRefusal(e)
		}
		return
	}
	e.refusals, e.warning = 0, m.warning
	if m.trackerID != "" && len(m.trackerID) <= maxOfferID {
		e.trackerID = m.trackerID
	}
	if m.seeds >= 0 || m.leechers >= 0 {
		e.seeds, e.leechers = m.seeds, m.leechers
		e.reportSeeds()
	}
	interval := t.times.silentInterval
	if m.interval > 0 {
		interval = m.interval
	}
	e.scheduleAfter(max(t.times.minInterval, min(jitter(interval), t.times.maxInterval)))
}

// handleRefusal handles a refusal of the torrent. It concerns this torrent alone: it waits longer each time, and its
// offers, which nobody receives, do not count against those of others.
func (s *state) handleRefusal(e *entry) {
	times := e.tracker.times
	e.scheduleAfter(jitter(min(times.minInterval<<min(e.refusals, 16), times.refusedMax)))
	e.refusals++
	s.links.endOffers(e)
}

// countPeerFound counts a peer of a torrent that was found through the tracker.
func (t *trackerState) countPeerFound(infohash [20]byte) {
	if e := t.entries[infohash]; e != nil {
		e.peersFound++
	}
}

// trackerID returns the id that the tracker wants in announces of a torrent.
func (t *trackerState) trackerID(infohash [20]byte) string {
	if e := t.entries[infohash]; e != nil {
		return e.trackerID
	}
	return ""
}
