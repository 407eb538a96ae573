package swarm

import (
	"context"
	"slices"
	"sync"
	"time"

	"wtptui/engine/swarm/announce"
)

const (
	// countTime is how long CountCopies takes at most.
	countTime = 45 * time.Second
	// metLately is how long ago a peer may have been met: it is named again several times in that time, and called.
	metLately = 6 * time.Hour
	// foreignScrapes is how many trackers of its own are asked about a torrent.
	foreignScrapes = 3
	// scrapesAtOnce is how many of those are asked at the same time, and dhtScrapes how many torrents the DHT is asked
	// about in one count: each of them takes a hundred packets or so.
	scrapesAtOnce = 8
	dhtScrapes    = 16
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

// CountCopies asks the trackers in use about torrents without announcing any (BEP 48, BEP 15), and the DHT about some
// of those that no tracker knows (BEP 33). Answers are in the order of the queries. This client is not counted. It
// takes 45 seconds at most; who asks decides how often that is.
func (cs Census) CountCopies(ctx context.Context, queries []CopiesQuery) []CopiesAnswer {
	c := cs.client
	ctx, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	n := &copyCount{client: c, said: map[infohash]announce.Scraped{}, scrapes: map[string]*trackerScrape{}}
	n.plan(queries)
	var wg sync.WaitGroup
	slots := make(chan struct{}, scrapesAtOnce)
	for url, scrape := range n.scrapes {
		wg.Go(func() {
			if !scrape.configured { // However many of the others are dead, these have their time.
				slots <- struct{}{}
				defer func() { <-slots }()
			}
			said, err := scrape.ask(ctx, scrape.hashes)
			if err != nil {
				c.log.Debug("scrape failed", "tracker", url, "err", err)
			}
			n.note(said)
		})
	}
	wg.Wait()
	n.askDHT(ctx)
	answers := make([]CopiesAnswer, len(queries))
	for i, q := range queries {
		answers[i] = n.answer(q)
	}
	return answers
}

// copyCount puts together what is said of several torrents.
type copyCount struct {
	client *Client
	hashes []infohash // each once
	// scrapes are what each tracker is asked, by its URL.
	scrapes map[string]*trackerScrape

	mu   sync.Mutex
	said map[infohash]announce.Scraped
}

// trackerScrape is what one tracker is asked.
type trackerScrape struct {
	ask        func(ctx context.Context, hashes []infohash) (map[infohash]announce.Scraped, error)
	configured bool
	hashes     []infohash
}

// plan says which tracker is asked about which torrents.
func (n *copyCount) plan(queries []CopiesQuery) {
	seen := map[infohash]bool{}
	for _, q := range queries {
		hash, err := parseHash("count copies", q.Infohash)
		if err != nil || seen[hash] {
			continue
		}
		seen[hash] = true
		n.hashes = append(n.hashes, hash)
		urls := trackerURLs{
			configured: n.client.finders.trackers, foreign: q.Trackers[:min(len(q.Trackers), foreignScrapes)],
		}
		for _, t := range urls.announcedTo() {
			n.add(t.URL, t.Trusted, hash, func(ctx context.Context, hashes []infohash) (map[infohash]announce.Scraped, error) {
				return n.client.ann.Scrape(ctx, t, hashes)
			})
		}
		for _, t := range urls.web() {
			n.add(t.URL, t.Trusted, hash, func(ctx context.Context, hashes []infohash) (map[infohash]announce.Scraped, error) {
				said, err := n.client.web.Scrape(ctx, t, hashes)
				same := make(map[infohash]announce.Scraped, len(said))
				for hash, s := range said {
					same[hash] = announce.Scraped(s)
				}
				return same, err
			})
		}
	}
}

// add has a tracker asked about one more torrent. Whether the tracker is trusted does not depend on the torrent: those
// that are configured come first, and are not asked again as others.
func (n *copyCount) add(
	url string, configured bool, hash infohash,
	ask func(context.Context, []infohash) (map[infohash]announce.Scraped, error),
) {
	s := n.scrapes[url]
	if s == nil {
		s = &trackerScrape{ask: ask, configured: configured}
		n.scrapes[url] = s
	}
	if n := len(s.hashes); n == 0 || s.hashes[n-1] != hash {
		s.hashes = append(s.hashes, hash)
	}
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

// askDHT asks about torrents that no tracker knows.
func (n *copyCount) askDHT(ctx context.Context) {
	if n.client.dht == nil {
		return
	}
	unknown := slices.DeleteFunc(slices.Clone(n.hashes), func(h infohash) bool {
		s, known := n.said[h]
		return known && s.Seeds+s.Leechers > 0
	})
	var wg sync.WaitGroup
	slots := make(chan struct{}, dhtParallel)
	for _, hash := range unknown[:min(len(unknown), dhtScrapes)] {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if said, told := n.client.nodes.scrape(ctx, hash); told {
				n.note(map[infohash]announce.Scraped{hash: said})
			}
		})
	}
	wg.Wait()
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
