package swarm

import (
	"sync"
	"time"
)

// trustTime is how long blocks that nobody has verified count as arrivals after a piece was verified, or the torrent
// was added or asked for again: a liar can send wrong ones for ever.
const trustTime = 10 * time.Minute

// arrivalTimes knows when bytes came that were missing, and how fast they come. The zero value is ready.
type arrivalTimes struct {
	mu sync.Mutex
	// last is when something came that counts.
	last time.Time
	// trusted is when the time began in which unverified blocks count, asked when the torrent was asked for last.
	trusted, asked time.Time
	received       int64 // bytes
	rate           rateMeter
}

// block notes a block of n bytes that was missing.
func (a *arrivalTimes) block(now time.Time, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.received += int64(n)
	if now.Sub(a.trusted) <= trustTime {
		a.last = now
	}
}

// verified notes that a piece turned out to be right.
func (a *arrivalTimes) verified(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last, a.trusted = now, now
}

// trust notes that the torrent was added.
func (a *arrivalTimes) trust(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trusted = now
}

// ask notes that somebody asks for data. Unverified blocks count anew only after nobody has asked for as long as they do.
func (a *arrivalTimes) ask(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Sub(a.asked) > trustTime {
		a.trusted = now
	}
	a.asked = now
}

// at is when something came last; the zero time if nothing did.
func (a *arrivalTimes) at() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// perSecond is how many bytes came in a second of late.
func (a *arrivalTimes) perSecond(now time.Time) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	rate, _ := a.rate.sample(now, a.received, 0)
	return rate
}
