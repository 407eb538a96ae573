package torrent

import "time"

// Limits on the messages of a peer. Each message takes work. Messages that carry content, or request content that is
// then sent, are allowed in proportion to the content.
const (
	messageRate  = 2000 // a second
	messageBurst = 5000
	// bytesPerMessage is how many bytes of content, in either direction, allow for another message.
	bytesPerMessage = 4 << 10
	// longestPause is the longest pause in reading from a peer that sends too many messages.
	longestPause = time.Second
)

// throttle computes how long to pause reading from a peer that sends too many messages. Meanwhile the peer's own
// buffers fill. The zero value is ready to use. It must be used by one goroutine.
type throttle struct {
	excess      float64 // messages beyond the allowance; if negative, how many more are allowed
	updated     time.Time
	countedSent int64 // bytes of content sent to the peer that have been counted
}

// note counts a message with n bytes of content, when sent bytes have been sent to the peer so far, and returns how
// long to pause reading.
func (t *throttle) note(now time.Time, n int, sent int64) time.Duration {
	if t.updated.IsZero() {
		t.updated, t.excess = now, -messageBurst
	}
	moved := int64(n) + sent - t.countedSent
	t.countedSent = sent
	t.excess = max(t.excess-now.Sub(t.updated).Seconds()*messageRate-float64(moved)/bytesPerMessage, -messageBurst) + 1
	t.updated = now
	if t.excess <= 0 {
		return 0
	}
	return min(time.Duration(t.excess/messageRate*float64(time.Second)), longestPause)
}
