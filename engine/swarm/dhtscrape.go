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

// maxDHTReports is how many reports count: those of the nodes nearest to the infohash, where peers announce.
const maxDHTReports = 8

// dhtReport is a node's report of how many peers have a torrent and how many are fetching it.
type dhtReport struct {
	id              krpc.ID
	addr            netip.Addr
	seeds, leechers int
}

// scrape asks the DHT how many peers have all of a torrent (BEP 33). It returns false if no node reports a number:
// many only return peers, whose state is unknown.
func (n *dhtNodes) scrape(ctx context.Context, hash infohash) (announce.Scraped, bool) {
	var mu sync.Mutex
	var reports []dhtReport
	var running sync.WaitGroup
	for _, node := range n.servers {
		walk, err := node.AnnounceTraversal(hash, dht.Scrape())
		if err != nil {
			continue
		}
		stop := context.AfterFunc(ctx, walk.Close)
		running.Go(func() {
			defer stop()
			for v := range walk.Peers { // closed when the traversal has ended
				if v.BFsd == nil && v.BFpe == nil {
					continue
				}
				addr, _ := netip.AddrFromSlice(v.Addr.IP)
				mu.Lock()
				reports = append(reports, dhtReport{v.NodeInfo.ID, addr, estimatePeers(v.BFsd), estimatePeers(v.BFpe)})
				mu.Unlock()
			}
			walk.Close()
		})
	}
	running.Wait()
	return combineReports(hash, reports)
}

// combineReports returns a number that most of the nearest nodes report at least. A filter can claim thousands of
// peers, so no report decides alone if there are others, and only one per network counts.
func combineReports(hash infohash, reports []dhtReport) (announce.Scraped, bool) {
	target := krpc.ID(hash).Int160()
	slices.SortFunc(reports, func(a, b dhtReport) int {
		return a.id.Int160().Distance(target).Cmp(b.id.Int160().Distance(target))
	})
	var seeds, leechers []int
	seen := map[netip.Prefix]bool{}
	for _, t := range reports {
		bits := 32
		if t.addr = t.addr.Unmap(); t.addr.Is6() {
			bits = 64 // One host usually has a whole /64.
		}
		if network, _ := t.addr.Prefix(bits); !seen[network] && len(seeds) < maxDHTReports {
			seen[network] = true
			seeds, leechers = append(seeds, t.seeds), append(leechers, t.leechers)
		}
	}
	if len(seeds) == 0 {
		return announce.Scraped{}, false
	}
	return announce.Scraped{Seeds: lowerMedian(seeds), Leechers: lowerMedian(leechers)}, true
}

// lowerMedian returns the median, the lower of the two middle numbers if there are two.
func lowerMedian(of []int) int {
	slices.Sort(of)
	return of[(len(of)-1)/2]
}

// maxEstimate is the largest number of peers that a filter can represent (BEP 33).
const maxEstimate = 6000

// estimatePeers returns how many addresses are in a filter. The library's estimate is a fraction for an empty filter,
// and infinite for a full one.
func estimatePeers(f *krpc.ScrapeBloomFilter) int {
	if f == nil || *f == (krpc.ScrapeBloomFilter{}) {
		return 0
	}
	return int(math.Round(min(f.EstimateCount(), maxEstimate)))
}
