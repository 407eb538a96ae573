package torrent

import (
	"time"

	"wtptui/engine"
)

const (
	// staleConnTime is how long a connection must have been silent before a new one from the same peer replaces it.
	staleConnTime = 10 * time.Second
	// newPeerGrace is how long a new peer is not disconnected for another.
	newPeerGrace = 10 * time.Second
	// maxSeedingDials is the number of connections up to which a complete torrent dials peers.
	maxSeedingDials = 20
	// connLimitPause is how long nobody is dialed after a connection was closed because of ConnLimit.
	connLimitPause = 10 * time.Second
)

// connSlots decides which connections stay, and counts them. Mirrors take no slot.
type connSlots struct {
	peers      members
	ourID      [20]byte // our peer id
	max        int
	total      ConnLimit // may be nil
	connector  *connector
	disconnect func(*peer)
}

// countFree returns how many more connections are wanted. When seeding, that is fewer.
func (s *connSlots) countFree(seeding bool) int {
	most := s.max
	if seeding {
		most = min(most, maxSeedingDials)
	}
	return most - s.peers.count()
}

// admit reports whether one more peer may stay. It disconnects a less valuable peer if needed.
func (s *connSlots) admit(p *peer, now time.Time) bool {
	if p.via == engine.WebSeed {
		return true
	}
	for q := range s.peers {
		if q.id != p.id {
			continue
		}
		switch resolveDuplicate(s.ourID, p, q) {
		case keepOld:
			s.connector.addPeerAddr(p, q)
			return false
		case keepNew:
			s.disconnect(q)
		case keepBoth:
		}
	}
	if s.countFree(false) <= 0 {
		victim := s.peers.leastValuable(now)
		if victim == nil || victim.value(now) > 0 {
			s.connector.noteNoSlot(p)
			return false
		}
		s.disconnect(victim)
	}
	if s.total != nil && !s.total.TryAcquire() {
		s.connector.noteNoSlot(p)
		s.connector.pausedUntil = now.Add(connLimitPause)
		return false
	}
	return true
}

// release frees the slot of a peer that has disconnected.
func (s *connSlots) release(p *peer) {
	if s.total != nil && p.via != engine.WebSeed {
		s.total.Release()
	}
}

func (s *connSlots) setMax(n int) {
	s.max = n
	for now := time.Now(); s.peers.count() > max(n, 0); {
		s.disconnect(s.peers.leastValuable(now))
	}
}

// duplicate is the decision which of two connections to the same peer stay.
type duplicate uint8

const (
	keepOld duplicate = iota
	keepNew
	keepBoth
)

// resolveDuplicate decides whether p, a new connection, replaces old, a connection with the same peer id. When both
// sides have dialed each other, they agree which connection stays by comparing ids. A connection from another address
// may only pretend to be that peer and must not replace it; but a host has addresses of both families.
func resolveDuplicate(ours [20]byte, p, old *peer) duplicate {
	a, b := p.addr.Addr(), old.addr.Addr()
	weCall := string(ours[:]) > string(p.id[:])
	switch {
	case a != b && a.Is4() == b.Is4():
		return keepBoth
	case (p.origin == incoming) != (old.origin == incoming):
		if (p.origin != incoming) == weCall {
			return keepNew
		}
	case p.since.Sub(old.lastMessage) > staleConnTime:
		return keepNew
	}
	return keepOld
}

// value returns how much would be lost with a peer, 0 if it neither sends nor receives anything.
func (p *peer) value(now time.Time) int {
	switch {
	case p.interested && !p.choking:
		return 3
	case p.interestedInUs || p.interested:
		return 2
	case now.Sub(p.since) < newPeerGrace:
		return 1
	}
	return 0
}
