//go:build !windows

package e2e_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// dashboard is a dashboard in a terminal, a tracker, and a seed of one site that the dashboard does not have yet.
type dashboard struct {
	*terminal
	*peers.Wtptui

	tracker *peers.Tracker
	seed    *peers.Libtorrent
	siteDir string
	visited string // The file in which the browser notes what it was last given.
}

// dashboardSeedRate is the seed's rate in bytes per second, slow enough for the download to be seen, and
// dashboardHoldAfter how many bytes it sends before it pauses: a third of the site.
const dashboardSeedRate, dashboardHoldAfter = 150 << 10, 1 << 20

// startDashboard opens a terminal of 120 by 36 cells and waits until the dashboard shows the welcome site. bin is the
// program. Its browser only records the URLs that it is to show.
func startDashboard(t *testing.T, bin string) *dashboard {
	t.Helper()
	d := &dashboard{tracker: peers.StartTracker(t, peers.TrackerOptions{}), siteDir: peers.SmallSiteFolder(t)}
	d.seed = peers.StartSeed(t, d.siteDir, peers.SeedOptions{
		Trackers: []string{d.tracker.HTTP}, UploadLimit: dashboardSeedRate, HoldAfter: dashboardHoldAfter,
	})
	d.Wtptui = peers.NewWtptui(t, bin, "--tracker", d.tracker.HTTP)
	d.terminal = d.openAnother(t)
	d.waitShown("Welcome to wtp")
	return d
}

// openAnother opens another terminal with a dashboard on the same data folder.
func (d *dashboard) openAnother(t *testing.T) *terminal {
	t.Helper()
	dir := t.TempDir()
	d.visited = filepath.Join(dir, "visited")
	browser := filepath.Join(dir, "browser")
	script := "#!/bin/sh\nfor last; do :; done\nprintf %s \"$last\" >new && mv new '" + d.visited + "'\n"
	if err := os.WriteFile(browser, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := d.DashboardCommand()
	cmd.Env = append(cmd.Env, "BROWSER="+browser)
	return openTerminal(t, cmd, 120, 36)
}

// addSite pastes the seed's address and confirms.
func (d *dashboard) addSite() {
	d.t.Helper()
	d.paste("wtp://" + d.seed.InfoHash)
	d.waitShown("Add a site", "wtp://"+d.seed.InfoHash)
	d.press("\r")
	d.waitHidden("Add a site")
}

// waitSiteRow waits until the row of the added site contains all the texts.
func (d *dashboard) waitSiteRow(texts ...string) string {
	d.t.Helper()
	return d.waitRow(append([]string{d.seed.InfoHash[:4]}, texts...)...)
}

// minutesLeft matches the minutes and seconds until a site expires, of the half hour that it has at most.
var minutesLeft = regexp.MustCompile(` [12][0-9]:[0-5][0-9]( |$)`)

// waitLeavingSiteRow waits until the row of the added site contains all the texts, and the time until it expires.
func (d *dashboard) waitLeavingSiteRow(texts ...string) {
	d.t.Helper()
	has := containsAll(append([]string{d.seed.InfoHash[:4]}, texts...)) // As much of it as there is room for.
	d.waitLine(fmt.Sprintf("%q, and when it leaves", texts), func(line string) bool {
		return has(line) && minutesLeft.MatchString(line)
	})
}

// A person's first quarter of an hour at the dashboard, checked on the screen, by the command line and by the peers.
func TestFirstSessionAtTheDashboard(t *testing.T) {
	t.Parallel()
	d := startDashboard(t, binaryPath(t))
	d.checkFirstFrame()
	d.addSite()
	d.watchDownload()
	d.pinAndTouch()
	d.evictAndUndo()
	d.openInBrowser()
	d.checkPageAndHelp()
	d.resizeAndBack()
	d.removeSite()
	d.press("q")
	d.checkLeft(0)
}

func (d *dashboard) checkFirstFrame() {
	d.waitShown("[1 All 1]", "2 Pinned 1", "5 Mine 1", "q quit")
	d.waitRow("⌂ MINE", "Welcome to wtp", "100%", "never")
	if written, _ := d.outputSoFar(); !strings.Contains(written, "\x1b[?1049h") ||
		!strings.Contains(written, "\x1b[?2004h") {
		d.t.Error("neither the alternate screen nor bracketed paste is on")
	}
	if strings.Contains(d.screen.String(), "the shell's own line") {
		d.t.Error("the dashboard draws over the shell's screen")
	}
}

// downloadRate matches the header's download rate unless it is 0.
var downloadRate = regexp.MustCompile(`▼ +[1-9][0-9.]* [KM]B/s`)

// watchDownload checks the download from its start to its end, and compares the numbers with the seed's own.
func (d *dashboard) watchDownload() {
	d.t.Helper()
	size := d.seed.Stats(d.t).Size
	shown := fmt.Sprintf("%.1f MB", float64(size)/(1<<20))
	d.waitSiteRow("↓ LOAD", shown, "1/1")
	d.waitShown("[1 All 2]", "4 Loading 1", "peers 1 ")
	d.waitScreen("a download rate", downloadRate.MatchString)
	d.waitScreen("some of it to be there", d.hasPartialSite)
	d.press("\r2")
	d.waitShown("esc back", "[Peers 1]")
	d.waitRow("127.0.0.1:", "libtorrent", "TCP", "100%")
	d.press("\x1b")

	d.seed.LimitUpload(d.t, 0)
	d.waitLeavingSiteRow("◷ CACHE", filepath.Base(d.siteDir), shown, "100%")
	d.waitShown("3 Cached 1", "4 Loading 0", fmt.Sprintf("Files %d", peers.SmallSiteFiles))
	site := d.WaitSeeding(d.t, waitLong, d.seed.InfoHash)
	if site.Size != size || site.Completed != size || site.Title != filepath.Base(d.siteDir) {
		d.t.Errorf("on the command line: %+v, want %d bytes", site, size)
	}
}

// hasPartialSite reports whether the row of the added site says that part of it is here.
func (d *dashboard) hasPartialSite(screen string) bool {
	return regexp.MustCompile(d.seed.InfoHash[:8] + `.* [1-9][0-9]?%`).MatchString(screen)
}

func (d *dashboard) pinAndTouch() {
	d.t.Helper()
	d.press("p")
	d.waitShown("Pinned manual", "2 Pinned 2", "3 Cached 0")
	d.waitSiteRow("★ PIN", "100%", "never")
	if site, _ := d.Find(d.t, d.seed.InfoHash); !site.Pinned || site.ExpiresAt != nil {
		d.t.Errorf("pinned: %+v", site)
	}
	d.press("u") // The cursor has stayed at its line, where another site is now.
	d.waitLeavingSiteRow("◷ CACHE")
	d.press("g")
	before, _ := d.Find(d.t, d.seed.InfoHash)
	d.press("t")
	d.waitShown("Restarted the cache period of ")
	after, _ := d.Find(d.t, d.seed.InfoHash)
	if before.ExpiresAt == nil || after.ExpiresAt == nil || !after.ExpiresAt.After(*before.ExpiresAt) {
		d.t.Errorf("it expires at %v, before it was touched at %v", after.ExpiresAt, before.ExpiresAt)
	}
}

// evictAndUndo evicts the site and undoes that. Nothing is downloaded again.
func (d *dashboard) evictAndUndo() {
	d.t.Helper()
	var sent int64
	peers.Eventually(d.t, waitLong, "the seed to have counted all of it", func() error {
		now := d.seed.Stats(d.t)
		if sent = now.Uploaded; sent < now.Size {
			return fmt.Errorf("%d of %d bytes", sent, now.Size)
		}
		return nil
	})
	d.press("d")
	d.waitShown("Evicted manual", "u: bring back manual", "[1 All 1]")
	if site, found := d.Find(d.t, d.seed.InfoHash); found {
		d.t.Errorf("evicted: %+v", site)
	}
	d.tracker.WaitEvent(d.t, waitLong, d.seed.InfoHash, peers.Stopped, d.PeerPort)
	d.press("u")
	d.waitShown("Brought back", "[1 All 2]")
	d.waitLeavingSiteRow("◷ CACHE", "100%")
	if again := d.seed.Stats(d.t).Uploaded; again != sent {
		d.t.Errorf("%d bytes were fetched again", again-sent)
	}
}

// openInBrowser checks that the browser gets a URL that serves the site's first page.
func (d *dashboard) openInBrowser() {
	d.t.Helper()
	site, _ := d.Find(d.t, d.seed.InfoHash)
	d.pressOpen(site.LocalURL)
	status, page, err := d.Get(d.t.Context(), site.LocalURL, "")
	index, readErr := os.ReadFile(filepath.Join(d.siteDir, "index.html"))
	if err != nil || readErr != nil || status != http.StatusOK || !bytes.Equal(page, index) {
		d.t.Errorf("GET %s: %d, %v: %.100q", site.LocalURL, status, err, page)
	}
}

// pressOpen presses o and waits until the browser has got exactly this URL.
func (d *dashboard) pressOpen(url string) {
	d.t.Helper()
	d.press("o")
	d.waitShown("Opening " + url)
	peers.Eventually(d.t, screenTimeout, "the browser", func() error {
		got, err := os.ReadFile(d.visited)
		if err == nil && string(got) != url {
			err = fmt.Errorf("it was given %q, want %q", got, url)
		}
		return err
	})
}

func (d *dashboard) checkPageAndHelp() {
	d.t.Helper()
	d.press("\r")
	d.waitShown("[Overview]", "wtp://"+d.seed.InfoHash+"/", fmt.Sprintf("%d files", peers.SmallSiteFiles))
	d.press("3jjj")
	d.waitShown(fmt.Sprintf("[Files %d]", peers.SmallSiteFiles))
	d.waitRow("▸ chapter000.html", "text/html", "100%")
	site, _ := d.Find(d.t, d.seed.InfoHash)
	d.pressOpen(site.LocalURL + "chapter000.html")
	d.press("4")
	d.waitShown("[Trackers 1]")
	d.waitRow(strings.TrimSuffix(d.tracker.HTTP, "/announce"), "working")
	d.press("\x1b")
	d.waitShown("[1 All 2]")
	d.press("?")
	d.waitShown("─ Keys", "restart the cache period", "add a site (or paste an address")
	d.press("\x1b")
	d.waitHidden("─ Keys")
}

// resizeAndBack makes the terminal smaller, too small, and as large as before. What was hidden for lack of room comes
// back.
func (d *dashboard) resizeAndBack() {
	d.t.Helper()
	d.waitShown("Ratio", "v hide")
	d.resize(80, 24)
	d.waitHidden("Ratio")
	d.waitLeavingSiteRow("100%")
	d.resize(60, 16)
	d.waitLeavingSiteRow("100%")
	d.waitShown("q quit")
	d.resize(59, 15)
	d.waitShown("wtptui needs more room:", "60×16 at least, this is 59×15.", "q quits")
	d.resize(120, 36)
	d.waitShown("Ratio", "v hide", "[1 All 2]")
	// By now it has the title of the page that was opened.
	d.waitLeavingSiteRow("◷ CACHE", peers.SiteTitle, "100%")
}

// removeSite is asked, and answers No first, which is the default. Then it removes the site for good.
func (d *dashboard) removeSite() {
	d.t.Helper()
	question := "Remove The Old Manual"
	d.press("D")
	d.waitShown(question, "▸ No")
	d.press("\r")
	d.waitHidden(question)
	if _, found := d.Find(d.t, d.seed.InfoHash); !found {
		d.t.Fatal("the site was removed though the answer was No")
	}
	d.press("D")
	d.waitShown(question)
	d.press("y")
	d.waitShown("Removed The Old Manual", "[1 All 1]")
	if site, found := d.Find(d.t, d.seed.InfoHash); found {
		d.t.Errorf("removed: %+v", site)
	}
	if list := d.Run(d.t, "ls", "--bin"); !strings.Contains(list, d.seed.InfoHash) {
		d.t.Errorf("in the bin: %s", list)
	}
	d.Run(d.t, "remove", "--now", d.seed.InfoHash)
	peers.Eventually(d.t, waitLong, "its data to go", func() error {
		if left := torrentBytes(d.t, d.DataDir); left > d.seed.Stats(d.t).Size/10 {
			return fmt.Errorf("%d bytes are left", left)
		}
		return nil
	})
}
