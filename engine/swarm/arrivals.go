package swarm

import (
	"sync"
	"time"
)

// unverifiedTrustTime is how long unverified blocks count as arrivals after a piece was verified, the torrent was
// added, or reading began again. Without that limit a peer could send wrong blocks for ever.
const unverifiedTrustTime = 10 * time.Minute

// arrivalTimes records when missing bytes arrived, and their rate. The zero value is ready to use.
type arrivalTimes struct {
	mu sync.Mutex
	// last is when the last block or verified piece that counts arrived.
	last time.Time
	// trustedSince is when the time began in which unverified blocks count, lastRead when data was requested last.
	trustedSince, lastRead time.Time
	received               int64 // bytes
	rate                   rateMeter
}

// recordBlock records a missing block of n bytes that has arrived.
func (a *arrivalTimes) recordBlock(now time.Time, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.received += int64(n)
	if now.Sub(a.trustedSince) <= unverifiedTrustTime {
		a.last = now
	}
}

// recordVerified records that a piece was verified.
func (a *arrivalTimes) recordVerified(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last, a.trustedSince = now, now
}

// startTrust records that the torrent was added.
func (a *arrivalTimes) startTrust(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trustedSince = now
}

// recordRead records that a reader requests data. It restarts the trust in unverified blocks only if nothing was
// requested for unverifiedTrustTime.
func (a *arrivalTimes) recordRead(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Sub(a.lastRead) > unverifiedTrustTime {
		a.trustedSince = now
	}
	a.lastRead = now
}

// lastArrival returns when the last counting bytes arrived, the zero time if none did.
func (a *arrivalTimes) lastArrival() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// bytesPerSecond returns the current rate of arriving bytes.
func (a *arrivalTimes) bytesPerSecond(now time.Time) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	rate, _ := a.rate.sample(now, a.received, 0)
	return rate
}
