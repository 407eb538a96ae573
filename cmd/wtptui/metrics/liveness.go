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
func (l *liveness) check(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.beats(); n != l.lastBeats || l.changedAt.IsZero() {
		l.lastBeats, l.changedAt = n, now
	}
	return now.Sub(l.changedAt) < stuckAfter
}
