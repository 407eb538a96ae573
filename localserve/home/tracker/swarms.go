package tracker

import (
	"net/netip"
	"sync"
	"time"

	"wtptui/localserve/places"
)

// swarms are all that have peers.
type swarms struct {
	peers *places.Bounds

	mu  sync.Mutex
	all map[[20]byte]*swarm
}

// fewPeers is how many an address may have once half of all places are taken.
const fewPeers = 16

func newSwarms(most, each int) *swarms {
	return &swarms{peers: places.NewBounds(most, each, fewPeers), all: map[[20]byte]*swarm{}}
}

// with calls f with a torrent's swarm, which is forgotten if nobody is in it then. f must not wait.
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

// leaveAll takes the peers of a socket out of their swarms.
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

// tally is what a scrape tells of a swarm.
type tally struct{ seeds, leechers, completed int }

// tally returns that of a torrent: of peers that can be called, or of those in web.
func (s *swarms) tally(infohash [20]byte, web bool) tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sw := s.all[infohash]; sw != nil {
		return sw.tally(web)
	}
	return tally{}
}

// expire forgets those who have been silent for too long.
func (s *swarms) expire(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for hash, sw := range s.all {
		if sw.expire(now); sw.isEmpty() {
			delete(s.all, hash)
		}
	}
}

// count is who is there, but for this process's own engine.
func (s *swarms) count() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	var n Stats
	for _, sw := range s.all {
		if len(sw.callable)+len(sw.web) > 0 {
			n.Swarms++
		}
		n.Peers += len(sw.callable) + len(sw.web)
		n.WebPeers += len(sw.web)
	}
	return n
}

// peer is one that can be called. This process's own engine has a port and no address.
type peer struct {
	at   netip.AddrPort
	id   [20]byte
	seed bool
	seen time.Time
}

func (p *peer) isOwn() bool { return !p.at.Addr().IsValid() }
