package e2e_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// The tracker serves the sites that are pinned at the home, from the moment they are, and no others: neither unknown
// ones nor those that were only read there.
func TestHomeTrackerIsForPinnedSites(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.BittorrentTracker, peers.LibtorrentTool) {
		return
	}
	h := startTrackerHome(t)
	dir := makeSmallSite(t)
	torrent, host := peers.MakeTorrent(t, dir, trackerURLs["HTTP"])
	seed := peers.ClientOptions{Torrent: torrent, Dir: filepath.Dir(dir), Host: peers.FreeHost(t)}
	peers.StartClient(t, clientsOf(peers.LibtorrentTool)[0], seed)
	clients := map[string]*peers.TrackerClient{}
	for way, url := range allTrackerURLs() {
		clients[way] = peers.StartTrackerClient(t, url, host, h.roots)
	}
	// says checks what each client is told.
	says := func(when, refusal string) {
		t.Helper()
		for way, c := range clients {
			if got := c.Announce(t, peers.Updated, 100); got.Error != refusal {
				t.Errorf("%s, over %s: %+v, want %q", when, way, got, refusal)
			}
		}
	}
	says("before anybody here knows it", notServedError)
	h.Run(t, "add", "--pin", host)
	says("when it is pinned and nothing of it is here", "")
	h.WaitSeeding(t, waitLong, host) // The seed asks again every second.
	says("when it is here", "")
	h.Run(t, "unpin", host)
	says("when it is not pinned any more", notServedError)
	h.Run(t, "pin", host)
	says("when it is pinned again", "")
	h.Run(t, "pause", host)
	says("when it is paused", "")
	h.Run(t, "evict", host)
	says("when it is in the bin", notServedError)
	h.Run(t, "undo", host)
	says("when it is back", "")
	h.Run(t, "remove", host)
	says("when it is gone", notServedError)
}

// The tracker does not serve a site that was taken off its home.
func TestHomeTrackerDropsSitesTakenOff(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.BittorrentTracker) {
		return
	}
	h := startTrackerHome(t)
	site := h.List(t)[0]
	c := peers.StartTrackerClient(t, trackerURLs["UDP"], site.Host, h.roots)
	peers.Eventually(t, waitLong, "the home to be a seed", func() error {
		if got := c.Announce(t, peers.Started, 100); got.Error != "" || got.Seeds != 1 {
			return fmt.Errorf("%+v", got)
		}
		return nil
	})
	h.Run(t, "home", "off", peers.HomeName)
	if got := c.Announce(t, peers.Updated, 100); got.Error != notServedError {
		t.Errorf("taken off: %+v", got)
	}
	h.Run(t, "home", "on", peers.HomeName)
	peers.Eventually(t, waitLong, "the home to be a seed again", func() error {
		if got := c.Announce(t, peers.Updated, 100); got.Error != "" || got.Seeds != 1 {
			return errors.New(got.Error)
		}
		return nil
	})
}
