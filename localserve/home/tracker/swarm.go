package tracker

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"wtptui/localserve/places"
)

// mostOfSwarm is how many peers of one swarm may have the same address: the others of a big network call, and are not
// called.
const mostOfSwarm = 16

// swarm is who has a torrent. swarms.mu guards it.
type swarm struct {
	infohash [20]byte
	peers    *places.Bounds     // of all swarms
	from     map[netip.Addr]int // by network

	callable []peer
	byAddr   map[netip.AddrPort]int // where in callable
	web      []*webPeer
	byID     map[[20]byte]*webPeer // in web, and ownWeb
	// own and ownWeb are this process's own engine, if it is in the swarm.
	own    *peer
	ownWeb *webPeer

	seeds, webSeeds int // own included
	// completed is how many peers have said that they have got everything.
	completed int
}

func newSwarm(infohash [20]byte, peers *places.Bounds) *swarm {
	return &swarm{
		infohash: infohash, peers: peers, from: map[netip.Addr]int{},
		byAddr: map[netip.AddrPort]int{}, byID: map[[20]byte]*webPeer{},
	}
}

func (s *swarm) isEmpty() bool { return s.own == nil && len(s.callable) == 0 && len(s.byID) == 0 }

// take takes a place for one more peer of a network.
func (s *swarm) take(network netip.Addr) bool {
	if s.from[network] >= mostOfSwarm || !s.peers.Acquire(network, 1) {
		return false
	}
	s.from[network]++
	return true
}

func (s *swarm) give(network netip.Addr) {
	s.peers.Release(network, 1)
	if s.from[network]--; s.from[network] == 0 {
		delete(s.from, network)
	}
}

// join notes that a peer is there. It reports false if there is no place for it.
func (s *swarm) join(p peer) bool {
	i, known := s.byAddr[p.at]
	switch {
	case p.isOwn():
		s.leave(p)
		s.own = &p
	case known:
		s.seeds += one(p.seed) - one(s.callable[i].seed)
		s.callable[i] = p
		return true
	case !s.take(places.Network(p.at.Addr())):
		return false
	default:
		s.byAddr[p.at] = len(s.callable)
		s.callable = append(s.callable, p)
	}
	s.seeds += one(p.seed)
	return true
}

// isLeeching reports whether a peer is known to miss something.
func (s *swarm) isLeeching(p peer) bool {
	if p.isOwn() {
		return s.own != nil && !s.own.seed
	}
	i, known := s.byAddr[p.at]
	return known && !s.callable[i].seed
}

// leave forgets a peer.
func (s *swarm) leave(p peer) {
	if p.isOwn() {
		if s.own != nil {
			s.seeds -= one(s.own.seed)
			s.own = nil
		}
		return
	}
	i, known := s.byAddr[p.at]
	if !known || s.callable[i].id != p.id {
		return
	}
	s.give(places.Network(p.at.Addr()))
	s.seeds -= one(s.callable[i].seed)
	last := len(s.callable) - 1
	s.callable[i] = s.callable[last]
	s.byAddr[s.callable[i].at] = i
	s.callable = s.callable[:last]
	delete(s.byAddr, p.at)
}

// joinWeb notes that a peer is there at a WebSocket. It reports false if there is no place for it.
func (s *swarm) joinWeb(p *webPeer) bool {
	switch {
	case p.socket.own:
		s.ownWeb = p
	case !s.take(p.socket.network):
		return false
	default:
		p.index = len(s.web)
		s.web = append(s.web, p)
	}
	s.byID[p.id], p.socket.peers[s.infohash] = p, p
	s.webSeeds += one(p.seed)
	return true
}

// leaveWeb forgets one.
func (s *swarm) leaveWeb(p *webPeer) {
	if s.byID[p.id] != p {
		return
	}
	delete(s.byID, p.id)
	delete(p.socket.peers, s.infohash)
	s.webSeeds -= one(p.seed)
	if p.socket.own {
		s.ownWeb = nil
		return
	}
	s.give(p.socket.network)
	last := len(s.web) - 1
	s.web[p.index] = s.web[last]
	s.web[p.index].index = p.index
	s.web[last] = nil
	s.web = s.web[:last]
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// expire forgets those who have been silent for too long.
func (s *swarm) expire(now time.Time) {
	if s.own != nil && now.Sub(s.own.seen) > callableFor {
		s.leave(*s.own)
	}
	for i := len(s.callable) - 1; i >= 0; i-- {
		if now.Sub(s.callable[i].seen) > callableFor {
			s.leave(s.callable[i])
		}
	}
	for _, p := range s.byID {
		if now.Sub(p.seen) > webFor {
			s.leaveWeb(p)
		}
	}
}

// tally counts peers of one kind, which are those that one of this kind can meet.
func (s *swarm) tally(web bool) tally {
	if web {
		return tally{seeds: s.webSeeds, leechers: len(s.byID) - s.webSeeds, completed: s.completed}
	}
	all := len(s.callable)
	if s.own != nil {
		all++
	}
	return tally{seeds: s.seeds, leechers: all - s.seeds, completed: s.completed}
}

// looks is how many peers are looked at to find up to n that suit: a swarm may have a hundred thousand that do not.
func looks(n, all int) int { return min(all, 4*n+200) }

// suits reports whether two peers are of use to each other.
func suits(a, b peer) bool { return a.id != b.id && (!a.seed || !b.seed) }

// pick chooses up to n peers by chance for another one, all of one family.
func (s *swarm) pick(other peer, v4 bool, n int) []netip.AddrPort {
	if len(s.callable) == 0 || n <= 0 {
		return nil
	}
	var chosen []netip.AddrPort
	first := rand.IntN(len(s.callable))
	for i := range looks(n, len(s.callable)) {
		p := &s.callable[(first+i)%len(s.callable)]
		if p.at.Addr().Is4() != v4 || p.at == other.at || !suits(*p, other) {
			continue
		}
		if other.isOwn() || reaches(other.at.Addr(), p.at.Addr()) {
			if chosen = append(chosen, p.at); len(chosen) == n {
				break
			}
		}
	}
	return chosen
}

// partners chooses up to n peers, to whom the offers of one are passed on: this process's own engine first, since it
// has the most to give, and others by chance.
func (s *swarm) partners(of *webPeer, n int) []*webPeer {
	if n <= 0 {
		return nil
	}
	var chosen []*webPeer
	mayMeet := func(p *webPeer) bool { return p.socket != of.socket && p.id != of.id && (!p.seed || !of.seed) }
	if s.ownWeb != nil && mayMeet(s.ownWeb) {
		chosen = append(chosen, s.ownWeb)
	}
	if len(s.web) == 0 {
		return chosen
	}
	first := rand.IntN(len(s.web))
	for i := range looks(n, len(s.web)) {
		if len(chosen) == n {
			break
		}
		if p := s.web[(first+i)%len(s.web)]; mayMeet(p) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}
