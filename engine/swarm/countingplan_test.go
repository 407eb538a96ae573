package swarm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine/swarm/announce"
)

// numbered returns an infohash that ends in a number.
func numbered(n int) string { return fmt.Sprintf("%040x", n) }

// TestForeignScrapesAreBounded: a list whose sites name a tracker each makes few of them be asked, now these and now
// others, and each site has one before any has two.
func TestForeignScrapesAreBounded(t *testing.T) {
	c := start(t, config(t, "http://mine.invalid/announce", "wss://mine.invalid"))
	plan := func(sites int) *copyCount {
		var queries []CopiesQuery
		for i := range sites {
			queries = append(queries, CopiesQuery{Infohash: numbered(i), Trackers: []string{
				fmt.Sprintf("http://first%d.invalid/announce", i), fmt.Sprintf("wss://second%d.invalid", i),
				"http://mine.invalid/announce", "http://fourth.invalid/announce",
			}})
		}
		n := &copyCount{client: c}
		n.plan(queries)
		return n
	}
	n := plan(1000)
	if len(n.foreign) != maxForeignScrapes || len(n.configured) != 2 || len(n.configured[0].hashes) != 1000 {
		t.Errorf("%d foreign trackers are asked, and %d others", len(n.foreign), len(n.configured))
	}
	first := map[string]bool{}
	for _, s := range n.foreign {
		first[s.url] = true
	}
	again := 0
	for _, s := range plan(1000).foreign {
		if first[s.url] {
			again++
		}
	}
	if again > maxForeignScrapes/2 {
		t.Errorf("%d of %d were asked the last time, too", again, maxForeignScrapes)
	}
	const few = maxForeignScrapes - 10
	asked := map[infohash]int{}
	for _, s := range plan(few).foreign {
		for _, hash := range s.hashes {
			asked[hash]++
		}
	}
	twice := 0
	for _, times := range asked {
		if times == 2 {
			twice++
		}
	}
	if len(asked) != few || twice != maxForeignScrapes-few {
		t.Errorf("%d of %d sites are asked about, and %d twice", len(asked), few, twice)
	}
}

// TestCopiesAreCountedAtTheTorrentsOwnTrackers: the trackers of a torrent that is here are scraped, whatever trackers
// the query names.
func TestCopiesAreCountedAtTheTorrentsOwnTrackers(t *testing.T) {
	c := start(t, config(t))
	add(t, c, Spec{Infohash: numbered(1), Trackers: []string{"http://named.invalid/announce"}})
	n := &copyCount{client: c}
	n.plan([]CopiesQuery{
		{Infohash: numbered(1), Trackers: []string{"http://query.invalid/announce"}},
		{Infohash: numbered(2)},
	})
	got := ""
	for _, s := range n.foreign {
		got += fmt.Sprint(s.url, " ", len(s.hashes), "; ")
	}
	if got != "http://query.invalid/announce 1; http://named.invalid/announce 1; " {
		t.Errorf("asks %s", got)
	}
}

// TestDeadTrackersDoNotDelayCounting: neither trackers that do not respond nor a slow one delay the DHT or each other.
func TestDeadTrackersDoNotDelayCounting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		atOnce, most := 0, 0
		count := func(more int) {
			mu.Lock()
			defer mu.Unlock()
			atOnce += more
			most = max(most, atOnce)
		}
		tracker := func(of infohash, takes time.Duration, says announce.Scraped, err error) *trackerScrape {
			return &trackerScrape{hashes: []infohash{of}, do: func(
				ctx context.Context, hashes []infohash,
			) (map[infohash]announce.Scraped, error) {
				count(1)
				defer count(-1)
				select {
				case <-time.After(takes):
					return map[infohash]announce.Scraped{hashes[0]: says}, err
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}}
		}
		n := &copyCount{
			client: &Client{log: slog.New(slog.DiscardHandler)}, hashes: []infohash{{1}, {2}, {3}},
			results: map[infohash]announce.Scraped{},
			scrapeDHT: func(ctx context.Context, _ infohash) (announce.Scraped, bool) {
				select {
				case <-time.After(20 * time.Second):
					return announce.Scraped{Seeds: 3}, true
				case <-ctx.Done():
					return announce.Scraped{}, false
				}
			},
		}
		for range maxForeignScrapes - 1 {
			n.foreign = append(n.foreign, tracker(infohash{2}, 15*time.Second, announce.Scraped{}, errors.New("silent")))
		}
		n.foreign = append(n.foreign, tracker(infohash{3}, time.Second, announce.Scraped{Seeds: 4}, nil))
		n.configured = []*trackerScrape{tracker(infohash{1}, 30*time.Second, announce.Scraped{Seeds: 5}, nil)}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), countTimeout)
		defer cancel()
		n.run(ctx)
		if took := time.Since(began); took != trackerTimeout+20*time.Second {
			t.Errorf("it took %v", took)
		}
		if n.results[infohash{1}].Seeds != 5 || n.results[infohash{2}].Seeds != 3 || n.results[infohash{3}].Seeds != 4 {
			t.Errorf("told was %v", n.results)
		}
		if most != maxParallelForeign+1 {
			t.Errorf("%d trackers were asked at the same time", most)
		}
	})
}
