package places

import (
	"net/netip"
	"sync"
)

// Bounds limits how many of something there are at once, in all and by address.
type Bounds struct {
	most, each, few int

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int // by network
}

// NewBounds returns bounds of most in all, and of each for one network; few is for one network once half of all are
// taken, so that some who take all that they can get leave room for many who need little.
func NewBounds(most, each, few int) *Bounds {
	return &Bounds{most: most, each: each, few: few, from: map[netip.Addr]int{}}
}

// Network is what counts as one address: a person has all of an IPv6 network of 64 bits.
func Network(a netip.Addr) netip.Addr {
	if a = a.Unmap().WithZone(""); !a.Is6() {
		return a
	}
	p, _ := a.Prefix(64) // It has as many.
	return p.Addr()
}

// Take takes n for a network, if there are as many for it.
func (b *Bounds) Take(network netip.Addr, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.each
	if b.all >= b.most/2 {
		limit = b.few
	}
	if b.all+n > b.most || b.from[network]+n > limit {
		return false
	}
	b.all += n
	b.from[network] += n
	return true
}

// Give gives n back.
func (b *Bounds) Give(network netip.Addr, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all -= n
	if b.from[network] -= n; b.from[network] == 0 {
		delete(b.from, network)
	}
}

// Taken returns how many are taken.
func (b *Bounds) Taken() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all
}
