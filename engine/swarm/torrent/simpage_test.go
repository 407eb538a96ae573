package torrent

import (
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"wtptui/engine/swarm/netsim"
)

// line returns a link without slow start, so that the ideal is easy to compute.
func line(rtt time.Duration, up, down int64) netsim.Link {
	return netsim.Link{Latency: rtt / 4, Up: up, Down: down, Window: 1 << 24}
}

// The first page of a magnet link takes four round trips and the time of its bytes, and that of a known site three.
// Peers with a free slot unchoke us before they are asked.
func TestSimPage(t *testing.T) {
	for _, rtt := range []time.Duration{30 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
		for _, rate := range []int64{500_000, 2_000_000, 100_000_000} {
			for trips, magnet := range map[int]bool{3: false, 4: true} {
				t.Run(fmt.Sprintf("%d trips of %v, %d kB per s", trips, rtt, rate/1000), func(t *testing.T) {
					var all ratios
					for random := range simSize(1, 9) {
						link := line(rtt, rate, rate)
						took := loadPage(t, uint64(random), link, link, magnet)
						all.add(took, time.Duration(trips)*rtt+sendTime(pageSize, rate))
					}
					all.expectAtMost(t, 1.05, 1.1)
				})
			}
		}
	}
}

// From several seeds a page loads at least as fast as from the fastest of them.
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
					reader := newSimNode(t, n.Host("reader", line(rtt, 0, 0)), s, options{magnet: true})
					sum := int64(0)
					begin := time.Now()
					for _, rate := range rates {
						seed := newSimNode(t, n.Host("seed", line(rtt, rate, 0)), s, options{complete: true})
						reader.addGivenPeers(seed.addr)
						sum += rate
					}
					reader.browse()
					all.add(time.Since(begin), 4*rtt+sendTime(pageSize, sum))
				})
			}
			all.expectAtMost(t, 2, 2)
		})
	}
}

// The same holds on realistic links with slow start and queues. The ideal is the time of a plain connection with as
// many requests.
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
			all.expectAtMost(t, 1.15, 1.5)
		})
	}
}

// transfer returns how long it takes to connect, to send two requests with short responses, and to fetch the bytes of
// a page.
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
		seed := newSimNode(t, n.Host("seed", seedLink), s, options{complete: true})
		reader := newSimNode(t, n.Host("reader", link), s, options{magnet: magnet})
		begin := time.Now()
		reader.addGivenPeers(seed.addr)
		reader.browse()
		took = time.Since(begin)
	})
	return took
}

// Urgent pieces arrive soon, though all others are being fetched over the same slow line. The ideal is a round trip
// and the time of their bytes. Blocks that the seed's system has queued cannot be cancelled.
func TestSimFarRange(t *testing.T) {
	for _, c := range []struct {
		rate         int64
		limit        time.Duration
		median, late float64
	}{{1_000_000, 1200 * time.Millisecond, 3.7, 4.2}, {50_000, 4500 * time.Millisecond, 1.5, 2}} {
		t.Run(fmt.Sprint(c.rate/1000, " kB per s"), func(t *testing.T) {
			var all ratios
			for random := range simSize(1, 8) {
				readFarPieces(t, uint64(random), &all, []int64{c.rate}, c.limit)
			}
			all.expectAtMost(t, c.median, c.late)
		})
	}
}

// The same holds with several seeds. The ideal is that of all lines together.
func TestSimFarRangeOfSeveral(t *testing.T) {
	for name, rates := range map[string][]int64{
		"two":  {800_000, 200_000},
		"five": {500_000, 300_000, 100_000, 50_000, 50_000},
	} {
		t.Run(name, func(t *testing.T) {
			var all ratios
			for random := range simSize(1, 8) {
				readFarPieces(t, uint64(random), &all, rates, 1200*time.Millisecond)
			}
			all.expectAtMost(t, 4.2, 5)
		})
	}
}

// readFarPieces waits for pieces in the midst of a download from seeds with some rates, for each of them no longer
// than limit.
func readFarPieces(t *testing.T, random uint64, all *ratios, rates []int64, limit time.Duration) {
	t.Helper()
	simulate(t, random, func(t *testing.T, n *netsim.Net) {
		const rtt = 100 * time.Millisecond
		s := newSite(t, 24<<20, 128<<10, 4)
		reader := newSimNode(t, n.Host("reader", netsim.Link{Latency: rtt / 4}), s, options{})
		sum := int64(0)
		for _, rate := range rates {
			seed := newSimNode(t, n.Host("seed", netsim.Link{Latency: rtt / 4, Up: rate}), s, options{complete: true})
			reader.addGivenPeers(seed.addr)
			sum += rate
		}
		ideal := rtt + sendTime(int(s.layout.PieceLength), sum)
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

// hasAnyOf reports whether any block of a piece has arrived.
func (n *node) hasAnyOf(piece int) bool {
	done, _ := n.data.Piece(piece)
	return done || n.ReceivedBytes([]int{piece}) > 0
}
