package pick

import "time"

const (
	// meterSpan is the time constant of a measured rate: several times as long as limiters hold bytes back.
	meterSpan = 2.0 // seconds
	// burstTime is how long after a pause bytes may arrive faster than the link: they were buffered, or a limiter had
	// tokens left.
	burstTime = 500 * time.Millisecond
	// pauseTime is how long a peer must have had nothing to send for that to be possible.
	pauseTime = time.Second
	// minSteadyBusy is how many seconds of sending give a rate without bursts.
	minSteadyBusy = 0.5
	// carryOverWeight is how many seconds of sending the rate from before a pause counts after it.
	carryOverWeight = 0.25
	// minHoldTime is how long a peer must have held a block back that it had time for, unless a quarter of the round
	// trip is longer: less may be variance of the round trip.
	minHoldTime = 10 * time.Millisecond
	// A rate counts among those of other peers if it was measured over ratedBusy seconds or ratedBytes bytes.
	ratedBusy  = 0.05
	ratedBytes = 16 * BlockSize
	// guessWeight is how many seconds of sending the rate of other peers counts in that of a peer.
	guessWeight = 0.02
)

// sample is a number of bytes and how long a peer took to send them.
type sample struct {
	bytes, busy float64 // busy in seconds
}

func (s *sample) add(bytes int, busy time.Duration) {
	s.bytes += float64(bytes)
	s.busy += busy.Seconds()
	s.shrink(meterSpan)
}

// shrink scales the sample so that it counts for at most most seconds.
func (s *sample) shrink(most float64) {
	if s.busy > most {
		s.bytes *= most / s.busy
		s.busy = most
	}
}

// meter measures how fast a peer sends while it has something to send. Pauses, and the time that a request takes to
// reach it, do not count, so a peer that was seldom asked for much is not taken for a slow one.
type meter struct {
	early, steady sample
	last          moment // when the last block arrived
	started       moment // when the current time of sending began
}

// count counts the block of a request.
func (m *meter) count(bytes int, asked, now moment, roundTrip time.Duration) {
	switch {
	case m.last == 0 || asked-m.last > pauseTime:
		s := m.sample()
		s.shrink(carryOverWeight)
		m.early, m.steady, m.started = s, sample{}, now
	case asked+roundTrip > m.last && now-asked-roundTrip < max(roundTrip/4, minHoldTime):
		// The peer was waiting for this request after it had sent the block before; for how long is not known exactly.
	case now-m.started < burstTime:
		m.early.add(bytes, now-max(m.last, asked+roundTrip))
	default:
		m.steady.add(bytes, now-max(m.last, asked+roundTrip))
	}
	m.last = max(m.last, now)
}

// sample returns the sample that the rate is computed from.
func (m *meter) sample() sample {
	if m.steady.busy >= minSteadyBusy {
		return m.steady
	}
	return sample{m.early.bytes + m.steady.bytes, m.early.busy + m.steady.busy}
}

// isReliable reports whether the rate was measured over enough time or bytes.
func (m *meter) isReliable() bool {
	s := m.sample()
	return s.busy > 0 && (s.busy >= ratedBusy || s.bytes >= ratedBytes)
}

// rate returns bytes per second; 0 while unknown.
func (m *meter) rate() float64 {
	s := m.sample()
	if s.busy <= 0 {
		return 0
	}
	return s.bytes / s.busy
}

// speed returns the expected rate: guess is that of other peers, idle how long nothing has arrived although it should
// have.
func (m *meter) speed(guess float64, idle time.Duration) float64 {
	s := m.sample()
	return (s.bytes + guess*guessWeight) / (s.busy + guessWeight + max(0, idle).Seconds())
}
