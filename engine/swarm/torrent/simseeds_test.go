package torrent

import (
	"fmt"
	"testing"
	"time"

	"wtptui/engine/swarm/netsim"
)

// Several seeds are used as fast as all their lines together allow, whatever the differences.
func TestSimSeeds(t *testing.T) {
	for name, c := range map[string]struct {
		rates        []int64
		rtt          time.Duration
		size         int // bytes, at full size four times as many
		median, late float64
	}{
		"one":                {[]int64{1_000_000}, 50 * time.Millisecond, 4 << 20, 1.1, 1.15},
		"equals":             {equalRates(4, 500_000), 50 * time.Millisecond, 8 << 20, 1.1, 1.15},
		"different":          {[]int64{2_000_000, 1_000_000, 500_000, 100_000}, 100 * time.Millisecond, 8 << 20, 1.15, 1.2},
		"very different":     {[]int64{5_000_000, 20_000, 20_000, 20_000}, 100 * time.Millisecond, 8 << 20, 1.4, 1.5},
		"slow ones":          {equalRates(10, 20_000), 100 * time.Millisecond, 2 << 20, 1.2, 1.3},
		"fast ones, and far": {equalRates(2, 12_000_000), 300 * time.Millisecond, 32 << 20, 1.4, 1.5},
		"many":               {equalRates(20, 200_000), 100 * time.Millisecond, 8 << 20, 1.2, 1.3},
	} {
		t.Run(name, func(t *testing.T) {
			var all ratios
			for random := range simSize(1, 5) {
				sum, size := int64(0), c.size*simSize(1, 4)
				for _, r := range c.rates {
					sum += r
				}
				took := fetchFrom(t, uint64(random), size, c.rtt, c.rates, 0)
				all.add(took, 3*c.rtt+sendTime(size, sum))
			}
			all.expectAtMost(t, c.median, c.late)
		})
	}
}

// equalRates returns the rates of n seeds of the same rate.
func equalRates(n int, rate int64) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = rate
	}
	return all
}

// fetchFrom returns how long a site takes from seeds with some rates, of which the first ones lie.
func fetchFrom(
	t *testing.T, random uint64, size int, rtt time.Duration, rates []int64, liars int,
) (took time.Duration) {
	t.Helper()
	simulate(t, random, func(t *testing.T, n *netsim.Net) {
		s := newSite(t, size, 256<<10, 4)
		reader := newSimNode(t, n.Host("reader", line(rtt, 0, 0)), s, options{})
		for i, rate := range rates {
			o := options{complete: true}
			if i < liars {
				o.noPEX = true // Nobody here bans those who call; see Events.PeerDialed.
				wrong := newMemory(s, true)
				clear(wrong.bytes)
				o.data = wrong
			}
			seed := newSimNode(t, n.Host(fmt.Sprint("seed", i), line(rtt, rate, 0)), s, o)
			reader.addGivenPeers(seed.addr)
		}
		begin := time.Now()
		<-reader.finished
		took = time.Since(begin)
		reader.expectComplete(t)
	})
	return took
}

// Liars cost no more time than their wrong blocks, and the time until they are banned. The ideal is a download without
// them.
func TestSimLiars(t *testing.T) {
	for _, liars := range []int{1, 3, 5} {
		t.Run(fmt.Sprint(liars, " of 6"), func(t *testing.T) {
			var all ratios
			for random := range simSize(1, 5) {
				const size, rtt, rate = 4 << 20, 100 * time.Millisecond, 500_000
				took := fetchFrom(t, uint64(random), size, rtt, equalRates(6, rate), liars)
				all.add(took, 3*rtt+sendTime(size, int64(6-liars)*rate))
			}
			all.expectAtMost(t, 1.2, 1.5)
		})
	}
}
