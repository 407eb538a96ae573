package tracker

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"wtptui/localserve/limits"
)

// maxSwarmPerNetwork is how many peers of one swarm may have the same address: in a large network, the others can
// connect, but are not named to others.
const maxSwarmPerNetwork = 16

// swarm holds the peers of a torrent. swarms.mu guards it.
type swarm struct {
	infohash   [20]byte
	peers      *limits.NetworkLimiter // of all swarms
	perNetwork map[netip.Addr]int     // by network

	connectable []peer
	byAddr      map[netip.AddrPort]int // index in connectable
	webPeers    []*webPeer
	byID        map[[20]byte]*webPeer // those of webPeers, and ownWeb
	// own and ownWeb are this process's own engine, if it is in the swarm.
	own    *peer
	ownWeb *webPeer

	seeds, webSeeds int // own included
	// completed is how many peers have announced that they completed the download.
	completed int
}

func newSwarm(infohash [20]byte, peers *limits.NetworkLimiter) *swarm {
	return &swarm{
		infohash: infohash, peers: peers, perNetwork: map[netip.Addr]int{},
		byAddr: map[netip.AddrPort]int{}, byID: map[[20]byte]*webPeer{},
	}
}

func (s *swarm) isEmpty() bool { return s.own == nil && len(s.connectable) == 0 && len(s.byID) == 0 }

// acquire takes a place for one more peer of a network; false if there is none.
func (s *swarm) acquire(network netip.Addr) bool {
	if s.perNetwork[network] >= maxSwarmPerNetwork || !s.peers.Acquire(network, 1) {
		return false
	}
	s.perNetwork[network]++
	return true
}

func (s *swarm) release(network netip.Addr) {
	s.peers.Release(network, 1)
	if s.perNetwork[network]--; s.perNetwork[network] == 0 {
		delete(s.perNetwork, network)
	}
}

// join adds or updates a peer. It returns false if there is no place for it.
func (s *swarm) join(p peer) bool {
	i, known := s.byAddr[p.addr]
	switch {
	case p.isOwn():
		s.leave(p)
		s.own = &p
	case known:
		s.seeds += boolToInt(p.seed) - boolToInt(s.connectable[i].seed)
		s.connectable[i] = p
		return true
	case !s.acquire(limits.Network(p.addr.Addr())):
		return false
	default:
		s.byAddr[p.addr] = len(s.connectable)
		s.connectable = append(s.connectable, p)
	}
	s.seeds += boolToInt(p.seed)
	return true
}

// isLeeching reports whether a peer is known to be incomplete.
func (s *swarm) isLeeching(p peer) bool {
	if p.isOwn() {
		return s.own != nil && !s.own.seed
	}
	i, known := s.byAddr[p.addr]
	return known && !s.connectable[i].seed
}

// leave removes a peer.
func (s *swarm) leave(p peer) {
	if p.isOwn() {
		if s.own != nil {
			s.seeds -= boolToInt(s.own.seed)
			s.own = nil
		}
		return
	}
	i, known := s.byAddr[p.addr]
	if !known || s.connectable[i].id != p.id {
		return
	}
	s.release(limits.Network(p.addr.Addr()))
	s.seeds -= boolToInt(s.connectable[i].seed)
	last := len(s.connectable) - 1
	s.connectable[i] = s.connectable[last]
	s.byAddr[s.connectable[i].addr] = i
	s.connectable = s.connectable[:last]
	delete(s.byAddr, p.addr)
}

// joinWeb adds a peer of a WebSocket. It returns false if there is no place for it.
func (s *swarm) joinWeb(p *webPeer) bool {
	switch {
	case p.socket.own:
		s.ownWeb = p
	case !s.acquire(p.socket.network):
		return false
	default:
		p.index = len(s.webPeers)
		s.webPeers = append(s.webPeers, p)
	}
	s.byID[p.id], p.socket.peers[s.infohash] = p, p
	s.webSeeds += boolToInt(p.seed)
	return true
}

// leaveWeb removes a peer of a WebSocket.
func (s *swarm) leaveWeb(p *webPeer) {
	if s.byID[p.id] != p {
		return
	}
	delete(s.byID, p.id)
	delete(p.socket.peers, s.infohash)
	s.webSeeds -= boolToInt(p.seed)
	if p.socket.own {
		s.ownWeb = nil
		return
	}
	s.release(p.socket.network)
	last := len(s.webPeers) - 1
	s.webPeers[p.index] = s.webPeers[last]
	s.webPeers[p.index].index = p.index
	s.webPeers[last] = nil
	s.webPeers = s.webPeers[:last]
}

func boolToInt(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// expire removes peers that have not announced for too long.
func (s *swarm) expire(now time.Time) {
	if s.own != nil && now.Sub(s.own.seen) > peerTimeout {
		s.leave(*s.own)
	}
	for i := len(s.connectable) - 1; i >= 0; i-- {
		if now.Sub(s.connectable[i].seen) > peerTimeout {
			s.leave(s.connectable[i])
		}
	}
	for _, p := range s.byID {
		if now.Sub(p.seen) > webPeerTimeout {
			s.leaveWeb(p)
		}
	}
}

// counts counts the peers of one kind, which can connect to each other.
func (s *swarm) counts(web bool) counts {
	if web {
		return counts{seeds: s.webSeeds, leechers: len(s.byID) - s.webSeeds, completed: s.completed}
	}
	all := len(s.connectable)
	if s.own != nil {
		all++
	}
	return counts{seeds: s.seeds, leechers: all - s.seeds, completed: s.completed}
}

// maxCandidates is how many of all peers are examined to find up to n that match: a swarm may have a hundred thousand
// that do not.
func maxCandidates(n, all int) int { return min(all, 4*n+200) }

// canExchange reports whether two peers are of use to each other.
func canExchange(a, b peer) bool { return a.id != b.id && (!a.seed || !b.seed) }

// pickPeers returns up to n random peers of one family for another one.
func (s *swarm) pickPeers(other peer, v4 bool, n int) []netip.AddrPort {
	if len(s.connectable) == 0 || n <= 0 {
		return nil
	}
	var chosen []netip.AddrPort
	first := rand.IntN(len(s.connectable))
	for i := range maxCandidates(n, len(s.connectable)) {
		p := &s.connectable[(first+i)%len(s.connectable)]
		if p.addr.Addr().Is4() != v4 || p.addr == other.addr || !canExchange(*p, other) {
			continue
		}
		if other.isOwn() || canReach(other.addr.Addr(), p.addr.Addr()) {
			if chosen = append(chosen, p.addr); len(chosen) == n {
				break
			}
		}
	}
	return chosen
}

// pickWebPeers returns up to n peers to relay the offers of a peer to: this process's own engine first, since it has
// the most data, and random others.
func (s *swarm) pickWebPeers(of *webPeer, n int) []*webPeer {
	if n <= 0 {
		return nil
	}
	var chosen []*webPeer
	mayMeet := func(p *webPeer) bool { return p.socket != of.socket && p.id != of.id && (!p.seed || !of.seed) }
	if s.ownWeb != nil && mayMeet(s.ownWeb) {
		chosen = append(chosen, s.ownWeb)
	}
	if len(s.webPeers) == 0 {
		return chosen
	}
	first := rand.IntN(len(s.webPeers))
	for i := range maxCandidates(n, len(s.webPeers)) {
		if len(chosen) == n {
			break
		}
		if p := s.webPeers[(first+i)%len(s.webPeers)]; mayMeet(p) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}
