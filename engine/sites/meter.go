package sites

import "time"

const (
	// window is the time over which rates are averaged.
	averageWindow = 4 * time.Second
	// silence is after how long without any growth a transfer counts as over. With the ticks before and after it, a rate
	// is zero within a second of the end.
	idleAfter = 2 * tickInterval
	// slowGaps is after how many gaps longer than silence in a row a transfer counts as slow: it pauses between its
	// blocks, and is over when it has paused for half as long again as it does.
	slowGaps = 3
)

// meter turns a growing counter into a rate.
type meter struct {
	samples []sample // oldest first, spanning at most window; one while nothing is transferred
	// grew is when the counter was last seen to have grown.
	grewAt time.Time
	// gaps is how many times in a row growth came after a silence, and longest the longest of these.
	gaps       int
	longestGap time.Duration
}

type sample struct {
	at    time.Time
	total int64
}

// add takes the counter's value at a time. Calls less than a second apart from the last but one replace the last.
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
	if len(m.samples) == 2 && at.Sub(m.samples[0].at) > 2*averageWindow { // it slept: an average over that says nothing
		m.samples = m.samples[1:]
	}
}

// noteGap notes how long nothing had come before the counter grew.
func (m *meter) noteGap(gap time.Duration) {
	if gap <= idleAfter || gap > averageWindow {
		m.gaps, m.longestGap = 0, 0
		return
	}
	m.gaps++
	m.longestGap = max(m.longestGap, gap)
}

// patience is how long the counter may stand still until the transfer counts as over.
func (m *meter) idleLimit() time.Duration {
	if m.gaps < slowGaps {
		return idleAfter
	}
	return m.longestGap * 3 / 2
}

// rate is in units per second.
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
