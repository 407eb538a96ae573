package pick

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestFarRangeDuringDownload reads a range far from the other pieces during a full download.
func TestFarRangeDuringDownload(t *testing.T) {
	tests := []struct {
		name  string
		links func() []*link
		most  time.Duration
	}{
		{"1 MB/s", func() []*link { return []*link{{rate: 1e6, trip: 100 * ms}} }, 400 * ms},
		{"1 MB/s, near", func() []*link { return []*link{{rate: 1e6, trip: ms}} }, 300 * ms},
		{"1 MB/s, no fast extension", func() []*link { return []*link{{rate: 1e6, trip: 100 * ms, slow: true}} }, 400 * ms},
		{"1 MB/s in bursts", func() []*link { return []*link{{rate: 1e6, trip: 50 * ms, pays: 0.5}} }, 1000 * ms},
		{"50 kB/s", func() []*link { return []*link{{rate: 50e3, trip: 50 * ms}} }, 3500 * ms},
		{"50 kB/s after a burst", func() []*link { return []*link{{rate: 50e3, trip: 50 * ms, burst: 200e3}} }, 3500 * ms},
		{"50 kB/s in bursts", func() []*link { return []*link{{rate: 50e3, trip: 50 * ms, pays: 0.5}} }, 4000 * ms},
		{"50 kB/s after a burst, takes nothing back", func() []*link {
			return []*link{{rate: 50e3, trip: 50 * ms, burst: 50e3, deaf: true}}
		}, 5500 * ms},
		{"two", func() []*link { return []*link{{rate: 1e6, trip: 100 * ms}, {rate: 50e3, trip: 50 * ms}} }, 400 * ms},
		{"far and fast", func() []*link { return []*link{{rate: 25e6, trip: 200 * ms}} }, 420 * ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, before := range []time.Duration{500 * ms, 2 * time.Second, 7300 * ms, 20 * time.Second} {
				links := tt.links()
				s := newSim(t, shapeOf(20000, 32<<10), links...)
				s.run(before, func() bool { return false })
				var far []int
				for i := 10000; len(far) < 4; i++ {
					if _, here := s.done[i]; !here && s.p.ReceivedBytes(i) == 0 && s.p.s.pieces[i] == nil {
						far = append(far, i)
					}
				}
				start := s.now
				s.setWanted(far, nil)
				if !s.run(time.Minute, s.allDone(far...)) {
					t.Fatal("the range has not come")
				}
				took := s.now - start
				t.Logf("after %v: %s", before, ratio(took, ideal(4*32<<10, links...)))
				if took > tt.most {
					t.Errorf("after %v the range took %v, more than %v", before, took, tt.most)
				}
				if s.wasted > 10*BlockSize {
					t.Errorf("%d bytes came twice", s.wasted)
				}
			}
		})
	}
}

// TestDownloadUsesTheWholeLink downloads everything and compares the time with the capacity of the links.
func TestDownloadUsesTheWholeLink(t *testing.T) {
	tests := []struct {
		name   string
		pieces int
		links  func() []*link
		most   float64
	}{
		{"one", 200, func() []*link { return []*link{{rate: 1e6, trip: 100 * ms}} }, 1.02},
		{"96 MiB at 25 MB/s", 384, func() []*link { return []*link{{rate: 25e6, trip: 100 * ms}} }, 1.05},
		{"50 MB/s, 200 ms", 1000, func() []*link { return []*link{{rate: 50e6, trip: 200 * ms, takes: 2000}} }, 1.2},
		{"bursts", 200, func() []*link { return []*link{{rate: 1e6, trip: 50 * ms, pays: 0.5}} }, 1.05},
		{"takes nothing back", 384, func() []*link { return []*link{{rate: 5e6, trip: 100 * ms, deaf: true}} }, 1.05},
		{"slow", 8, func() []*link { return []*link{{rate: 50e3, trip: 50 * ms}} }, 1.02},
		{"loopback", 4000, func() []*link { return []*link{{rate: 500e6, trip: 100 * time.Microsecond}} }, 1.02},
		{"three", 200, func() []*link {
			return []*link{{rate: 1e6, trip: 100 * ms}, {rate: 3e6, trip: 50 * ms}, {rate: 1e5, trip: 150 * ms}}
		}, 1.05},
		{"twenty", 1000, func() []*link {
			var l []*link
			for i := range 20 {
				l = append(l, &link{rate: 1e5 * float64(i+1), trip: time.Duration(10*(i+1)) * ms})
			}
			return l
		}, 1.05},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			links := tt.links()
			for i, l := range links {
				l.name = fmt.Sprint(i)
			}
			s := newSim(t, shapeOf(tt.pieces, 256<<10), links...)
			if !s.run(time.Hour, s.complete) {
				t.Fatalf("%d pieces are missing", s.p.Missing())
			}
			best := ideal(s.shape.Size, links...)
			t.Logf("%s, %d plans, %.2f %% twice", ratio(s.now, best), s.plans, 100*float64(s.wasted)/float64(s.total))
			if float64(s.now) > tt.most*float64(best) {
				t.Errorf("it took %v, more than %.2f", ratio(s.now, best), tt.most)
			}
			if float64(s.wasted) > 0.03*float64(s.total) {
				t.Errorf("%d of %d bytes came twice", s.wasted, s.total)
			}
		})
	}
}

// TestPeerStallsMidway stops a peer during a download, in each of the ways in which peers stop.
func TestPeerStallsMidway(t *testing.T) {
	tests := []struct {
		name string
		stop func(s *sim, l *link)
	}{
		{"silent", func(_ *sim, l *link) { l.stall = true }},
		{"gone", func(s *sim, l *link) { s.leave(l) }},
		{"chokes", func(_ *sim, l *link) {
			l.queue, l.busy, l.choked = nil, false, true
			clear(l.asked)
			l.peer.Choked(false)
		}},
		{"chokes and rejects", func(_ *sim, l *link) {
			l.choked = true
			l.peer.Choked(true)
			queue := l.queue
			if l.busy {
				queue = queue[1:]
			}
			for _, b := range queue {
				l.reject(b)
			}
			l.queue = l.queue[:len(l.queue)-len(queue)]
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad, good := &link{name: "bad", rate: 2e6, trip: 50 * ms}, &link{name: "good", rate: 1e6, trip: 80 * ms}
			s := newSim(t, shapeOf(1000, 64<<10), bad, good)
			s.warmUp(5 * time.Second)
			page := count(980, 16)
			start := s.now
			s.setWanted(page, nil)
			s.run(150*ms, func() bool { return false })
			tt.stop(s, bad)
			if !s.run(time.Minute, s.allDone(page...)) {
				t.Fatal("the page has not come")
			}
			took := s.now - start
			if took > 2000*ms {
				t.Errorf("the page took %v", took)
			}
			t.Log(took)
			// Then all the rest comes too, without what the other one holds.
			if !s.run(10*time.Minute, s.complete) {
				t.Errorf("%d pieces are missing", s.p.Missing())
			}
		})
	}
}

// TestSnubbedPeer silences a peer for a while during a download.
func TestSnubbedPeer(t *testing.T) {
	l := &link{rate: 1e6, trip: 50 * ms}
	s := newSim(t, shapeOf(1000, 64<<10), l)
	s.run(5*time.Second, func() bool { return false })
	l.stall = true
	s.run(12*time.Second, func() bool { return false })
	if !l.peer.line.snubbed {
		t.Error("a peer that sends nothing for 12 s is not noticed")
	}
	asked := l.peer.Outstanding()
	l.stall = false
	l.serve()
	if !s.run(2*time.Minute, s.complete) {
		t.Errorf("%d pieces are missing after a peer with %d requests went on", s.p.Missing(), asked)
	}
}

// TestSilentPeers: a peer that stops sending is used again once it answers a new request.
func TestSilentPeers(t *testing.T) {
	for _, slow := range []bool{false, true} {
		l := &link{rate: 1e6, trip: 50 * ms, slow: slow}
		s := newSim(t, shapeOf(300, 64<<10), l)
		s.loose = true
		s.run(5*time.Second, func() bool { return false })
		l.queue, l.busy = nil, false
		clear(l.asked)
		if !s.run(5*time.Minute, s.complete) {
			t.Errorf("slow %v: %d pieces are missing", slow, s.p.Missing())
		}
		t.Log(s.now)
	}
}

// TestPeerDropsRequests downloads from a peer that ignores some requests.
func TestPeerDropsRequests(t *testing.T) {
	l := &link{rate: 1e6, trip: 50 * ms, drops: func(n int) bool { return n%100 == 0 }}
	s := newSim(t, shapeOf(300, 64<<10), l)
	s.loose = true
	if !s.run(10*time.Minute, s.complete) {
		t.Errorf("%d pieces are missing", s.p.Missing())
	}
	t.Log(s.now)
}

// TestLiars downloads from honest peers and some that send wrong bytes.
func TestLiars(t *testing.T) {
	links := []*link{
		{name: "liar", rate: 3e6, trip: 20 * ms, liar: true},
		{name: "stalling liar", rate: 3e6, trip: 20 * ms, liar: true},
		{name: "good", rate: 1e6, trip: 50 * ms},
		{name: "slow", rate: 3e5, trip: 50 * ms},
	}
	s := newSim(t, shapeOf(100, 256<<10), links...)
	s.setWanted(count(90, 4), count(50, 10))
	s.after(3*time.Second, func() { links[1].stall = true })
	if !s.run(10*time.Minute, s.complete) {
		t.Errorf("%d pieces are missing", s.p.Missing())
	}
	for _, l := range s.banned {
		if !l.liar {
			t.Errorf("%s is taken for a liar", l.name)
		}
	}
	if len(s.banned) < 1 {
		t.Error("no liar has been found")
	}
	t.Log(s.now, len(s.banned))
}

// TestPeersComeAndGo reads while peers join and leave.
func TestPeersComeAndGo(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	stays := &link{name: "stays", rate: 5e5, trip: 50 * ms}
	s := newSim(t, shapeOf(600, 64<<10), stays)
	var churn func()
	churn = func() {
		if len(s.links) > 5 || r.IntN(3) == 0 && len(s.links) > 1 {
			s.leave(s.links[1+r.IntN(len(s.links)-1)])
		} else {
			s.join(&link{
				name: fmt.Sprint("at ", s.now), rate: 1e5 * float64(1+r.IntN(20)), trip: time.Duration(1+r.IntN(200)) * ms,
				slow: r.IntN(2) == 0, stall: r.IntN(4) == 0,
			})
		}
		s.after(time.Duration(r.IntN(700))*ms, churn)
	}
	churn()
	s.run(time.Second, func() bool { return false })
	page := count(500, 16)
	start := s.now
	s.setWanted(page, nil)
	if !s.run(time.Minute, s.allDone(page...)) {
		t.Fatal("the page has not come")
	}
	if took := s.now - start; took > 3*time.Second {
		t.Errorf("the page took %v", took)
	}
	t.Log(s.now - start)
	if !s.run(5*time.Minute, s.complete) {
		t.Errorf("%d pieces are missing", s.p.Missing())
	}
}
