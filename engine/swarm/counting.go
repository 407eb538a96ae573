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
	// countTime is how long CountCopies takes at most, and trackersTime how long the trackers have before the DHT is asked
	// about what they have not told by then.
	countTime    = 45 * time.Second
	trackersTime = 20 * time.Second
	// metLately is how long ago a peer may have been met: it is named again several times in that time, and called.
	metLately = 6 * time.Hour
	// foreignScrapes is how many trackers of its own are asked about a torrent, mostForeign how many of all torrents in
	// one count, and foreignAtOnce at the same time: twice as many dead ones as that leave the others little time.
	foreignScrapes = 3
	mostForeign    = 64
	foreignAtOnce  = 32
	// dhtScrapes is how many torrents the DHT is asked about in one count: each of them takes a hundred packets or so.
	dhtScrapes = 16
)

// CopiesQuery asks how many have all of a torrent, which need not be here.
type CopiesQuery struct {
	// Infohash is 40 lower-case hex digits.
	Infohash string
	// Trackers that it was named with are asked beside those that are configured, at public addresses only.
	Trackers []string
}

// CopiesAnswer is how many others have all of a torrent now, as far as anybody tells.
type CopiesAnswer struct {
	// Copies is the highest number that one tracker counts, or else what the nodes of the DHT do; -1 if nobody tells.
	Copies int
	// Fetching is how many are fetching it, counted in the same way, and 0 if nobody tells.
	Fetching int
	// Met is how many different peers with all of it were met here in the last six hours.
	Met int
}

// Census counts the copies of torrents, whether a client has them or not.
type Census struct{ client *Client }

// NewCensus returns a Census that asks as a client does.
func NewCensus(c *Client) Census { return Census{c} }

// CountCopies asks the trackers in use about torrents without announcing any (BEP 48, BEP 15), some of those that the
// torrents were named with, and the DHT about some of those that no tracker knows (BEP 33): which of them differs from
// count to count. Answers are in the order of the queries. This client is not counted. It takes 45 seconds at most; who
// asks decides how often that is.
func (cs Census) CountCopies(ctx context.Context, queries []CopiesQuery) []CopiesAnswer {
	c := cs.client
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	n := &copyCount{client: c, said: map[infohash]announce.Scraped{}}
	if c.dht != nil {
		n.scrapeDHT = func(ctx context.Context, hash infohash) (announce.Scraped, bool) {
			if h := c.torrents.get(hash); h != nil && h.content.private() {
				return announce.Scraped{}, false // It is for its trackers alone (BEP 27).
			}
			return c.nodes.scrape(ctx, hash)
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

// copyCount puts together what is said of several torrents.
type copyCount struct {
	client *Client
	hashes []infohash // each once, in an order of chance
	// configured and foreign are what each tracker is asked.
	configured, foreign []*trackerScrape
	// scrapeDHT asks the DHT about a torrent; nil if there is none.
	scrapeDHT func(ctx context.Context, hash infohash) (announce.Scraped, bool)

	mu   sync.Mutex
	said map[infohash]announce.Scraped
}

// trackerScrape is what one tracker is asked.
type trackerScrape struct {
	url    string
	ask    func(ctx context.Context, hashes []infohash) (map[infohash]announce.Scraped, error)
	hashes []infohash
}

// plan says which tracker is asked about which torrents. Those that are configured are asked about all.
func (n *copyCount) plan(queries []CopiesQuery) {
	n.configured = n.scrapesOf(trackerURLs{configured: n.client.finders.trackers})
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
		foreign[hash] = slices.DeleteFunc(n.foreignOf(hash, q), func(s *trackerScrape) bool { return known[s.url] })
	}
	rand.Shuffle(len(n.hashes), func(i, j int) { n.hashes[i], n.hashes[j] = n.hashes[j], n.hashes[i] })
	for _, s := range n.configured {
		s.hashes = n.hashes
	}
	n.planForeign(foreign)
}

// planForeign shares the foreign trackers of a count out: each torrent gets its first before any gets its second.
func (n *copyCount) planForeign(named map[infohash][]*trackerScrape) {
	planned := map[string]*trackerScrape{}
	for i := range foreignScrapes {
		for _, hash := range n.hashes {
			if i >= len(named[hash]) {
				continue
			}
			s := named[hash][i]
			switch same := planned[s.url]; {
			case same != nil:
				s = same
			case len(planned) == mostForeign:
				continue
			default:
				planned[s.url] = s
				n.foreign = append(n.foreign, s)
			}
			s.hashes = append(s.hashes, hash)
		}
	}
}

// foreignOf returns the trackers that a torrent was named with, in the query or before, each once.
func (n *copyCount) foreignOf(hash infohash, q CopiesQuery) []*trackerScrape {
	urls := missing(nil, q.Trackers[:min(len(q.Trackers), foreignScrapes)])
	if h := n.client.torrents.get(hash); h != nil {
		urls = append(urls, missing(urls, h.urls().foreign)...)
	}
	return n.scrapesOf(trackerURLs{foreign: urls[:min(len(urls), foreignScrapes)]})
}

// scrapesOf returns the trackers as they are asked.
func (n *copyCount) scrapesOf(urls trackerURLs) (all []*trackerScrape) {
	for _, t := range urls.announcedTo() {
		all = append(all, &trackerScrape{url: t.URL, ask: func(
			ctx context.Context, hashes []infohash,
		) (map[infohash]announce.Scraped, error) {
			return n.client.ann.Scrape(ctx, t, hashes)
		}})
	}
	for _, t := range urls.web() {
		all = append(all, &trackerScrape{url: t.URL, ask: func(
			ctx context.Context, hashes []infohash,
		) (map[infohash]announce.Scraped, error) {
			said, err := n.client.web.Scrape(ctx, t, hashes)
			same := make(map[infohash]announce.Scraped, len(said))
			for hash, s := range said {
				same[hash] = announce.Scraped(s)
			}
			return same, err
		}})
	}
	return all
}

// run asks everybody. The DHT is asked when the trackers have answered, but does not wait for the slow ones: it has the
// rest of the time.
func (n *copyCount) run(ctx context.Context) {
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		n.askTrackers(ctx)
	}()
	timer := time.NewTimer(trackersTime)
	defer timer.Stop()
	select {
	case <-asked:
	case <-timer.C:
	}
	n.askDHT(ctx)
	<-asked
}

// askTrackers asks each tracker. However many of the foreign ones are dead, those that are configured have their time.
func (n *copyCount) askTrackers(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range n.configured {
		wg.Go(func() { n.scrape(ctx, s) })
	}
	limited, cancel := context.WithTimeout(ctx, trackersTime)
	defer cancel()
	waiting := make(chan *trackerScrape, len(n.foreign))
	for _, s := range n.foreign {
		waiting <- s
	}
	close(waiting)
	for range min(foreignAtOnce, len(n.foreign)) {
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
	said, err := s.ask(ctx, s.hashes)
	if err != nil {
		n.client.log.Debug("scrape failed", "tracker", s.url, "err", err)
	}
	n.note(said)
}

// note takes what a tracker has said. All of them know some of the same peers: the highest number is right.
func (n *copyCount) note(said map[infohash]announce.Scraped) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for hash, s := range said {
		before := n.said[hash]
		n.said[hash] = announce.Scraped{
			Seeds: max(before.Seeds, s.Seeds), Leechers: max(before.Leechers, s.Leechers),
		}
	}
}

// askDHT asks about torrents that no tracker knows so far.
func (n *copyCount) askDHT(ctx context.Context) {
	if n.scrapeDHT == nil {
		return
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, dhtParallel)
	for _, hash := range n.unknown(dhtScrapes) {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if said, told := n.scrapeDHT(ctx, hash); told {
				n.note(map[infohash]announce.Scraped{hash: said})
			}
		})
	}
	wg.Wait()
}

// unknown returns so many torrents of which nobody has told that anybody has them.
func (n *copyCount) unknown(most int) (all []infohash) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, hash := range n.hashes {
		if s := n.said[hash]; s.Seeds+s.Leechers == 0 && len(all) < most {
			all = append(all, hash)
		}
	}
	return all
}

// answer leaves this client out of what was said, if it is in the torrent's swarm.
func (n *copyCount) answer(q CopiesQuery) CopiesAnswer {
	hash, err := parseHash("count copies", q.Infohash)
	if err != nil {
		return CopiesAnswer{Copies: -1}
	}
	a := CopiesAnswer{Copies: -1}
	h := n.client.torrents.get(hash)
	if h != nil {
		a.Met = h.copies.Met(time.Now().Add(-metLately))
	}
	s, told := n.said[hash]
	if !told {
		return a
	}
	a.Copies, a.Fetching = s.Seeds, s.Leechers
	switch {
	case h == nil || h.presence.peers.Load() == nil: // It is not announced.
	case h.content.complete():
		a.Copies = max(0, a.Copies-1)
	default:
		a.Fetching = max(0, a.Fetching-1)
	}
	return a
}
