package swarm

import (
	"context"
	"math"
	"sync"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"

	"wtptui/engine/swarm/announce"
)

// scrape asks the nodes that know peers of a torrent how many of them have all of it (BEP 33). It reports false if no
// node tells: many only name peers, of which nobody knows what they have.
func (n *dhtNodes) scrape(ctx context.Context, hash infohash) (announce.Scraped, bool) {
	var mu sync.Mutex
	var seeds, leechers krpc.ScrapeBloomFilter
	told := false
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
				mu.Lock()
				told = true
				addFilter(&seeds, v.BFsd)
				addFilter(&leechers, v.BFpe)
				mu.Unlock()
			}
			walk.Close()
		})
	}
	asking.Wait()
	return announce.Scraped{Seeds: estimate(&seeds), Leechers: estimate(&leechers)}, told
}

// addFilter makes all one filter of the addresses in it and in one.
func addFilter(all, one *krpc.ScrapeBloomFilter) {
	if one == nil {
		return
	}
	for i := range all {
		all[i] |= one[i]
	}
}

// estimate returns how many addresses are in a filter; about 6,000 is the most that it can tell.
func estimate(f *krpc.ScrapeBloomFilter) int {
	if *f == (krpc.ScrapeBloomFilter{}) { // of which the library's estimate is a fraction
		return 0
	}
	return int(math.Round(f.EstimateCount()))
}
