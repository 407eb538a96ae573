package sites

import (
	"testing"
	"time"
)

// measuredRate is a meter that is read at every tick while a transfer goes on.
type measuredRate struct {
	meter

	now   time.Time
	total int64
}

func newMeasured() *measuredRate {
	return &measuredRate{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

// pass lets ticks pass, each with a transfer of perTick bytes.
func (m *measuredRate) pass(d time.Duration, perTick int64) {
	for end := m.now.Add(d); m.now.Before(end); {
		m.now = m.now.Add(tickInterval)
		m.total += perTick
		m.add(m.now, m.total)
	}
}

// The first tick after the end may still contain bytes from before it. Two more without any take at most 750 ms.
func TestRateIsZeroWithinASecondOfTheEnd(t *testing.T) {
	for name, length := range map[string]time.Duration{
		"a moment": tickInterval, "a second": time.Second, "long": time.Minute,
	} {
		m := newMeasured()
		m.pass(3*time.Second, 0)
		m.pass(length, 250_000)
		if length >= time.Second && m.rate() != 1_000_000 {
			t.Errorf("%s: %d bytes per second while a megabyte comes in each", name, m.rate())
		}
		if m.rate() == 0 {
			t.Errorf("%s: nothing while it comes", name)
		}
		m.pass(750*time.Millisecond-tickInterval, 0)
		if m.rate() != 0 {
			t.Errorf("%s: %d bytes per second after it has ended", name, m.rate())
		}
		m.pass(time.Hour, 0)
		if len(m.samples) != 1 {
			t.Errorf("%s: %d samples of nothing", name, len(m.samples))
		}
	}
}

// Bytes that come after silence are not averaged over it.
func TestRateRisesAtOnce(t *testing.T) {
	m := newMeasured()
	m.pass(time.Minute, 100_000)
	m.pass(3*time.Second, 0)
	m.pass(tickInterval, 100_000)
	if m.rate() != 400_000 {
		t.Errorf("%d bytes per second, want 400000", m.rate())
	}
}

// A transfer of one block every two seconds has a steady rate. Its end is noticed later.
func TestRateOfASlowTransferIsSteady(t *testing.T) {
	m := newMeasured()
	block := func() { m.pass(tickInterval, 16<<10) }
	for range slowGaps + 3 {
		block()
		m.pass(2*time.Second-tickInterval, 0)
	}
	for range 20 {
		block()
		for range 7 {
			m.pass(tickInterval, 0)
			if r := m.rate(); r < 4<<10 || r > 16<<10 {
				t.Fatalf("%d bytes per second, of 8192", r)
			}
		}
	}
	m.pass(2*time.Second, 0)
	if m.rate() != 0 {
		t.Errorf("%d bytes per second after it has ended", m.rate())
	}
	// A fast one is taken for what it is at once.
	m.pass(3*time.Second, 50_000)
	m.pass(idleAfter, 0)
	if m.rate() != 0 {
		t.Errorf("%d bytes per second after a fast one has ended", m.rate())
	}
}

// The time during which the machine slept does not count for the rate.
func TestRateIgnoresTheTimeAsleep(t *testing.T) {
	m := newMeasured()
	m.pass(5*time.Second, 100_000)
	m.now = m.now.Add(time.Hour)
	m.pass(tickInterval, 1000)
	if m.rate() != 0 {
		t.Errorf("%d bytes per second", m.rate())
	}
}
