package peers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Page is a page in a headless Chromium of its own that runs the real WebTorrent: the kind of peer that a visitor of a
// site is. It meets others only over WebRTC, on loopback, by the WebSocket trackers that it is given.
type Page struct {
	InfoHash string        // What a seed seeds: 40 lower-case hex digits.
	Ready    time.Duration // How long a seed took to read and hash its files.

	process *process
	reports *journal[pageReport]
}

// pageReport is a report of the page. See testdata/page.html.
type pageReport struct {
	Event  string            `json:"event"`
	Text   string            `json:"text"`
	MS     float64           `json:"ms"`
	Pieces int               `json:"pieces"` // That the page has verified.
	Of     int               `json:"of"`     // That there are.
	Sums   map[string]string `json:"sums"`   // SHA-256 in hex of each file, by its path below the torrent's name.
}

// time returns when the page made the report, since it was loaded.
func (r pageReport) time() time.Duration { return time.Duration(r.MS * float64(time.Millisecond)) }

// pageJob is the job of a page.
type pageJob struct {
	Magnet   string   `json:"magnet,omitempty"`
	Name     string   `json:"name,omitempty"`
	Files    []string `json:"files,omitempty"`
	Trackers []string `json:"trackers,omitempty"`
	// Lie has the page send wrong bytes once it has everything.
	Lie bool `json:"lie,omitempty"`
	// UploadLimit is in bytes per second; -1 is no limit.
	UploadLimit int `json:"uploadLimit"`
}

// StartPageSeed has a page seed every file below dir, as if a person had dropped the folder on it, and waits until it
// does. It needs ChromiumTool and WebTorrentTool.
func StartPageSeed(t testing.TB, dir string, trackers ...string) *Page {
	t.Helper()
	return StartSlowPageSeed(t, dir, -1, trackers...)
}

// StartSlowPageSeed is StartPageSeed with an upload limit in bytes per second.
func StartSlowPageSeed(t testing.TB, dir string, uploadLimit int, trackers ...string) *Page {
	t.Helper()
	dir = filepath.Clean(dir)
	p := startPage(t, dir, pageJob{
		Name: filepath.Base(dir), Files: Files(t, dir), Trackers: trackers, UploadLimit: uploadLimit,
	})
	seeding := p.waitReport(t, 2*time.Minute, "seeding")
	p.InfoHash, p.Ready = seeding.Text, seeding.time()
	return p
}

// StartPageLeech has a page download the torrent of a magnet link. It needs ChromiumTool and WebTorrentTool.
func StartPageLeech(t testing.TB, magnet string) *Page {
	t.Helper()
	return startPage(t, "", pageJob{Magnet: magnet, UploadLimit: -1})
}

// StartPageLiar has a page download the torrent of a magnet link, and then send wrong bytes to others. It needs
// ChromiumTool and WebTorrentTool.
func StartPageLiar(t testing.TB, magnet string) *Page {
	t.Helper()
	p := startPage(t, "", pageJob{Magnet: magnet, UploadLimit: -1, Lie: true})
	p.waitReport(t, 2*time.Minute, "lying")
	return p
}

// WaitLie waits until a piece was requested from the page of StartPageLiar.
func (p *Page) WaitLie(t testing.TB, limit time.Duration) {
	t.Helper()
	p.waitReport(t, limit, "lied")
}

func startPage(t testing.TB, dir string, job pageJob) *Page {
	t.Helper()
	Require(t, WebTorrentTool)
	browser := Chromium(t)
	p := &Page{reports: newJournal[pageReport]()}
	url := startPageServer(t, dir, job, p.reports.add)
	p.process = browser.start(t, url)
	return p
}

// Magnet is the seeded torrent's magnet link with the given trackers.
func (p *Page) Magnet(trackers ...string) string { return magnetLink(p.InfoHash, trackers) }

// Close kills the browser, as a crash does. Its peers are not notified.
func (p *Page) Close() { p.process.kill() }

// WaitMetadata waits until the page has the metadata, and returns how long that took.
func (p *Page) WaitMetadata(t testing.TB, limit time.Duration) time.Duration {
	t.Helper()
	return p.waitReport(t, limit, "metadata").time()
}

// WaitPiece waits until the page has verified its first piece.
func (p *Page) WaitPiece(t testing.TB, limit time.Duration) {
	t.Helper()
	p.waitReport(t, limit, "piece")
}

// HasReported reports whether the page has reported an event: "metadata" or "done".
func (p *Page) HasReported(event string) bool {
	all, _ := p.reports.all()
	return slices.ContainsFunc(all, func(r pageReport) bool { return r.Event == event })
}

// Pieces returns how many pieces the page had verified a quarter of a second ago.
func (p *Page) Pieces() int {
	all, _ := p.reports.all()
	most := 0
	for _, r := range all {
		most = max(most, r.Pieces)
	}
	return most
}

// WaitSameFiles waits until the page has everything, reports an error for each file that differs from the one below dir
// by a single byte or that only one side has, and returns how long the download took.
func (p *Page) WaitSameFiles(t testing.TB, limit time.Duration, dir string) time.Duration {
	t.Helper()
	done := p.waitReport(t, limit, "done")
	extra := maps.Clone(done.Sums)
	for _, name := range Files(t, dir) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if got := extra[name]; got != hex.EncodeToString(sum[:]) {
			t.Errorf("the page has %s as %q, not as it was", name, got)
		}
		delete(extra, name)
	}
	for name := range extra {
		t.Errorf("the page should not have %s", name)
	}
	return done.time()
}

// waitReport waits for the first report of an event, past or future. The test ends when the page fails.
func (p *Page) waitReport(t testing.TB, limit time.Duration, event string) pageReport {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	report, err := p.reports.wait(ctx, p.process.exited, func(r pageReport) bool {
		return r.Event == event || r.Event == "error"
	})
	if err == nil && report.Event == event {
		return report
	}
	heard, _ := p.reports.all()
	for _, r := range heard[max(0, len(heard)-20):] {
		t.Logf("page: %v %s %d/%d %s", r.time(), r.Event, r.Pieces, r.Of, r.Text)
	}
	t.Fatalf("peers: page: waited %v for %q: %v", limit, event, err)
	return pageReport{}
}
