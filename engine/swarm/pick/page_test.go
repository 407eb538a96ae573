package pick

import (
	"testing"
	"time"
)

const ms = time.Millisecond

// warmUp downloads in bulk for some time, so that rates are known, and then pauses.
func (s *sim) warmUp(d time.Duration) {
	s.run(d, func() bool { return false })
	s.p.SetStopped(true)
	s.run(5*time.Second, func() bool { return false })
	s.p.SetStopped(false)
}

// TestPageInThreeWaves loads the files of a page in three waves during a download.
func TestPageInThreeWaves(t *testing.T) {
	for _, l := range []*link{
		{rate: 1e6, trip: 100 * ms},
		{rate: 10e6, trip: 100 * ms},
		{rate: 200e3, trip: 30 * ms},
		{rate: 1e6, trip: 50 * ms, slow: true},
	} {
		s := newSim(t, shapeOf(20000, 32<<10), l)
		s.run(6300*ms, func() bool { return false })
		start, best := s.now, time.Duration(0)
		for wave := range 3 {
			part := count(18000+10*wave, 4)
			s.setWanted(part, count(18004+10*wave, 4))
			if !s.run(time.Minute, s.allDone(part...)) {
				t.Fatal("the page has not come")
			}
			best += ideal(4*32<<10, l)
		}
		t.Log(ratio(s.now-start, best))
		// Each wave may wait for what is on its way, and for a block or two at a slow peer.
		if most := best + 3*(l.trip+bulkTime) + arrival(0, 3*BlockSize, l.rate); s.now-start > most {
			t.Errorf("the page took %v, more than %v", ratio(s.now-start, best), most)
		}
		before := s.total
		s.run(10*time.Second, func() bool { return false })
		if got := float64(s.total - before); got < 9.5*l.rate {
			t.Errorf("afterwards %.0f bytes come a second of %.0f", got/10, l.rate)
		}
	}
}

func TestPageLoad(t *testing.T) {
	tests := []struct {
		name  string
		links func() []*link
		warm  bool
		most  float64 // of the ideal
	}{
		{"one", func() []*link { return []*link{{rate: 1e6, trip: 100 * ms}} }, false, 1.05},
		{"one near", func() []*link { return []*link{{rate: 5e6, trip: 10 * ms}} }, false, 1.05},
		{"one far and fast", func() []*link { return []*link{{rate: 50e6, trip: 200 * ms}} }, false, 1.05},
		{"one slow", func() []*link { return []*link{{rate: 50e3, trip: 50 * ms}} }, false, 1.05},
		{"one, known", func() []*link { return []*link{{rate: 1e6, trip: 100 * ms}} }, true, 1.05},
		{"one slow, known", func() []*link { return []*link{{rate: 50e3, trip: 50 * ms}} }, true, 1.05},
		{"one far and fast, known", func() []*link { return []*link{{rate: 50e6, trip: 200 * ms}} }, true, 1.05},
		{"two equal", func() []*link {
			return []*link{{rate: 1e6, trip: 100 * ms}, {rate: 1e6, trip: 100 * ms}}
		}, false, 1.1},
		{"two, one slow", func() []*link {
			return []*link{{rate: 2e6, trip: 50 * ms}, {rate: 100e3, trip: 50 * ms}}
		}, false, 1.5},
		{"two, one slow, known", func() []*link {
			return []*link{{rate: 2e6, trip: 50 * ms}, {rate: 100e3, trip: 50 * ms}}
		}, true, 1.1},
		{"two, one far, known", func() []*link {
			return []*link{{rate: 1e6, trip: 20 * ms}, {rate: 10e6, trip: 200 * ms}}
		}, true, 1.1},
		{"five", func() []*link {
			return []*link{
				{rate: 2e5, trip: 30 * ms},
				{rate: 5e5, trip: 80 * ms},
				{rate: 1e6, trip: 120 * ms},
				{rate: 2e6, trip: 60 * ms},
				{rate: 4e6, trip: 150 * ms},
			}
		}, false, 1.6},
		{"five, known", func() []*link {
			return []*link{
				{rate: 2e5, trip: 30 * ms},
				{rate: 5e5, trip: 80 * ms},
				{rate: 1e6, trip: 120 * ms},
				{rate: 2e6, trip: 60 * ms},
				{rate: 4e6, trip: 150 * ms},
			}
		}, true, 1.1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			links := tt.links()
			s := newSim(t, shapeOf(4000, 64<<10), links...)
			if tt.warm {
				s.warmUp(10 * time.Second)
			}
			var page []int
			for i := 3999; len(page) < 16; i-- {
				if _, here := s.done[i]; !here {
					page = append(page, i)
				}
			}
			start := s.now
			s.setWanted(page, nil)
			if !s.run(time.Minute, s.allDone(page...)) {
				t.Fatal("the page has not come")
			}
			took, best := s.now-start, ideal(16*64<<10, links...)
			t.Log(ratio(took, best))
			if float64(took) > tt.most*float64(best) {
				t.Errorf("the page took %v, more than %.2f", ratio(took, best), tt.most)
			}
		})
	}
}

// TestUrgentAtPeerThatIgnoresCancel: a block that becomes urgent arrives in time though a peer with many outstanding
// requests ignores cancels.
func TestUrgentAtPeerThatIgnoresCancel(t *testing.T) {
	d := newRig(t, 1000)
	pe := d.addSeed(200)
	pe.IgnoresCancel()
	pe.line.meter = meter{steady: sample{1e6, 1}}
	pe.line.window, pe.line.blocks = 100, 100
	if n := len(d.planAfter(0)); n < 80 {
		t.Fatalf("%d blocks are asked for at first", n)
	}
	d.SetWanted([]int{999}, nil, d.now)
	d.expectRequests("urgent", pe, d.planAfter(200*ms), 1998, 1999)
}
