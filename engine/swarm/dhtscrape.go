package swarm

import (
	"context"
	"math"
	"net/netip"
	"slices"
	"sync"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"

	"wtptui/engine/swarm/announce"
)

// dhtTellers is how many of the nodes that tell are believed: those nearest to the infohash, where peers announce.
const dhtTellers = 8

// dhtTeller is a node that tells how many have a torrent and how many are fetching it.
type dhtTeller struct {
	id              krpc.ID
	addr            netip.Addr
	seeds, leechers int
}

// scrape asks the nodes that know peers of a torrent how many of them have all of it (BEP 33). It reports false if no
// node tells: many only name peers, of which nobody knows what they have.
func (n *dhtNodes) scrape(ctx context.Context, hash infohash) (announce.Scraped, bool) {
	var mu sync.Mutex
	var tellers []dhtTeller
	var asking sync.WaitGroup
	for _, node := range n.servers {
		walk, err := node.AnnounceTraversal(hash, dht.Scrape())
		if err != nil {
			continue
		}
		stop := context.AfterFunc(ctx, walk.Close)
		asking.Go(func() {
			defer stop()
			for v := range walk.Peers { // It is closed when the walk has ended.
				if v.BFsd == nil && v.BFpe == nil {
					continue
				}
				addr, _ := netip.AddrFromSlice(v.Addr.IP)
				mu.Lock()
				tellers = append(tellers, dhtTeller{v.NodeInfo.ID, addr, estimate(v.BFsd), estimate(v.BFpe)})
				mu.Unlock()
			}
			walk.Close()
		})
	}
	asking.Wait()
	return believe(hash, tellers)
}

// believe returns what most of the nodes nearest to a torrent tell at least. A filter can claim thousands of peers, so
// none counts alone if there are others, and neither do several of one address.
func believe(hash infohash, tellers []dhtTeller) (announce.Scraped, bool) {
	target := krpc.ID(hash).Int160()
	slices.SortFunc(tellers, func(a, b dhtTeller) int {
		return a.id.Int160().Distance(target).Cmp(b.id.Int160().Distance(target))
	})
	var seeds, leechers []int
	seen := map[netip.Prefix]bool{}
	for _, t := range tellers {
		bits := 32
		if t.addr = t.addr.Unmap(); t.addr.Is6() {
			bits = 64 // Whoever has an address there has all of them.
		}
		if network, _ := t.addr.Prefix(bits); !seen[network] && len(seeds) < dhtTellers {
			seen[network] = true
			seeds, leechers = append(seeds, t.seeds), append(leechers, t.leechers)
		}
	}
	if len(seeds) == 0 {
		return announce.Scraped{}, false
	}
	return announce.Scraped{Seeds: lowerMedian(seeds), Leechers: lowerMedian(leechers)}, true
}

// lowerMedian returns the middle one of some numbers, the lower of the two if there are two.
func lowerMedian(of []int) int {
	slices.Sort(of)
	return of[(len(of)-1)/2]
}

// mostEstimated is the most that a filter can tell (BEP 33).
const mostEstimated = 6000

// estimate returns how many addresses are in a filter. The library's estimate of an empty one is a fraction, and of a
// full one infinite.
func estimate(f *krpc.ScrapeBloomFilter) int {
	if f == nil || *f == (krpc.ScrapeBloomFilter{}) {
		return 0
	}
	return int(math.Round(min(f.EstimateCount(), mostEstimated)))
}
