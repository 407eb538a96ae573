package pick

import "time"

const (
	firstWindow = 32 // blocks
	// firstUrgent is the window of a peer of which nothing is known yet, for urgent blocks: a page is to come with the
	// first round trip, whatever the rate, and what is queued at a slow peer is asked of another as well.
	firstUrgent = 128
	leastWindow = 2
	mostWindow  = 1024
	// silentLimit is how many requests a peer takes that does not say so.
	silentLimit = 250
	// leastProven is for how many blocks that nobody waits for a peer is asked that takes nothing back, before it has sent
	// as many: what is urgent later waits behind them.
	leastProven = 8
	// queueTime is how long requests wait at a peer beyond the round trip: there have to be some when a limiter pays out
	// what it has held back for half a second.
	queueTime = 500 * time.Millisecond
	// boundBusy is how many seconds of sending it takes until the rate bounds the window.
	boundBusy = 0.25
	// firstTrip is taken for the round trip time while nothing is known of it.
	firstTrip = 100 * time.Millisecond
)

// line is what is known of the way to a peer and back: how long it takes, how fast it is, and how much to ask for.
type line struct {
	meter meter
	// quickest is the shortest time from a request to its block; zero if not known.
	quickest time.Duration

	window  float64 // blocks
	limit   int     // of what the peer takes; 0 if it does not say
	blocks  int     // that have come
	stands  bool    // what was asked for is sent, also if it is taken back
	snubbed bool    // has sent nothing for long, though asked
	// A round is over when all has come that was outstanding when it began. roundEnd is the number of the last of that.
	roundEnd uint64
	// roundRate is that of the last round, in bytes per second, and limited says that more would have been asked for in
	// the present one but for the window.
	roundRate float64
	limited   bool
	// refusedEnd is the number of the first request that was made after the window was made smaller for a reject.
	refusedEnd uint64
}

func (l *line) roundTrip() time.Duration {
	if l.quickest > 0 {
		return l.quickest
	}
	return firstTrip
}

// delivered takes the block of a request into account. asked is how many requests were made of the peer by now.
func (l *line) delivered(r *request, now moment, asked uint64) {
	took := max(now-r.at, time.Microsecond)
	if l.quickest == 0 || took < l.quickest {
		l.quickest = took
	}
	trip := l.roundTrip()
	l.meter.count(r.length(), r.at, now, trip)
	l.snubbed = false
	l.blocks++
	reach := (trip + queueTime).Seconds() / BlockSize
	if r.number >= l.roundEnd {
		l.roundRate = float64(r.ahead) / took.Seconds()
		if target := l.roundRate*reach + 1; l.limited && target > l.window {
			l.window = min(2*l.window, target)
		}
		l.roundEnd, l.limited = asked-1, false
	}
	if s := l.meter.sample(); s.busy >= boundBusy {
		// The rate lags behind a line that is still gathering speed; the last round does not.
		rate := s.bytes / s.busy
		rate = max(rate, min(l.roundRate, 2*rate))
		l.window = min(l.window, rate*reach+1)
	}
	l.window = min(max(l.window, leastWindow), mostWindow)
}

// refused makes the window smaller, since the peer does not take what it is asked for: once for all that was
// outstanding.
func (l *line) refused(r *request, asked uint64) {
	if r.number >= l.refusedEnd {
		l.window = max(l.window/2, leastWindow)
		l.refusedEnd = asked
	}
}

// maxOutstanding returns how many blocks may be outstanding.
func (l *line) maxOutstanding(urgent bool) int {
	n := int(l.window + 0.5)
	if urgent && l.fresh() {
		n = max(n, firstUrgent)
	}
	if l.stands && !urgent {
		n = min(n, max(leastProven, l.blocks))
	}
	if l.snubbed {
		n = 1
	}
	return min(n, l.maxRequests())
}

// fresh reports whether nothing is known of the peer's rate.
func (l *line) fresh() bool { return l.roundRate == 0 && l.meter.sample().busy < boundBusy }

// maxRequests returns how many requests the peer takes at a time.
func (l *line) maxRequests() int {
	if l.limit > 0 {
		return l.limit
	}
	return silentLimit
}
