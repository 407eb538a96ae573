package mirror

import "time"

const (
	minBackoff = time.Second
	maxBackoff = 5 * time.Minute
)

// backoff is how long to pause after failures. The zero value has not failed.
type backoff struct {
	failures int // in a row
	// until is when it may be tried again; the zero value if it may be now.
	until time.Time
}

// fail records a failure. wait is the minimum pause; 0 doubles the last one.
func (b *backoff) fail(now time.Time, wait time.Duration) {
	b.failures++
	if wait == 0 {
		wait = minBackoff << min(b.failures-1, 10)
	}
	until := now.Add(min(max(wait, minBackoff), maxBackoff))
	if until.After(b.until) {
		b.until = until
	}
}

// due reports whether the pause is over.
func (b *backoff) due(now time.Time) bool { return !b.until.IsZero() && !now.Before(b.until) }
