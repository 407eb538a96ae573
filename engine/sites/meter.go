package sites

import "time"

// window is the time over which rates are averaged: long enough to be calm, short enough to tell a stall.
const window = 4 * time.Second

// meter turns a growing counter into a rate.
type meter struct {
	samples []sample // oldest first, spanning at most window
}

type sample struct {
	at    time.Time
	total int64
}

// add takes the counter's value at a time. Calls less than a second apart from the last but one replace the last.
func (m *meter) add(at time.Time, total int64) {
	if n := len(m.samples); n >= 2 && at.Sub(m.samples[n-2].at) < time.Second {
		m.samples[n-1] = sample{at, total}
	} else {
		m.samples = append(m.samples, sample{at, total})
	}
	for len(m.samples) > 2 && at.Sub(m.samples[0].at) > window {
		m.samples = m.samples[1:]
	}
	if len(m.samples) == 2 && at.Sub(m.samples[0].at) > 2*window { // it slept: an average over that says nothing
		m.samples = m.samples[1:]
	}
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
