package metrics

import (
	"sync"
	"time"
)

// stuckAfter is how long the engine may make no progress before it counts as stuck: a busy disk may block it.
const stuckAfter = time.Minute

// liveness distinguishes a running engine from one that is stuck.
type liveness struct {
	beats func() uint64

	mu        sync.Mutex
	lastBeats uint64
	changedAt time.Time // when lastBeats was first seen
}

// check reports whether the engine has made progress since the last check, or within stuckAfter.
func (p *liveness) check(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.beats(); n != p.lastBeats || p.changedAt.IsZero() {
		p.lastBeats, p.changedAt = n, now
	}
	return now.Sub(p.changedAt) < stuckAfter
}
