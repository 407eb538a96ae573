package swarm

import (
	"testing"
	"time"
)

// Blocks that are not verified count as arrivals for a while only, so that a peer with wrong data does not keep readers
// waiting for ever.
func TestUnverifiedArrivalsExpire(t *testing.T) {
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	block := func(a *arrivalTimes, minutes ...int) {
		for _, m := range minutes {
			a.recordBlock(at(m), 16<<10)
		}
	}
	for name, test := range map[string]struct {
		do   func(a *arrivalTimes)
		want int // minutes after the start, -1 for never
	}{
		"nothing":            {func(*arrivalTimes) {}, -1},
		"a block":            {func(a *arrivalTimes) { block(a, 3) }, 3},
		"blocks for ever":    {func(a *arrivalTimes) { block(a, 3, 9, 20, 30, 60) }, 9},
		"a piece":            {func(a *arrivalTimes) { a.recordVerified(at(30)); block(a, 35, 50) }, 35},
		"a piece is enough":  {func(a *arrivalTimes) { a.recordVerified(at(30)) }, 30},
		"asked late":         {func(a *arrivalTimes) { block(a, 60); a.recordRead(at(90)); block(a, 95, 120) }, 95},
		"asked all the time": {func(a *arrivalTimes) { askAlways(a, at); block(a, 15) }, -1},
	} {
		var a arrivalTimes
		a.startTrust(start)
		test.do(&a)
		if want := at(test.want); test.want < 0 && !a.lastArrival().IsZero() ||
			test.want >= 0 && !a.lastArrival().Equal(want) {
			t.Errorf("%s: %v, want %d minutes", name, a.lastArrival().Sub(start), test.want)
		}
	}
}

// askAlways asks every five minutes.
func askAlways(a *arrivalTimes, at func(minutes int) time.Time) {
	for m := 0; m < 60; m += 5 {
		a.recordRead(at(m))
	}
}

func TestArrivalRate(t *testing.T) {
	var a arrivalTimes
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	a.bytesPerSecond(now)
	for range 4 {
		a.recordBlock(now, 50_000)
	}
	if got := a.bytesPerSecond(now.Add(2 * time.Second)); got != 100_000 {
		t.Errorf("%d B/s, want 100000", got)
	}
}
