package pick

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// shortestTime returns the shortest time in which all blocks can arrive, of all ways to divide them among the links.
// has reports whether a link has a block.
func shortestTime(links []*link, blocks int, has func(l, b int) bool) time.Duration {
	counts := make([]int, len(links))
	least := time.Duration(math.MaxInt64)
	var try func(b int)
	try = func(b int) {
		if b == blocks {
			took := time.Duration(0)
			for i, n := range counts {
				if n > 0 {
					took = max(took, arrival(links[i].trip, n*BlockSize, links[i].rate))
				}
			}
			least = min(least, took)
			return
		}
		for i := range links {
			if has(i, b) {
				counts[i]++
				try(b + 1)
				counts[i]--
			}
		}
	}
	try(0)
	return least
}

// setKnownRate makes the picker know the rate of a link.
func (l *link) setKnownRate() {
	l.peer.line.meter = meter{steady: sample{l.rate, 1}}
	l.peer.line.roundRate = l.rate
	l.peer.line.window = max(8, l.rate*(l.trip+queueTime).Seconds()/BlockSize+1)
}

// TestPageLoadsAreNearTheIdeal compares small page loads with the best possible time.
func TestPageLoadsAreNearTheIdeal(t *testing.T) {
	for _, tt := range []struct {
		name         string
		known, parts bool
		bulk         bool
		median, most float64
	}{
		{"rates known", true, false, false, 1.001, 1.3},
		{"rates known, parts", true, true, false, 1.001, 1.5},
		{"rates unknown", false, false, false, 1.25, 4},
		{"rates known, bulk before", true, true, true, 1.25, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 12))
			var ratios []float64
			for range 400 {
				ratios = append(ratios, smallLoad(t, r, tt.known, tt.parts, tt.bulk))
			}
			slices.Sort(ratios)
			median, most := ratios[len(ratios)/2], ratios[len(ratios)-1]
			t.Logf("median %.3f, nine of ten %.3f, most %.3f", median, ratios[len(ratios)*9/10], most)
			if median > tt.median || most > tt.most {
				t.Errorf("median %.3f and most %.3f of the ideal, more than %v and %v", median, most, tt.median, tt.most)
			}
		})
	}
}

// smallLoad loads up to eight blocks from up to three peers, and returns its time as a part of the best one.
func smallLoad(t *testing.T, r *rand.Rand, known, parts, bulk bool) float64 {
	links := make([]*link, 1+r.IntN(3))
	for i := range links {
		links[i] = &link{
			name: fmt.Sprint(i), rate: 5e4 * math.Exp(r.Float64()*5), trip: time.Duration(1+r.IntN(200)) * ms,
		}
	}
	const more = 200
	blocks := 1 + r.IntN(8)
	pieces := blocks
	if bulk {
		pieces += more
	}
	s := newSim(t, shapeOf(pieces, BlockSize))
	lacks := map[[2]int]bool{}
	for i, l := range links {
		s.join(l)
		if known {
			l.setKnownRate()
		}
		if !parts {
			continue
		}
		l.peer.clearPieces()
		for b := range pieces {
			if i > 0 && r.IntN(3) == 0 {
				lacks[[2]int{i, b}] = true
			} else {
				l.peer.AddPiece(b)
			}
		}
	}
	if bulk {
		for b := range blocks {
			s.p.PieceVerified(b)
		}
		s.run(time.Duration(r.IntN(1500))*ms, func() bool { return false })
		for b := range blocks {
			s.p.PieceLost(b)
		}
	}
	start := s.now
	s.setWanted(count(0, blocks), nil)
	if !s.run(time.Minute, s.allDone(count(0, blocks)...)) {
		t.Fatal("the blocks have not come")
	}
	return float64(s.now-start) / float64(shortestTime(links, blocks, func(l, b int) bool { return !lacks[[2]int{l, b}] }))
}
