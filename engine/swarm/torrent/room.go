package torrent

import (
	"time"

	"wtptui/engine"
)

const (
	// staleTwin is how long a connection must have been silent for a new one of the same peer to count instead.
	staleTwin = 10 * time.Second
	// newTime is for how long nobody is turned out who has come just now.
	newTime = 10 * time.Second
	// enoughPeers is how many connections a torrent that is complete makes of its own accord.
	enoughPeers = 20
	// crowdedTime is how long nobody is called after there was no room for somebody who had been.
	crowdedTime = 10 * time.Second
)

// places decides which connections stay, and counts them. Mirrors neither need a place nor give one.
type places struct {
	peers   members
	ours    [20]byte // the id
	max     int
	all     Room // of all torrents; may be nil
	meeting *meeting
	hangUp  func(*peer)
}

// free returns how many more connections are wanted: of somebody who lacks nothing, fewer.
func (s *places) free(seeding bool) int {
	most := s.max
	if seeding {
		most = min(most, enoughPeers)
	}
	return most - s.peers.count()
}

// take reports whether one more peer may stay, and hangs up on another if that one is of less use.
func (s *places) take(p *peer, now time.Time) bool {
	if p.via == engine.WebSeed {
		return true
	}
	for q := range s.peers {
		if q.id != p.id {
			continue
		}
		switch choose(s.ours, p, q) {
		case oldTwin:
			s.meeting.leads(p, q)
			return false
		case newTwin:
			s.hangUp(q)
		case bothTwins:
		}
	}
	if s.free(false) <= 0 {
		least := s.peers.least(now)
		if least == nil || least.worth(now) > 0 {
			s.meeting.turnedAway(p)
			return false
		}
		s.hangUp(least)
	}
	if s.all != nil && !s.all.Opened() {
		s.meeting.turnedAway(p)
		s.meeting.crowded = now.Add(crowdedTime)
		return false
	}
	return true
}

// left gives back the place of a peer that has gone.
func (s *places) left(p *peer) {
	if s.all != nil && p.via != engine.WebSeed {
		s.all.Ended()
	}
}

func (s *places) setMax(n int) {
	s.max = n
	for now := time.Now(); s.peers.count() > max(n, 0); {
		s.hangUp(s.peers.least(now))
	}
}

// twins says which of two connections to the same peer stay.
type twins uint8

const (
	oldTwin twins = iota
	newTwin
	bothTwins
)

// choose says whether a new connection is kept, of somebody with the id of a connected peer. When both sides have
// called each other they agree on who it was that called. Whoever comes from elsewhere may only pretend to be that
// peer, and must not take its place; but a host has addresses of both families.
func choose(ours [20]byte, p, old *peer) twins {
	a, b := p.addr.Addr(), old.addr.Addr()
	weCall := string(ours[:]) > string(p.id[:])
	switch {
	case a != b && a.Is4() == b.Is4():
		return bothTwins
	case (p.origin == incoming) != (old.origin == incoming):
		if (p.origin != incoming) == weCall {
			return newTwin
		}
	case p.since.Sub(old.heard) > staleTwin:
		return newTwin
	}
	return oldTwin
}

// worth is how much would be lost with a peer: nothing with one that neither gives nor takes.
func (p *peer) worth(now time.Time) int {
	switch {
	case p.interested && !p.choking:
		return 3
	case p.interestedInUs || p.interested:
		return 2
	case now.Sub(p.since) < newTime:
		return 1
	}
	return 0
}
