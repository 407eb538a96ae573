package torrent

import "time"

// Bounds on what a peer may say. Each message takes work, whatever it says; those that come with content, or ask for
// some that is then sent, are as many as the content is worth.
const (
	messageRate  = 2000 // a second
	messageBurst = 5000
	// messageWorth is how many bytes of content, in either direction, allow for another message.
	messageWorth = 4 << 10
	// longestPause is how long a peer that says too much is not heard at a time.
	longestPause = time.Second
)

// throttle says how long to wait before more is heard from a peer that says too much: meanwhile what it sends fills its
// own buffers. Its zero value is ready; one goroutine uses it.
type throttle struct {
	debt float64 // messages that came beyond what was allowed, or less than zero: how many more may come
	at   time.Time
	sent int64 // content that was sent to the peer and has been counted
}

// heard counts a message that came with n bytes of content, when sent bytes have been sent to the peer so far, and
// returns how long nothing is to be heard from it.
func (t *throttle) heard(now time.Time, n int, sent int64) time.Duration {
	if t.at.IsZero() {
		t.at, t.debt = now, -messageBurst
	}
	moved := int64(n) + sent - t.sent
	t.sent = sent
	t.debt = max(t.debt-now.Sub(t.at).Seconds()*messageRate-float64(moved)/messageWorth, -messageBurst) + 1
	t.at = now
	if t.debt <= 0 {
		return 0
	}
	return min(time.Duration(t.debt/messageRate*float64(time.Second)), longestPause)
}
