package e2e_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// waitCopies waits until wtptui counts that many copies elsewhere, and that many that browsers can reach.
func waitCopies(t *testing.T, w *peers.Wtptui, host, what string, copies, web int) peers.Site {
	t.Helper()
	return w.WaitSite(t, waitLong, host, what, func(s peers.Site) error {
		if s.Copies != copies || s.WebCopies != web {
			return fmt.Errorf("it counts %d copies, %d of them for browsers; want %d and %d", s.Copies, s.WebCopies, copies, web)
		}
		return nil
	})
}

// announceSeed announces a seed that cannot be reached to an HTTP tracker.
func announceSeed(t *testing.T, tracker, infohash string, number int, event string) {
	t.Helper()
	hash, err := hex.DecodeString(infohash)
	if err != nil {
		t.Fatal(err)
	}
	q := url.Values{
		"info_hash": {string(hash)}, "peer_id": {fmt.Sprintf("-XX0000-%012d", number)}, "port": {fmt.Sprint(number + 1)},
		"uploaded": {"0"}, "downloaded": {"0"}, "left": {"0"}, "compact": {"1"}, "event": {event},
	}
	if code, body := getURL(t, tracker+"?"+q.Encode()); code != http.StatusOK {
		t.Fatalf("announce: %d %s", code, body)
	}
}

// Copies elsewhere are counted by what trackers report, over each of their protocols, and until the seeds have left.
func TestCopiesAreCountedByTrackers(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	for name, c := range map[string]struct {
		url string
		web bool
	}{"HTTP": {tracker.HTTP, false}, "UDP": {tracker.UDP, false}, "WebSocket": {tracker.WS, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startWtptui(t, "--tracker", c.url, "--tracker-min-interval", "1s", "--no-lsd")
			dir := peers.SmallSiteFolder(t)
			putFile(t, dir, "case.txt", t.Name())
			site := publish(t, w, dir)
			web := func(n int) int {
				if c.web {
					return n
				}
				return -1
			}
			waitCopies(t, w, site.Host, "to be the only copy", 0, web(0))
			for i := range 3 {
				announceSeed(t, tracker.HTTP, site.Infohash, i, "started")
				if i == 0 {
					w.Run(t, "announce", site.Host)
					waitCopies(t, w, site.Host, "to have a copy elsewhere", 1, web(1))
				}
			}
			w.Run(t, "announce", site.Host)
			waitCopies(t, w, site.Host, "to have three copies elsewhere", 3, web(3))
			for i := range 3 {
				announceSeed(t, tracker.HTTP, site.Infohash, i, "stopped")
			}
			w.Run(t, "announce", site.Host)
			waitCopies(t, w, site.Host, "to be the only copy again", 0, web(0))
		})
	}
}

// trackerWithoutCounts is a tracker that lists seeds and does not report how many there are.
type trackerWithoutCounts struct {
	mu    sync.Mutex
	ports []int
}

func (g *trackerWithoutCounts) addSeed(port int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ports = append(g.ports, port)
}

func (g *trackerWithoutCounts) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintf(w, "d8:intervali60e5:peers%d:", 12*len(g.ports))
	for _, port := range g.ports { // The clients listen at one of these.
		_, _ = w.Write([]byte{127, 0, 0, 1, byte(port >> 8), byte(port), 127, 0, 0, 2, byte(port >> 8), byte(port)})
	}
	fmt.Fprint(w, "e")
}

// Seeds of every kind disconnect from a seed as soon as they know that it is one. They are counted all the same,
// without a tracker's counts, and after they have gone.
func TestCopiesThatHungUpAreCounted(t *testing.T) {
	t.Parallel()
	tracker := &trackerWithoutCounts{}
	server := httptest.NewServer(tracker)
	defer server.Close()
	w := startWtptui(t, "--tracker", server.URL, "--no-lsd")
	dir := peers.SmallSiteFolder(t)
	putFile(t, dir, "case.txt", t.Name())
	torrent, host := peers.MakeTorrent(t, dir)
	w.Run(t, "add", "wtp://"+host)
	waitCopies(t, w, host, "to know of nobody", -1, -1)
	var seeds []*peers.Client
	for _, kind := range peers.Clients() {
		if kind.Name != "libtorrent" && kind.Name != "transmission" && kind.Name != "qbittorrent" {
			continue
		}
		seed := peers.StartClient(t, kind, peers.ClientOptions{Torrent: torrent, Dir: filepath.Dir(dir)})
		seeds = append(seeds, seed)
		tracker.addSeed(seed.Port)
		w.Run(t, "announce", host)
		w.WaitSeeding(t, waitLong, host)
		waitCopies(t, w, host, "to have met "+kind.Name, len(seeds), -1)
	}
	for _, seed := range seeds {
		seed.Kill()
	}
	w.WaitSite(t, waitLong, host, "to be alone", func(s peers.Site) error {
		if s.Peers != 0 || s.Copies != len(seeds) {
			return fmt.Errorf("%d peers, %d copies", s.Peers, s.Copies)
		}
		return nil
	})
}
