package pick

import "time"

const (
	firstWindow = 32 // blocks
	// firstUrgentWindow is the window of an unknown peer for urgent blocks: a page should arrive with the first round
	// trip, whatever the rate. What is queued at a slow peer is requested from another as well.
	firstUrgentWindow = 128
	minWindow         = 2
	maxWindow         = 1024
	// defaultMaxRequests is how many requests a peer accepts that does not say.
	defaultMaxRequests = 250
	// minUnproven is how many blocks that no reader waits for may be outstanding at a peer that ignores cancels, until
	// it has sent more: urgent ones would wait behind them.
	minUnproven = 8
	// queueTime is how long requests wait at a peer beyond the round trip: some must be queued when a limiter releases
	// what it has held back for half a second.
	queueTime = 500 * time.Millisecond
	// minBusyForRate is how many seconds of sending it takes until the rate limits the window.
	minBusyForRate = 0.25
	// firstTrip is the assumed round-trip time while it is unknown.
	firstTrip = 100 * time.Millisecond
)

// linkStats models the connection to a peer: its round-trip time, its rate, and how much to request.
type linkStats struct {
	meter meter
	// minRoundTrip is the shortest time from a request to its block; zero if unknown.
	minRoundTrip time.Duration

	window        float64 // blocks
	peerLimit     int     // what the peer accepts; 0 if it does not say
	blocks        int     // received
	ignoresCancel bool    // sends what was requested even if it is canceled
	snubbed       bool    // has sent nothing for long despite requests
	// A round ends when everything has arrived that was outstanding when it began. roundEnd is the number of the last
	// request of the round.
	roundEnd uint64
	// roundRate is the rate of the last round, in bytes per second. windowLimited reports whether the window has
	// limited the requests of the current round.
	roundRate     float64
	windowLimited bool
	// rejectedEnd is the number of the first request that was made after the window was reduced because of a reject.
	rejectedEnd uint64
}

func (l *linkStats) roundTrip() time.Duration {
	if l.minRoundTrip > 0 {
		return l.minRoundTrip
	}
	return firstTrip
}

// handleBlock records the block of a request. asked is the number of requests made to the peer so far.
func (l *linkStats) handleBlock(r *request, now moment, asked uint64) {
	took := max(now-r.at, time.Microsecond)
	if l.minRoundTrip == 0 || took < l.minRoundTrip {
		l.minRoundTrip = took
	}
	trip := l.roundTrip()
	l.meter.count(r.length(), r.at, now, trip)
	l.snubbed = false
	l.blocks++
	reach := (trip + queueTime).Seconds() / BlockSize
	if r.number >= l.roundEnd {
		l.roundRate = float64(r.ahead) / took.Seconds()
		if target := l.roundRate*reach + 1; l.windowLimited && target > l.window {
			l.window = min(2*l.window, target)
		}
		l.roundEnd, l.windowLimited = asked-1, false
	}
	if s := l.meter.sample(); s.busy >= minBusyForRate {
		// The rate lags behind a link that is still speeding up; the last round does not.
		rate := s.bytes / s.busy
		rate = max(rate, min(l.roundRate, 2*rate))
		l.window = min(l.window, rate*reach+1)
	}
	l.window = min(max(l.window, minWindow), maxWindow)
}

// handleReject reduces the window, since the peer does not accept so many requests: once for all that were
// outstanding.
func (l *linkStats) handleReject(r *request, asked uint64) {
	if r.number >= l.rejectedEnd {
		l.window = max(l.window/2, minWindow)
		l.rejectedEnd = asked
	}
}

// maxOutstanding returns how many blocks may be outstanding.
func (l *linkStats) maxOutstanding(urgent bool) int {
	n := int(l.window + 0.5)
	if urgent && l.isNew() {
		n = max(n, firstUrgentWindow)
	}
	if l.ignoresCancel && !urgent {
		n = min(n, max(minUnproven, l.blocks))
	}
	if l.snubbed {
		n = 1
	}
	return min(n, l.maxRequests())
}

// isNew reports whether nothing is known of the peer's rate.
func (l *linkStats) isNew() bool { return l.roundRate == 0 && l.meter.sample().busy < minBusyForRate }

// maxRequests returns how many outstanding requests the peer accepts.
func (l *linkStats) maxRequests() int {
	if l.peerLimit > 0 {
		return l.peerLimit
	}
	return defaultMaxRequests
}
