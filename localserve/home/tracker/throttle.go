package tracker

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// throttle bounds how often an address asks. It has a fixed number of buckets of tokens, over which addresses are
// spread by a hash that nobody can foresee: it cannot be filled up, and two addresses that share a bucket do so by
// chance.
type throttle struct {
	seed maphash.Seed

	mu      sync.Mutex
	buckets [1 << 13]bucket
}

// bucket has what is left at a time.
type bucket struct {
	tokens float32
	at     time.Time
}

// An address asks so often, after a start: a mirror of two thousand sites announces all of them when it starts.
const (
	askEach  = 200  // a second
	askBurst = 4000 // at once
	// costlyBytes of a message are worth one request.
	costlyBytes = 2 << 10
)

func newThrottle() *throttle { return &throttle{seed: maphash.MakeSeed()} }

// allow reports whether a network may ask now for what is worth so many requests.
func (t *throttle) allow(network netip.Addr, cost int, now time.Time) bool {
	b16 := network.As16()
	i := maphash.Bytes(t.seed, b16[:]) % uint64(len(t.buckets))
	t.mu.Lock()
	defer t.mu.Unlock()
	b := &t.buckets[i]
	b.tokens = min(b.tokens+float32(now.Sub(b.at).Seconds())*askEach, askBurst)
	b.at = now
	if b.tokens < float32(cost) {
		return false
	}
	b.tokens -= float32(cost)
	return true
}
