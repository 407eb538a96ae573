package swarm

import (
	"sync"
	"time"
)

// Bounds on what a peer may say. Each message takes work, whatever it says; those that come with content, or ask for
// some that is then sent, are as many as the content is worth.
const (
	messageRate  = 2000 // a second
	messageBurst = 5000
	// messageWorth is how many bytes of content, in either direction, allow for another message.
	messageWorth = 4 << 10
	// longestPause is how long a peer that says too much is not read at a time, and pausedRead how many bytes are read
	// then.
	longestPause = time.Second
	pausedRead   = 4 << 10
)

// throttle says how long to wait before more is read from a peer that says too much: meanwhile what it sends fills its
// own buffers. The zero value is ready.
type throttle struct {
	mu   sync.Mutex
	debt float64 // messages that came beyond what was allowed, or less than zero: how many more may come
	at   time.Time
}

// heard counts a message.
func (t *throttle) heard(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at.IsZero() {
		t.at, t.debt = now, -messageBurst
	}
	t.debt = max(t.debt-now.Sub(t.at).Seconds()*messageRate, -messageBurst) + 1
	t.at = now
}

// moved counts n bytes of content.
func (t *throttle) moved(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.debt = max(t.debt-float64(n)/messageWorth, -messageBurst)
}

// pause is how long nothing is to be read.
func (t *throttle) pause(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.debt - now.Sub(t.at).Seconds()*messageRate
	if t.at.IsZero() || left <= 0 {
		return 0
	}
	return min(time.Duration(left/messageRate*float64(time.Second)), longestPause)
}
