package pick

import "time"

const (
	// meterSpan is the time constant of a measured rate: several times as long as limiters hold bytes back.
	meterSpan = 2.0 // seconds
	// burstTime is how long after a pause bytes may come faster than the line: they lay in buffers, or a limiter had
	// something left.
	burstTime = 500 * time.Millisecond
	// pauseTime is how long a peer must have had nothing to send for that to be possible.
	pauseTime = time.Second
	// enoughBusy is how many seconds of sending make a rate that needs no bursts to go by.
	enoughBusy = 0.5
	// oldWeight is for how many seconds of sending the rate from before a pause counts after it.
	oldWeight = 0.25
	// leastHeld is how long a peer must have held a block back that it had time for, unless a quarter of the round trip is
	// longer: less may be due to how the round trip varies.
	leastHeld = 10 * time.Millisecond
	// ratedBusy and ratedBytes are what it takes, either of them, for a rate to count among those of other peers.
	ratedBusy  = 0.05
	ratedBytes = 16 * BlockSize
	// guessWeight is for how many seconds of sending the rate of other peers counts as that of a peer.
	guessWeight = 0.02
)

// sample is an amount of bytes and how long a peer took for them.
type sample struct {
	bytes, busy float64 // busy in seconds
}

func (s *sample) add(bytes int, busy time.Duration) {
	s.bytes += float64(bytes)
	s.busy += busy.Seconds()
	s.shrink(meterSpan)
}

// shrink makes the sample count for no more than some seconds.
func (s *sample) shrink(most float64) {
	if s.busy > most {
		s.bytes *= most / s.busy
		s.busy = most
	}
}

// meter measures how fast a peer sends while it has something to send. Pauses and the time that a request takes to get
// there do not count, so a peer that was seldom asked for much is not taken for a slow one.
type meter struct {
	early, steady sample
	last          moment // when the last block has come
	since         moment // when the present time of sending began
}

// count takes the block of a request into account.
func (m *meter) count(bytes int, asked, now moment, roundTrip time.Duration) {
	switch {
	case m.last == 0 || asked-m.last > pauseTime:
		s := m.sample()
		s.shrink(oldWeight)
		m.early, m.steady, m.since = s, sample{}, now
	case asked+roundTrip > m.last && now-asked-roundTrip < max(roundTrip/4, leastHeld):
		// The peer has waited for this request after it had sent the block before: how long is not known exactly.
	case now-m.since < burstTime:
		m.early.add(bytes, now-max(m.last, asked+roundTrip))
	default:
		m.steady.add(bytes, now-max(m.last, asked+roundTrip))
	}
	m.last = max(m.last, now)
}

// sample is what the rate is computed from.
func (m *meter) sample() sample {
	if m.steady.busy >= enoughBusy {
		return m.steady
	}
	return sample{m.early.bytes + m.steady.bytes, m.early.busy + m.steady.busy}
}

// rated reports whether the rate says something.
func (m *meter) rated() bool {
	s := m.sample()
	return s.busy > 0 && (s.busy >= ratedBusy || s.bytes >= ratedBytes)
}

// rate is in bytes per second; 0 while it is not known.
func (m *meter) rate() float64 {
	s := m.sample()
	if s.busy <= 0 {
		return 0
	}
	return s.bytes / s.busy
}

// speed is the rate to reckon with: guess is that of other peers, idle how long nothing has come though it should have.
func (m *meter) speed(guess float64, idle time.Duration) float64 {
	s := m.sample()
	return (s.bytes + guess*guessWeight) / (s.busy + guessWeight + max(0, idle).Seconds())
}
