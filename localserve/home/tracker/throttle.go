package tracker

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// throttle limits the request rate of each address. It has a fixed number of token buckets, to which addresses are
// assigned by a secret hash: so it cannot be filled up, and which addresses share a bucket is unpredictable.
type throttle struct {
	seed maphash.Seed

	mu      sync.Mutex
	buckets [1 << 13]bucket
}

// bucket holds the tokens that were left at a time.
type bucket struct {
	tokens float32
	at     time.Time
}

// The limits of an address: a mirror of two thousand sites announces all of them when it starts.
const (
	requestRate  = 200  // a second
	requestBurst = 4000 // at once
	// This many bytes of a message count as one request.
	costlyBytes = 2 << 10
)

func newThrottle() *throttle { return &throttle{seed: maphash.MakeSeed()} }

// allow reports whether a request of a network is within the limit. cost is how many requests it counts as.
func (t *throttle) allow(network netip.Addr, cost int, now time.Time) bool {
	b16 := network.As16()
	i := maphash.Bytes(t.seed, b16[:]) % uint64(len(t.buckets))
	t.mu.Lock()
	defer t.mu.Unlock()
	b := &t.buckets[i]
	b.tokens = min(b.tokens+float32(now.Sub(b.at).Seconds())*requestRate, requestBurst)
	b.at = now
	if b.tokens < float32(cost) {
		return false
	}
	b.tokens -= float32(cost)
	return true
}
