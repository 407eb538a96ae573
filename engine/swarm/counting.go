package swarm

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"wtptui/engine/swarm/announce"
)

const (
	// countTimeout limits CountCopies. trackerTimeout is how long trackers have before the DHT is asked about the
	// torrents that they have not reported by then.
	countTimeout   = 45 * time.Second
	trackerTimeout = 20 * time.Second
	// metWindow is how long ago a peer may have been met to be counted. Peers are found and dialed several times in
	// that time.
	metWindow = 6 * time.Hour
	// maxForeignPerTorrent is how many of a torrent's own trackers are scraped, maxForeignScrapes how many of all
	// torrents in one count, and maxParallelForeign how many at the same time: twice as many dead ones leave the
	// others little time.
	maxForeignPerTorrent = 3
	maxForeignScrapes    = 64
	maxParallelForeign   = 32
	// maxDHTScrapes is how many torrents the DHT is asked about in one count. Each takes about a hundred packets.
	maxDHTScrapes = 16
)

// CopiesQuery asks how many peers have all of a torrent. The torrent need not be added.
type CopiesQuery struct {
	// Infohash is 40 lower-case hex digits.
	Infohash string
	// Trackers are scraped in addition to the configured ones, at public addresses only.
	Trackers []string
}

// CopiesAnswer is how many others have all of a torrent, as far as is known.
type CopiesAnswer struct {
	// Copies is the highest number that one tracker reports, or else the number that the DHT's nodes report; -1 if
	// none does.
	Copies int
	// Fetching is how many peers are fetching it, counted in the same way; 0 if unknown.
	Fetching int
	// Met is how many different peers with all of it were met here in the last six hours.
	Met int
}

// Census counts the copies of torrents, whether they are added to a client or not.
type Census struct{ client *Client }

// NewCensus returns a Census that uses a client's trackers and DHT.
func NewCensus(c *Client) Census { return Census{c} }

// CountCopies scrapes the configured trackers without announcing (BEP 48, BEP 15), some of the trackers that the
// torrents were named with, and the DHT about some of the torrents that no tracker knows (BEP 33). Which of them are
// asked differs from count to count. Answers are in the order of the queries. This client is not counted. It takes at
// most 45 seconds; the caller decides how often to call it.
func (cs Census) CountCopies(ctx context.Context, queries []CopiesQuery) []CopiesAnswer {
	c := cs.client
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	n := &copyCount{client: c, results: map[infohash]announce.Scraped{}}
	if c.dht != nil {
		n.scrapeDHT = func(ctx context.Context, hash infohash) (announce.Scraped, bool) {
			if h := c.torrents.get(hash); h != nil && h.content.isPrivate() {
				return announce.Scraped{}, false // Only its trackers may know of it (BEP 27).
			}
			return c.dhtNodes.scrape(ctx, hash)
		}
	}
	n.plan(queries)
	n.run(ctx)
	answers := make([]CopiesAnswer, len(queries))
	for i, q := range queries {
		answers[i] = n.answer(q)
	}
	return answers
}

// copyCount combines the results of several torrents.
type copyCount struct {
	client *Client
	hashes []infohash // without duplicates, in random order
	// configured and foreign hold the scrape of each tracker.
	configured, foreign []*trackerScrape
	// scrapeDHT asks the DHT about a torrent; nil if there is no DHT.
	scrapeDHT func(ctx context.Context, hash infohash) (announce.Scraped, bool)

	mu      sync.Mutex
	results map[infohash]announce.Scraped
}

// trackerScrape is the scrape of one tracker.
type trackerScrape struct {
	url    string
	do     func(ctx context.Context, hashes []infohash) (map[infohash]announce.Scraped, error)
	hashes []infohash
}

// plan decides which tracker is asked about which torrents. Configured trackers are asked about all of them.
func (n *copyCount) plan(queries []CopiesQuery) {
	n.configured = n.newScrapes(trackerURLs{configured: n.client.finders.trackers})
	known := map[string]bool{}
	for _, s := range n.configured {
		known[s.url] = true
	}
	foreign := map[infohash][]*trackerScrape{}
	for _, q := range queries {
		hash, err := parseHash("count copies", q.Infohash)
		if _, seen := foreign[hash]; err != nil || seen {
			continue
		}
		n.hashes = append(n.hashes, hash)
		foreign[hash] = slices.DeleteFunc(n.foreignTrackers(hash, q), func(s *trackerScrape) bool { return known[s.url] })
	}
	rand.Shuffle(len(n.hashes), func(i, j int) { n.hashes[i], n.hashes[j] = n.hashes[j], n.hashes[i] })
	for _, s := range n.configured {
		s.hashes = n.hashes
	}
	n.planForeign(foreign)
}

// planForeign distributes the allowed foreign scrapes: each torrent gets its first tracker before any gets its second.
func (n *copyCount) planForeign(named map[infohash][]*trackerScrape) {
	planned := map[string]*trackerScrape{}
	for i := range maxForeignPerTorrent {
		for _, hash := range n.hashes {
			if i >= len(named[hash]) {
				continue
			}
			s := named[hash][i]
			switch same := planned[s.url]; {
			case same != nil:
				s = same
			case len(planned) == maxForeignScrapes:
				continue
			default:
				planned[s.url] = s
				n.foreign = append(n.foreign, s)
			}
			s.hashes = append(s.hashes, hash)
		}
	}
}

// foreignTrackers returns the trackers of a torrent, from the query or from when it was added, without duplicates.
func (n *copyCount) foreignTrackers(hash infohash, q CopiesQuery) []*trackerScrape {
	urls := newOnes(nil, q.Trackers[:min(len(q.Trackers), maxForeignPerTorrent)])
	if h := n.client.torrents.get(hash); h != nil {
		urls = append(urls, newOnes(urls, h.trackerURLs().foreign)...)
	}
	return n.newScrapes(trackerURLs{foreign: urls[:min(len(urls), maxForeignPerTorrent)]})
}

// newScrapes returns a scrape for each tracker.
func (n *copyCount) newScrapes(urls trackerURLs) (all []*trackerScrape) {
	for _, t := range urls.announceTrackers() {
		all = append(all, &trackerScrape{url: t.URL, do: func(
			ctx context.Context, hashes []infohash,
		) (map[infohash]announce.Scraped, error) {
			return n.client.ann.Scrape(ctx, t, hashes)
		}})
	}
	for _, t := range urls.webTrackers() {
		all = append(all, &trackerScrape{url: t.URL, do: func(
			ctx context.Context, hashes []infohash,
		) (map[infohash]announce.Scraped, error) {
			results, err := n.client.web.Scrape(ctx, t, hashes)
			same := make(map[infohash]announce.Scraped, len(results))
			for hash, s := range results {
				same[hash] = announce.Scraped(s)
			}
			return same, err
		}})
	}
	return all
}

// run scrapes all trackers and the DHT. The DHT is asked when the trackers have answered, or after trackerTimeout: it
// has the rest of the time.
func (n *copyCount) run(ctx context.Context) {
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		n.scrapeTrackers(ctx)
	}()
	timer := time.NewTimer(trackerTimeout)
	defer timer.Stop()
	select {
	case <-asked:
	case <-timer.C:
	}
	n.scrapeUnknownInDHT(ctx)
	<-asked
}

// scrapeTrackers scrapes all trackers. Dead foreign trackers never shorten the time of the configured ones.
func (n *copyCount) scrapeTrackers(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range n.configured {
		wg.Go(func() { n.scrape(ctx, s) })
	}
	limited, cancel := context.WithTimeout(ctx, trackerTimeout)
	defer cancel()
	waiting := make(chan *trackerScrape, len(n.foreign))
	for _, s := range n.foreign {
		waiting <- s
	}
	close(waiting)
	for range min(maxParallelForeign, len(n.foreign)) {
		wg.Go(func() {
			for s := range waiting {
				n.scrape(limited, s)
			}
		})
	}
	wg.Wait()
}

func (n *copyCount) scrape(ctx context.Context, s *trackerScrape) {
	if ctx.Err() != nil || len(s.hashes) == 0 {
		return
	}
	results, err := s.do(ctx, s.hashes)
	if err != nil {
		n.client.log.Debug("scrape failed", "tracker", s.url, "err", err)
	}
	n.addResults(results)
}

// addResults merges the results of one tracker. Trackers know partly the same peers, so the highest number wins.
func (n *copyCount) addResults(results map[infohash]announce.Scraped) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for hash, s := range results {
		before := n.results[hash]
		n.results[hash] = announce.Scraped{
			Seeds: max(before.Seeds, s.Seeds), Leechers: max(before.Leechers, s.Leechers),
		}
	}
}

// scrapeUnknownInDHT asks the DHT about torrents of which no tracker has reported peers.
func (n *copyCount) scrapeUnknownInDHT(ctx context.Context) {
	if n.scrapeDHT == nil {
		return
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, dhtParallel)
	for _, hash := range n.hashesWithoutPeers(maxDHTScrapes) {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if result, ok := n.scrapeDHT(ctx, hash); ok {
				n.addResults(map[infohash]announce.Scraped{hash: result})
			}
		})
	}
	wg.Wait()
}

// hashesWithoutPeers returns up to limit torrents without reported peers.
func (n *copyCount) hashesWithoutPeers(limit int) (all []infohash) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, hash := range n.hashes {
		if s := n.results[hash]; s.Seeds+s.Leechers == 0 && len(all) < limit {
			all = append(all, hash)
		}
	}
	return all
}

// answer returns the answer to a query. This client is subtracted if it is in the torrent's swarm.
func (n *copyCount) answer(q CopiesQuery) CopiesAnswer {
	hash, err := parseHash("count copies", q.Infohash)
	if err != nil {
		return CopiesAnswer{Copies: -1}
	}
	a := CopiesAnswer{Copies: -1}
	h := n.client.torrents.get(hash)
	if h != nil {
		a.Met = h.copies.CompletePeersSince(time.Now().Add(-metWindow))
	}
	s, known := n.results[hash]
	if !known {
		return a
	}
	a.Copies, a.Fetching = s.Seeds, s.Leechers
	switch {
	case h == nil || h.presence.swarm.Load() == nil: // It is not announced.
	case h.content.isComplete():
		a.Copies = max(0, a.Copies-1)
	default:
		a.Fetching = max(0, a.Fetching-1)
	}
	return a
}
