package webtorrent

import (
	"bytes"
	"time"

	"github.com/pion/webrtc/v4"
)

// links holds all peer connections, a part of the state, and decides which may exist: at most one for each peer of a
// torrent, and a limited number of our offers without an answer.
type links struct {
	all   map[*link]*linkState
	later *effects
}

// linkState is the state of a link, from the offer, ours or the peer's, to its end.
type linkState struct {
	handle       *link
	unanswered   bool     // an offer of ours without an answer
	peer         [20]byte // zero while it is unanswered
	pc           *webrtc.PeerConnection
	opened       bool        // the channel has opened
	conn         *Conn       // of the open channel
	timer        *time.Timer // closes the link unless it makes progress
	disconnected bool        // nothing has arrived from the peer for some seconds
}

// offer returns our unanswered offer with that id, or nil.
func (ls *links) offer(id string) *linkState {
	for _, l := range ls.all {
		if l.unanswered && l.handle.offerID == id {
			return l
		}
	}
	return nil
}

// peer returns the link to a peer of a torrent, or nil.
func (ls *links) peer(infohash, peer [20]byte) *linkState {
	for _, l := range ls.all {
		if !l.unanswered && l.peer == peer && l.handle.torrent.infohash == infohash {
			return l
		}
	}
	return nil
}

// countOffers returns how many of our offers are unanswered.
func (ls *links) countOffers() int {
	return ls.count(func(l *linkState) bool { return l.unanswered })
}

// countPeers returns how many links a torrent has, besides our unanswered offers.
func (ls *links) countPeers(t *Torrent) int {
	return ls.count(func(l *linkState) bool { return !l.unanswered && l.handle.torrent == t })
}

func (ls *links) count(match func(*linkState) bool) int {
	n := 0
	for _, l := range ls.all {
		if match(l) {
			n++
		}
	}
	return n
}

// end ends a link. Its connections are closed in a goroutine, since pion takes its time.
func (ls *links) end(l *linkState) {
	delete(ls.all, l.handle)
	l.timer.Stop()
	conn, pc := l.conn, l.pc
	ls.later.start(func() {
		if conn != nil {
			_ = conn.Close()
		}
		if pc != nil {
			_ = pc.GracefulClose()
		}
	})
}

// endIf ends all links that match.
func (ls *links) endIf(match func(*linkState) bool) {
	for _, l := range ls.all {
		if match(l) {
			ls.end(l)
		}
	}
}

// endOffers ends the links of offers that a tracker was to forward to peers of a torrent.
func (ls *links) endOffers(e *entry) {
	ls.endIf(func(l *linkState) bool {
		return l.unanswered && l.handle.tracker == e.tracker.handle && l.handle.torrent == e.torrent
	})
}

// allowPeer reports whether the torrent may have one more peer. It may end the link that has been idle longest.
func (ls *links) allowPeer(cfg Config, t *Torrent, idle time.Duration) bool {
	switch {
	case ls.countPeers(t) >= cfg.MaxPeersEach:
		return ls.evictIdle(idle, func(l *linkState) bool { return l.handle.torrent == t })
	case len(ls.all)-ls.countOffers() >= cfg.MaxPeers:
		return ls.evictIdle(idle, func(*linkState) bool { return true })
	}
	return true
}

// evictIdle ends the candidate that has been idle longest, if that is at least idle. It reports whether there was one.
func (ls *links) evictIdle(idle time.Duration, candidate func(*linkState) bool) bool {
	var victim *linkState
	for _, l := range ls.all {
		if l.conn == nil || !candidate(l) {
			continue
		}
		if victim == nil || l.conn.idleSince().Before(victim.conn.idleSince()) {
			victim = l
		}
	}
	if victim == nil || time.Since(victim.conn.idleSince()) < idle {
		return false
	}
	ls.end(victim)
	return true
}

// addOffer adds a link for an offer of ours in an announce of e. It reports false if there are enough, or if the
// torrent is not announced there any more.
func (s *state) addOffer(handle *link, e *entry) bool {
	if s.closed || e.removed || s.links.countOffers() >= s.cfg.MaxOffers {
		return false
	}
	s.links.all[handle] = &linkState{
		handle: handle, unanswered: true, timer: time.AfterFunc(s.times.unanswered, handle.expire),
	}
	return true
}

// handleOffer answers a peer's offer unless there is a reason not to. connected reports that the peer is connected in
// some other way.
func (s *state) handleOffer(t *trackerState, m message, connected bool) {
	tor := s.torrents[m.infohash]
	old := s.links.peer(m.infohash, m.peerID)
	switch {
	case s.closed || tor == nil:
		return
	case connected || old != nil && !old.disconnected:
		s.counts.Duplicates++
		return
	}
	if old != nil {
		s.links.end(old)
	}
	if !s.links.allowPeer(s.cfg, tor.handle, s.times.idle) {
		s.counts.Refused++
		return
	}
	l := &link{client: tor.handle.client, torrent: tor.handle, tracker: t.handle, offerID: m.offerID}
	s.links.all[l] = &linkState{handle: l, peer: m.peerID, timer: time.AfterFunc(s.times.open, l.expire)}
	t.countPeerFound(m.infohash)
	origin, trackerID := t.remoteAddr, t.trackerID(m.infohash)
	s.later.start(func() { l.answer(m, origin, trackerID) })
}

// handleAnswer continues with an offer of ours that a peer has answered. connected reports that the peer is connected
// in some other way.
func (s *state) handleAnswer(t *trackerState, m message, connected bool) {
	l := s.links.offer(m.offerID)
	expected := l != nil && l.handle.tracker == t.handle && l.handle.torrent.infohash == m.infohash
	if !expected || l.pc == nil || m.peerID == s.cfg.PeerID {
		s.counts.Stray++
		return
	}
	old := s.links.peer(m.infohash, m.peerID)
	switch {
	case connected, old != nil && !old.disconnected && !s.yieldsTo(old):
		s.counts.Duplicates++
		s.links.end(l)
		return
	case old != nil:
		s.links.end(old)
	}
	if !s.links.allowPeer(s.cfg, l.handle.torrent, s.times.idle) {
		s.counts.Refused++
		s.links.end(l)
		return
	}
	l.unanswered, l.peer = false, m.peerID
	l.timer.Reset(s.times.open)
	t.countPeerFound(m.infohash)
	origin, pc := t.remoteAddr, l.pc
	l.pc = nil // until it has been applied
	s.later.start(func() { l.handle.accept(pc, m.answer, origin) })
}

// yieldsTo reports whether a link that is being created gives way to the peer's answer to our offer: both sides have
// answered each other's offers.
func (s *state) yieldsTo(old *linkState) bool {
	return !old.handle.offered && old.conn == nil && keepOurs(s.cfg.PeerID, old.peer)
}

// expireLink ends a link that has made no progress in time.
func (s *state) expireLink(l *linkState) {
	switch {
	case l.conn != nil:
		return
	case l.unanswered:
		s.counts.Unanswered++
	default:
		s.counts.Unconnected++
	}
	s.links.end(l)
}

// keepOurs decides which of two connections stays when we and a peer have answered each other's offers at the same
// time. Both sides must decide the same. WebTorrent itself (its ids begin with "-WW") drops its own offer when it
// answers another's; between others the offer of the larger id stays.
func keepOurs(ours, theirs [20]byte) bool {
	return bytes.HasPrefix(theirs[:], []byte("-WW")) || bytes.Compare(ours[:], theirs[:]) > 0
}
