package torrent

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"wtptui/engine/swarm/netsim"
)

// line is a link without slow start, so that the ideal is easy to tell.
func line(rtt time.Duration, up, down int64) netsim.Link {
	return netsim.Link{Latency: rtt / 4, Up: up, Down: down, Window: 1 << 24}
}

// The first page of a site of which only the infohash is known takes four round trips and what its bytes take; of one
// that is known, three: whoever has a place free says so before it is asked.
func TestSimPage(t *testing.T) {
	for _, rtt := range []time.Duration{30 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
		for _, rate := range []int64{500_000, 2_000_000, 100_000_000} {
			for trips, magnet := range map[int]bool{3: false, 4: true} {
				t.Run(fmt.Sprintf("%d trips of %v, %d kB per s", trips, rtt, rate/1000), func(t *testing.T) {
					var all ratios
					for random := range simSize(1, 9) {
						link := line(rtt, rate, rate)
						took := loadPage(t, uint64(random), link, link, magnet)
						all.add(took, time.Duration(trips)*rtt+sending(pageSize, rate))
					}
					all.want(t, 1.05, 1.1)
				})
			}
		}
	}
}

// From several seeds a page comes as fast as from the fastest of them, or faster.
func TestSimPageOfSeveral(t *testing.T) {
	for name, rates := range map[string][]int64{
		"equals":               {1_000_000, 1_000_000},
		"a slow one first":     {50_000, 2_000_000},
		"several slow ones":    {50_000, 50_000, 50_000, 2_000_000},
		"a very slow one":      {2_000, 1_000_000},
		"slow ones only":       {50_000, 50_000, 50_000, 50_000},
		"many, and a fast one": {100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100_000, 5_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			const rtt = 100 * time.Millisecond
			var all ratios
			for random := range simSize(3, 20) {
				simulate(t, uint64(random), func(t *testing.T, n *netsim.Net) {
					s := newSite(t, pageSize, pagePiece, 3)
					reader := newSimulated(t, n.Host("reader", line(rtt, 0, 0)), s, options{magnet: true})
					sum := int64(0)
					begin := time.Now()
					for _, rate := range rates {
						seed := newSimulated(t, n.Host("seed", line(rtt, rate, 0)), s, options{complete: true})
						reader.addGivenPeers(seed.addr)
						sum += rate
					}
					reader.browse()
					all.add(time.Since(begin), 4*rtt+sending(pageSize, sum))
				})
			}
			all.want(t, 2, 2)
		})
	}
}

// The same with links as people have them, with slow start and queues. The ideal is what a plain connection takes over
// which as many questions go.
func TestSimPageAtHome(t *testing.T) {
	for name, link := range map[string]netsim.Link{
		"fibre": netsim.Fibre(), "cable": netsim.Cable(), "DSL": netsim.DSL(), "mobile": netsim.Mobile(),
		"satellite": netsim.Satellite(),
	} {
		t.Run(name, func(t *testing.T) {
			var all ratios
			for random := range simSize(3, 20) {
				seedLink := netsim.Fibre().Far(20 * time.Millisecond).Behind(netsim.Open)
				took := loadPage(t, uint64(random), seedLink, link, true)
				all.add(took, transfer(t, uint64(random), seedLink, link))
			}
			all.want(t, 1.15, 1.5)
		})
	}
}

// transfer returns how long it takes to connect, to ask two questions with short answers, and to get the bytes of a
// page.
func transfer(t *testing.T, random uint64, from, to netsim.Link) (took time.Duration) {
	t.Helper()
	simulate(t, random, func(t *testing.T, n *netsim.Net) {
		seed, reader := n.Host("seed", from), n.Host("reader", to)
		l, err := seed.Listen(simPort)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			for _, answer := range []int{70, 1000, pageSize} {
				if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
					return
				}
				_, _ = c.Write(make([]byte, answer))
			}
		})
		begin := time.Now()
		c, err := reader.Dial(t.Context(), wireAddr(seed))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, answer := range []int{70, 1000, pageSize} {
			_, _ = c.Write([]byte{1})
			if _, err := io.ReadFull(c, make([]byte, answer)); err != nil {
				t.Fatal(err)
			}
		}
		took = time.Since(begin)
		wg.Wait()
	})
	return took
}

// loadPage returns how long a page takes from one seed.
func loadPage(t *testing.T, random uint64, seedLink, link netsim.Link, magnet bool) (took time.Duration) {
	t.Helper()
	simulate(t, random, func(t *testing.T, n *netsim.Net) {
		s := newSite(t, pageSize, pagePiece, 3)
		seed := newSimulated(t, n.Host("seed", seedLink), s, options{complete: true})
		reader := newSimulated(t, n.Host("reader", link), s, options{magnet: magnet})
		begin := time.Now()
		reader.addGivenPeers(seed.addr)
		reader.browse()
		took = time.Since(begin)
	})
	return took
}

// What somebody waits for comes soon, though the rest is being fetched over the same slow line. The ideal is a round
// trip and what its bytes take; what the seed's own system holds of other blocks cannot be taken back.
func TestSimFarRange(t *testing.T) {
	for _, c := range []struct {
		rate         int64
		limit        time.Duration
		median, late float64
	}{{1_000_000, 1200 * time.Millisecond, 3.7, 4.2}, {50_000, 4500 * time.Millisecond, 1.5, 2}} {
		t.Run(fmt.Sprint(c.rate/1000, " kB per s"), func(t *testing.T) {
			var all ratios
			for random := range simSize(1, 8) {
				far(t, uint64(random), &all, []int64{c.rate}, c.limit)
			}
			all.want(t, c.median, c.late)
		})
	}
}

// The same from several seeds. The ideal is that of all lines together.
func TestSimFarRangeOfSeveral(t *testing.T) {
	for name, rates := range map[string][]int64{
		"two":  {800_000, 200_000},
		"five": {500_000, 300_000, 100_000, 50_000, 50_000},
	} {
		t.Run(name, func(t *testing.T) {
			var all ratios
			for random := range simSize(1, 8) {
				far(t, uint64(random), &all, rates, 1200*time.Millisecond)
			}
			all.want(t, 4.2, 5)
		})
	}
}

// far waits for pieces in the midst of a download from seeds with some rates, for each of them no longer than limit.
func far(t *testing.T, random uint64, all *ratios, rates []int64, limit time.Duration) {
	t.Helper()
	simulate(t, random, func(t *testing.T, n *netsim.Net) {
		const rtt = 100 * time.Millisecond
		s := newSite(t, 24<<20, 128<<10, 4)
		reader := newSimulated(t, n.Host("reader", netsim.Link{Latency: rtt / 4}), s, options{})
		sum := int64(0)
		for _, rate := range rates {
			seed := newSimulated(t, n.Host("seed", netsim.Link{Latency: rtt / 4, Up: rate}), s, options{complete: true})
			reader.addGivenPeers(seed.addr)
			sum += rate
		}
		ideal := rtt + sending(int(s.layout.PieceLength), sum)
		for _, at := range []float64{0.93, 0.55, 0.78, 0.66, 0.87} {
			time.Sleep(3 * time.Second)
			piece := int(at * float64(s.layout.Pieces))
			for reader.hasAnyOf(piece) {
				piece++
			}
			begin := time.Now()
			reader.SetWant(Want{Urgent: []int{piece}})
			<-reader.pieceCompletion(piece)
			took := time.Since(begin)
			reader.SetWant(Want{})
			all.add(took, ideal)
			if took > limit {
				t.Errorf("it takes %v", took)
			}
		}
	})
}

// hasAnyOf reports whether anything of a piece has arrived.
func (n *node) hasAnyOf(piece int) bool {
	done, _ := n.data.Piece(piece)
	return done || n.ReceivedBytes([]int{piece}) > 0
}
