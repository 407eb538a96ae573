package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// notServedError is the tracker's error for a torrent that it does not serve.
const notServedError = "this tracker is not for that torrent"

// allTrackerURLs returns the tracker's URLs for torrent clients and for browsers.
func allTrackerURLs() map[string]string {
	all := maps.Clone(trackerURLs)
	all["WebSocket"] = webTrackerURL
	all["WebSocket without TLS"] = "ws://" + peers.HomeName + "/announce"
	return all
}

// The client that most programs in JavaScript use gets the right peers and counts over each protocol, and an error for
// other torrents.
func TestHomeTrackerCountsPeersAndRefusesOthers(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.BittorrentTracker) {
		return
	}
	h := startTrackerHome(t)
	for way, url := range allTrackerURLs() {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h.checkCounts(t, url)
		})
	}
}

// checkCounts runs through the life of two peers, beside the home's own engine, which is a seed.
func (h *trackerHome) checkCounts(t *testing.T, url string) {
	site, other := h.publishUnique(t, ""), h.publishUnique(t, "other")
	start := func() *peers.TrackerClient { return peers.StartTrackerClient(t, url, site.Host, h.roots) }
	a, b := start(), start()
	web := strings.HasPrefix(url, "ws")
	// want checks the counts of an answer and, where it has any, the peers.
	want := func(what string, got peers.TrackerAnswer, seeds, leechers int, who ...string) {
		t.Helper()
		slices.Sort(got.Peers)
		slices.Sort(who)
		if web {
			who = nil // The home's engine makes offers, and takes those of others.
		}
		if got.Seeds != seeds || got.Leechers != leechers || !slices.Equal(got.Peers, who) || got.Error != "" {
			t.Errorf("%s: %+v, want %d and %d, and %v", what, got, seeds, leechers, who)
		}
	}
	home := fmt.Sprintf("%s:%d", peers.HomeAddress, h.PeerPort)
	at := func(c *peers.TrackerClient) string { return fmt.Sprintf("20.20.20.2:%d", c.Port) }

	for _, s := range []publication{site, other} {
		peers.Eventually(t, waitLong, "the home to be a seed", func() error {
			if got := a.Scrape(t, s.Host); got.Scraped[s.Host] != (peers.TrackerCounts{Seeds: 1}) {
				return fmt.Errorf("%+v", got)
			}
			return nil
		})
	}
	want("the first starts", a.Announce(t, peers.Started, 100), 1, 1, home)
	want("the second starts", b.Announce(t, peers.Started, 100), 1, 2, home, at(a))
	want("the first goes on", a.Announce(t, peers.Updated, 50), 1, 2, home, at(b))
	want("the first has all", a.Announce(t, peers.Completed, 0), 2, 1, at(b))
	want("the second goes on", b.Announce(t, peers.Updated, 50), 2, 1, home, at(a))
	want("the first stops", a.Announce(t, peers.Stopped, 0), 1, 1)

	got := b.Scrape(t, site.Host, unseededHost, other.Host)
	expect := map[string]peers.TrackerCounts{
		site.Host: {Seeds: 1, Leechers: 1, Downloaded: 1}, other.Host: {Seeds: 1},
	}
	if url == trackerURLs["UDP"] {
		expect[unseededHost] = peers.TrackerCounts{} // BEP 15 has no way to leave it out.
	}
	if !maps.Equal(got.Scraped, expect) {
		t.Errorf("of three torrents: %+v, want %+v", got, expect)
	}

	stranger := peers.StartTrackerClient(t, url, unseededHost, h.roots)
	if got := stranger.Announce(t, peers.Started, 100); got.Error != notServedError || len(got.Peers) > 0 {
		t.Errorf("a torrent that is not for it: %+v", got)
	}
}
