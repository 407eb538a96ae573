package tracker

import (
	"net/netip"
	"sync"
)

// share bounds how many of something there are at once, in all and by address.
type share struct {
	// most is the bound on all, each that on one network's, and few that on one network's once half of all are taken.
	most, each, few int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int // by network
}

func newShare(most, each, few int) *share {
	return &share{most: most, each: each, few: few, from: map[netip.Addr]int{}}
}

// network is what counts as one address: a person has all of an IPv6 network of 64 bits.
func network(a netip.Addr) netip.Addr {
	if a = a.Unmap().WithZone(""); !a.Is6() {
		return a
	}
	p, _ := a.Prefix(64) // It has as many.
	return p.Addr()
}

// take takes one for a network. A dozen that take all that they can get leave one half to those who need few.
func (s *share) take(network netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := s.each
	if s.all >= s.most/2 {
		limit = s.few
	}
	if s.all >= s.most || s.from[network] >= limit {
		return false
	}
	s.all++
	s.from[network]++
	return true
}

// give gives one back.
func (s *share) give(network netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.from[network]--; s.from[network] == 0 {
		delete(s.from, network)
	}
}

func (s *share) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}
