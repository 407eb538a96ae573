package sites

import "time"

const (
	// averageWindow is the time over which rates are averaged.
	averageWindow = 4 * time.Second
	// idleAfter is the time without growth after which a transfer counts as over. With the ticks before and after it,
	// the rate is zero within a second of the end.
	idleAfter = 2 * tickInterval
	// slowGaps is the number of successive gaps longer than idleAfter after which a transfer counts as slow: it pauses
	// between blocks, and is over after a pause of 1.5 times its longest gap.
	slowGaps = 3
)

// meter turns a growing counter into a rate.
type meter struct {
	samples []sample // oldest first, spanning at most averageWindow; only one while nothing is transferred
	// grewAt is when the counter was last seen to have grown.
	grewAt time.Time
	// gaps is the number of successive gaps longer than idleAfter, and longestGap the longest of them.
	gaps       int
	longestGap time.Duration
}

type sample struct {
	at    time.Time
	total int64
}

// add adds the counter's value at a time. A value less than a second after the last but one replaces the last.
func (m *meter) add(at time.Time, total int64) {
	n := len(m.samples)
	if n > 0 && total != m.samples[n-1].total {
		m.noteGap(at.Sub(m.grewAt))
		m.grewAt = at
	}
	switch {
	case at.Sub(m.grewAt) >= m.idleLimit():
		m.samples = append(m.samples[:0], sample{at, total})
		return
	case n >= 2 && at.Sub(m.samples[n-2].at) < time.Second:
		m.samples[n-1] = sample{at, total}
	default:
		m.samples = append(m.samples, sample{at, total})
	}
	for len(m.samples) > 2 && at.Sub(m.samples[0].at) > averageWindow {
		m.samples = m.samples[1:]
	}
	if len(m.samples) == 2 && at.Sub(m.samples[0].at) > 2*averageWindow { // the machine slept: no average over that
		m.samples = m.samples[1:]
	}
}

// noteGap records for how long the counter had not grown before it did.
func (m *meter) noteGap(gap time.Duration) {
	if gap <= idleAfter || gap > averageWindow {
		m.gaps, m.longestGap = 0, 0
		return
	}
	m.gaps++
	m.longestGap = max(m.longestGap, gap)
}

// idleLimit returns how long the counter may stand still before the transfer counts as over.
func (m *meter) idleLimit() time.Duration {
	if m.gaps < slowGaps {
		return idleAfter
	}
	return m.longestGap * 3 / 2
}

// rate returns the rate in units per second.
func (m *meter) rate() int64 {
	if len(m.samples) < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	d := last.at.Sub(first.at).Seconds()
	if d <= 0 {
		return 0
	}
	return int64(float64(last.total-first.total) / d)
}
