package limits

import (
	"net/netip"
	"sync"
)

// NetworkLimiter limits how many of something are in use at a time, in total and per network.
type NetworkLimiter struct {
	limit, maxPerNetwork, maxWhenBusy int

	mu        sync.Mutex
	total     int
	byNetwork map[netip.Addr]int
}

// NewNetworkLimiter returns a NetworkLimiter of limit in total, and of maxPerNetwork for one network. Once half of all
// are in use, the limit of a network is maxWhenBusy, so that a few large clients leave room for many small ones.
func NewNetworkLimiter(limit, maxPerNetwork, maxWhenBusy int) *NetworkLimiter {
	return &NetworkLimiter{
		limit: limit, maxPerNetwork: maxPerNetwork, maxWhenBusy: maxWhenBusy, byNetwork: map[netip.Addr]int{},
	}
}

// Network returns the network of an address: the /64 network of an IPv6 address, all of which one person has, and an
// IPv4 address itself.
func Network(a netip.Addr) netip.Addr {
	if a = a.Unmap().WithZone(""); !a.Is6() {
		return a
	}
	p, _ := a.Prefix(64) // It has as many.
	return p.Addr()
}

// Acquire acquires n for a network. It returns false, and acquires none, if that would exceed a limit.
func (b *NetworkLimiter) Acquire(network netip.Addr, n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.maxPerNetwork
	if b.total >= b.limit/2 {
		limit = b.maxWhenBusy
	}
	if b.total+n > b.limit || b.byNetwork[network]+n > limit {
		return false
	}
	b.total += n
	b.byNetwork[network] += n
	return true
}

// Release releases n of a network.
func (b *NetworkLimiter) Release(network netip.Addr, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total -= n
	if b.byNetwork[network] -= n; b.byNetwork[network] == 0 {
		delete(b.byNetwork, network)
	}
}

// InUse returns how many are in use.
func (b *NetworkLimiter) InUse() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.total
}
