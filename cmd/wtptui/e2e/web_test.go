package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// webDetail is what `wtptui show --json` prints about browsers.
type webDetail struct {
	Site struct {
		WebPeers int `json:"web_peers"`
	} `json:"site"`
	Peers    []webPeer    `json:"peers"`
	Trackers []webTracker `json:"trackers"`
}

// webTracker is one tracker of a site.
type webTracker struct {
	URL    string     `json:"url"`
	Status string     `json:"status"`
	Seeds  int        `json:"seeds"`
	Last   *time.Time `json:"last"`
	Next   *time.Time `json:"next"`
	Error  string     `json:"error"`
}

// webPeer is one peer of `wtptui peers --json`.
type webPeer struct {
	Via        string  `json:"via"`
	Client     string  `json:"client"`
	Source     string  `json:"source"`
	Done       float64 `json:"done"`
	Downloaded int64   `json:"downloaded"`
}

// runJSON runs a verb with --json on one site and decodes what it prints.
func runJSON(t *testing.T, w *peers.Wtptui, into any, verb, host string) {
	t.Helper()
	out := w.Run(t, verb, "--json", host)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("wtptui %s --json: %v:\n%s", verb, err, out)
	}
}

// startWeb runs a wtptui with no trackers but the given ones.
func startWeb(t testing.TB, trackers []string, flags ...string) *peers.Wtptui {
	t.Helper()
	w := newWeb(t, trackers, flags...)
	w.Start(t)
	return w
}

// newWeb is startWeb without the start.
func newWeb(t testing.TB, trackers []string, flags ...string) *peers.Wtptui {
	t.Helper()
	flags = append([]string{"--stun", "none"}, flags...)
	for _, url := range trackers {
		flags = append(flags, "--tracker", url)
	}
	return peers.NewWtptui(t, binaryPath(t), flags...)
}

// applyConfig writes another config.toml of a running wtptui, and waits until the settings that change at once are
// applied.
func applyConfig(t *testing.T, w *peers.Wtptui, config string) {
	t.Helper()
	const applied = "settings read again"
	before := strings.Count(w.Log(), applied)
	putFile(t, w.DataDir, "config.toml", config)
	w.Signal(t, syscall.SIGHUP)
	peers.Eventually(t, waitLong, "the settings to be read again", func() error {
		if strings.Count(w.Log(), applied) == before {
			return fmt.Errorf("the log:\n%s", w.Log())
		}
		return nil
	})
}

// fetchThenStopSeed has a wtptui download a site, whose seed then stops, and returns both. Only the browsers of
// webTracker can get the site then.
func fetchThenStopSeed(
	t *testing.T, dir string, webTracker *peers.Tracker, flags ...string,
) (*peers.Wtptui, *peers.Libtorrent) {
	t.Helper()
	// The publisher has a tracker of its own, so that what the other hears is about wtptui.
	tcp := peers.StartTracker(t, peers.TrackerOptions{})
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{tcp.HTTP}})
	tcp.WaitEvent(t, waitLong, seed.InfoHash, peers.Started, seed.Port)
	w := startWeb(t, []string{tcp.HTTP, webTracker.WS}, flags...)
	w.Run(t, "add", "wtp://"+seed.InfoHash)
	w.WaitSeeding(t, waitLong, seed.InfoHash)
	seed.Stop(t)
	return w, seed
}

// makeSmallSite makes a folder of 700 kB: a page, a folder, an empty file and a name that is not ASCII.
func makeSmallSite(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	for name, size := range map[string]int{
		"index.html": 1000, "sub/é #1.bin": 300_000, "sub/b.bin": 400_000, "sub/empty": 0,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(i*i>>8 + len(name))
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A site that only a browser has loads, every file is the original, and the details show where it comes from.
func TestSiteLoadsFromAPageAlone(t *testing.T) {
	t.Parallel()
	dir := peers.SmallSiteFolder(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	page := peers.StartPageSeed(t, dir, tracker.WS)
	t.Logf("the page seeds after %v", page.Ready)
	// Who asks the tracker before the page has told it of itself hears of no seed.
	tracker.WaitEvent(t, waitLong, page.InfoHash, peers.Started, 0)
	// Two that have everything part at once: at this rate, which is lifted later, the whole site takes more than a minute.
	w := newWeb(t, []string{tracker.WS})
	putFile(t, w.DataDir, "config.toml", "down-limit = \"40K\"\n")
	w.Start(t)
	w.Run(t, "add", "wtp://"+page.InfoHash)
	site := w.WaitSite(t, waitLong, page.InfoHash, "to appear", func(peers.Site) error { return nil })
	fetchFile(t, w, waitLong, site.LocalURL, "index.html")
	checkOnePage(t, w, page.InfoHash, tracker.WS)
	applyConfig(t, w, "down-limit = \"none\"\n")
	checkSameSite(t, w, waitLong, site.LocalURL, dir)
	w.WaitSeeding(t, waitLong, page.InfoHash)
}

// checkOnePage checks the details of a site whose only peer is a page that has all of it.
func checkOnePage(t *testing.T, w *peers.Wtptui, host, tracker string) {
	t.Helper()
	var list []webPeer
	runJSON(t, w, &list, "peers", host)
	if len(list) != 1 || list[0].Via != "WebRTC" || !strings.HasPrefix(list[0].Client, "WebTorrent") ||
		list[0].Source != "tracker" || list[0].Done != 1 || list[0].Downloaded <= 0 {
		t.Errorf("wtptui peers: %+v, want one page, which gives all", list)
	}
	var detail webDetail
	runJSON(t, w, &detail, "show", host)
	if detail.Site.WebPeers != 1 || len(detail.Peers) != 1 {
		t.Errorf("wtptui show: %+v, want one web peer", detail)
	}
	if len(detail.Trackers) != 1 {
		t.Fatalf("wtptui show: trackers: %+v, want one", detail.Trackers)
	}
	tr := detail.Trackers[0]
	if strings.TrimSuffix(tr.URL, "/") != tracker || tr.Status != "working" || tr.Error != "" || tr.Seeds != 1 ||
		tr.Last == nil || tr.Next == nil || tr.Last.After(time.Now()) || tr.Next.Before(*tr.Last) {
		t.Errorf("wtptui show: tracker: %+v", tr)
	}
}

// A page gets a site that only wtptui has.
func TestPageLoadsFromWtptuiAlone(t *testing.T) {
	t.Parallel()
	dir := peers.SmallSiteFolder(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	w, site := fetchThenStopSeed(t, dir, tracker)
	page := peers.StartPageLeech(t, site.Magnet(tracker.WS))
	page.WaitSameFiles(t, waitLong, dir)
	if s, _ := w.Find(t, site.InfoHash); s.State != "seeding" {
		t.Errorf("wtptui: %+v", s)
	}
}

// A page gets from Transmission, with which it has no protocol in common, through wtptui, which is still downloading
// itself.
func TestWtptuiBridgesTCPPeersToPages(t *testing.T) {
	t.Parallel()
	dir := peers.SmallSiteFolder(t)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	maker := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	maker.Stop(t)
	seed := peers.StartTransmission(t)
	if err := os.CopyFS(filepath.Join(seed.Dir, filepath.Base(dir)), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	// At this rate, which is lifted later, the whole site takes minutes.
	seed.LimitUpload(t, 20)
	seed.Add(t, maker.Torrent)
	seed.WaitComplete(t, waitLong)
	tracker.WaitEvent(t, waitLong, maker.InfoHash, peers.Started, seed.PeerPort)

	w := startWeb(t, []string{tracker.HTTP, tracker.WS})
	w.Run(t, "add", "wtp://"+maker.InfoHash)
	page := peers.StartPageLeech(t, maker.Magnet(tracker.WS))
	page.WaitPiece(t, waitLong)
	w.WaitSite(t, waitLong, maker.InfoHash, "to be under way", func(s peers.Site) error {
		if s.State != "downloading" || s.Completed <= 0 || s.Completed >= s.Size {
			return fmt.Errorf("%s, %d of %d bytes, when the page had %d pieces", s.State, s.Completed, s.Size, page.Pieces())
		}
		return nil
	})
	seed.LimitUpload(t, 0)
	page.WaitSameFiles(t, waitLong, dir)
	w.WaitSeeding(t, waitLong, maker.InfoHash)
	var detail webDetail
	runJSON(t, w, &detail, "show", maker.InfoHash)
	ways := map[string]int{}
	for _, p := range detail.Peers {
		ways[p.Via]++
	}
	if ways["WebRTC"] != 1 || detail.Site.WebPeers != 1 {
		t.Errorf("wtptui show: %+v", detail)
	}
}
