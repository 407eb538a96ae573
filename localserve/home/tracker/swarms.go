package tracker

import (
	"net/netip"
	"sync"
	"time"

	"wtptui/localserve/limits"
)

// swarms holds all swarms with peers.
type swarms struct {
	peers *limits.NetworkLimiter

	mu  sync.Mutex
	all map[[20]byte]*swarm
}

// fewPeers is the limit of an address once half of the total is in use.
const fewPeers = 16

func newSwarms(most, each int) *swarms {
	return &swarms{peers: limits.NewNetworkLimiter(most, each, fewPeers), all: map[[20]byte]*swarm{}}
}

// with calls f with a torrent's swarm, and removes the swarm if it is empty then. f must not block.
func (s *swarms) with(infohash [20]byte, f func(*swarm)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sw := s.all[infohash]
	if sw == nil {
		sw = newSwarm(infohash, s.peers)
		s.all[infohash] = sw
	}
	f(sw)
	if sw.isEmpty() {
		delete(s.all, infohash)
	}
}

// leaveAll removes the peers of a socket from their swarms.
func (s *swarms) leaveAll(from *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for infohash, p := range from.peers {
		sw := s.all[infohash]
		if sw.leaveWeb(p); sw.isEmpty() {
			delete(s.all, infohash)
		}
	}
}

// counts are the numbers that a scrape returns.
type counts struct{ seeds, leechers, completed int }

// counts returns those of a torrent: of connectable peers, or of WebSocket peers if web is set.
func (s *swarms) counts(infohash [20]byte, web bool) counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sw := s.all[infohash]; sw != nil {
		return sw.counts(web)
	}
	return counts{}
}

// expire removes peers that have not announced for too long.
func (s *swarms) expire(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for hash, sw := range s.all {
		if sw.expire(now); sw.isEmpty() {
			delete(s.all, hash)
		}
	}
}

// stats returns the numbers of swarms and peers, without this process's own engine.
func (s *swarms) stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	var n Stats
	for _, sw := range s.all {
		if len(sw.connectable)+len(sw.webPeers) > 0 {
			n.Swarms++
		}
		n.Peers += len(sw.connectable) + len(sw.webPeers)
		n.WebPeers += len(sw.webPeers)
	}
	return n
}

// peer is a peer that others can connect to. This process's own engine has a port and no address.
type peer struct {
	addr netip.AddrPort
	id   [20]byte
	seed bool
	seen time.Time
}

func (p *peer) isOwn() bool { return !p.addr.Addr().IsValid() }
