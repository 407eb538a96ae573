package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// startForbiddenServer runs a server that must not get a request, until the test ends.
func startForbiddenServer(t *testing.T, reached func(*http.Request)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached(r) }))
	t.Cleanup(server.Close)
	return server.URL
}

// openReader opens one page of a site in a Chromium.
func openReader(t *testing.T, url string) context.Context {
	t.Helper()
	ctx := startBrowser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	return ctx
}

// readPageList returns a list that the page's script keeps.
func readPageList(t *testing.T, ctx context.Context, list string) []string {
	t.Helper()
	items, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](list))
	if err != nil {
		t.Fatalf("Chromium: %s: %v", list, err)
	}
	return items
}

// The domain's TXT record changes while a browser reads the site. Within a TTL the browser gets the new version,
// without a failed request. Only what has changed is downloaded, and the old version is seeded for as long as others
// may have its record.
func TestReaderGetsTheVersionThatTheDomainMovesTo(t *testing.T) {
	t.Parallel()
	m := startMovingDomain(t)
	_, first := m.makeVersion(t, "one", 0, peers.SeedOptions{})
	dir, second := m.makeVersion(t, "two", 0, peers.SeedOptions{})
	m.setRecord(t, 2, first.InfoHash)
	m.Run(t, "add", "--pin", movingSite)
	m.waitVersion(t, first.InfoHash)
	before := m.waitDetail(t, "all of it to be counted", func(d movingDetail) bool {
		return d.Site.Downloaded >= d.Site.Size
	})
	page := openReader(t, before.Site.LocalURL)
	peers.Eventually(t, domainMoveTimeout, "the page to read", func() error {
		return compareItems(readPageList(t, page, "seen"), "one")
	})

	m.setRecord(t, 600, second.InfoHash)
	m.waitVersion(t, second.InfoHash)
	peers.Eventually(t, domainMoveTimeout, "the page to read the new version", func() error {
		return compareItems(readPageList(t, page, "seen"), "one", "two")
	})
	if failed := readPageList(t, page, "failed"); len(failed) > 0 {
		t.Errorf("requests failed: %q", failed)
	}
	// index.html and version.txt have changed; their pieces have bytes of their neighbours.
	after := m.waitDetail(t, "what was fetched to be counted", func(d movingDetail) bool {
		return d.Site.Downloaded > before.Site.Downloaded
	})
	if fetched := after.Site.Downloaded - before.Site.Downloaded; fetched > 4*16<<10 {
		t.Errorf("%d bytes were fetched, of a site of %d of which 2 small files have changed", fetched, after.Site.Size)
	}
	checkSameSite(t, m.Wtptui, domainMoveTimeout, after.Site.LocalURL, dir)
	m.waitDetail(t, "the first version to go when its TTL is over", func(d movingDetail) bool {
		_, err := os.Stat(filepath.Join(m.DataDir, "sites", first.InfoHash))
		return d.versionState(first.InfoHash) == "gone" && os.IsNotExist(err)
	})

	// The second one may be believed in for ten minutes: when only we have it still, others get it from us.
	_, third := m.makeVersion(t, "three", 0, peers.SeedOptions{})
	m.setRecord(t, 600, third.InfoHash)
	m.resolveAnswered(t, movingSite)
	if d := m.waitVersion(t, third.InfoHash); d.versionState(second.InfoHash) != "kept" {
		t.Errorf("the second version is %q: %+v", d.versionState(second.InfoHash), d.Versions)
	}
	second.Stop(t)
	got := t.TempDir()
	leech := peers.StartLeech(t, second.Torrent, got, peers.LeechOptions{Peers: []int{m.PeerPort}})
	leech.WaitDone(t, domainMoveTimeout)
	peers.SameFiles(t, filepath.Join(got, "site"), dir)
}

// checkReadsVersion waits until the page has read everything again, and checks that it got nothing but that version.
func checkReadsVersion(t *testing.T, page context.Context, version string) {
	t.Helper()
	before := len(readPageList(t, page, "rounds"))
	peers.Eventually(t, domainMoveTimeout, "the page to read on", func() error {
		if n := len(readPageList(t, page, "rounds")); n < before+2 {
			return fmt.Errorf("it has read %d times, %d before", n, before)
		}
		return compareItems(readPageList(t, page, "seen"), version)
	})
	if failed := readPageList(t, page, "failed"); len(failed) > 0 {
		t.Errorf("requests failed: %q", failed)
	}
}

func compareItems(got []string, want ...string) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("%q, want %q", got, want)
	}
	return nil
}

// While the new version has no peers, then the resolver is down, then both are back, the site is served all the time.
func TestSiteIsServedWhateverItsDomainDoes(t *testing.T) {
	t.Parallel()
	m := startMovingDomain(t)
	dir, first := m.makeVersion(t, "one", 0, peers.SeedOptions{})
	nextDir, second := m.makeVersion(t, "two", 0, peers.SeedOptions{})
	m.setRecord(t, 600, first.InfoHash)
	m.Run(t, "add", "--pin", movingSite)
	local := m.waitVersion(t, first.InfoHash).Site.LocalURL
	page := openReader(t, local)

	m.setRecord(t, 600, unseededHost)
	m.resolveAnswered(t, movingSite)
	m.waitDetail(t, "the version that nobody has to be looked for", func(d movingDetail) bool {
		return d.Site.NextInfoHash == unseededHost && d.Site.InfoHash == first.InfoHash && d.Site.State == "seeding"
	})
	checkSameSite(t, m.Wtptui, domainMoveTimeout, local, dir)
	checkReadsVersion(t, page, "one")

	m.dns.Kill()
	if n := m.resolve(t, movingSite); !n.Stale || n.InfoHash != unseededHost || len(n.Asked) == 0 ||
		n.Asked[0].Error == "" {
		t.Errorf("without a resolver: %+v", n)
	}
	checkReadsVersion(t, page, "one")
	m.Terminate(t)
	m.Start(t)
	d := m.waitDetail(t, "to be as before after a restart", func(d movingDetail) bool {
		return d.Site.NextInfoHash == unseededHost && d.Site.InfoHash == first.InfoHash && d.Site.State == "seeding"
	})
	checkSameSite(t, m.Wtptui, domainMoveTimeout, d.Site.LocalURL, dir)

	m.dns.Start(t)
	m.setRecord(t, 600, second.InfoHash)
	m.resolveAnswered(t, movingSite)
	checkSameSite(t, m.Wtptui, domainMoveTimeout, m.waitVersion(t, second.InfoHash).Site.LocalURL, nextDir)
}

// After kill -9 while the next version is being downloaded, and right when it has become the current one, the site is
// served completely, in one version or the other, and moves to the new one.
func TestKillWhileTheSiteMovesLosesNothing(t *testing.T) {
	t.Parallel()
	m := startMovingDomain(t)
	dir, first := m.makeVersion(t, "one", 0, peers.SeedOptions{})
	const big = 3 << 20
	nextDir, second := m.makeVersion(t, "two", big, peers.SeedOptions{UploadLimit: 96 << 10, HoldAfter: 200 << 10})
	m.setRecord(t, 600, first.InfoHash)
	m.Run(t, "add", "--pin", movingSite)
	m.waitVersion(t, first.InfoHash)
	m.setRecord(t, 600, second.InfoHash)
	m.resolveAnswered(t, movingSite)
	m.waitDetail(t, "some of the next version to be here", func(d movingDetail) bool {
		return d.Site.NextInfoHash == second.InfoHash && second.Stats(t).Uploaded > 96<<10
	})
	m.Kill()
	m.Start(t)
	d := m.waitDetail(t, "to serve the first version", func(d movingDetail) bool {
		return d.Site.InfoHash == first.InfoHash && d.Site.NextInfoHash == second.InfoHash && d.Site.State == "seeding"
	})
	checkSameSite(t, m.Wtptui, domainMoveTimeout, d.Site.LocalURL, dir)
	second.LimitUpload(t, 0)
	m.waitVersion(t, second.InfoHash)
	m.Kill()
	m.Start(t)
	checkSameSite(t, m.Wtptui, domainMoveTimeout, m.waitVersion(t, second.InfoHash).Site.LocalURL, nextDir)
	if uploaded := second.Stats(t).Uploaded; uploaded > 2*big {
		t.Errorf("%d bytes were fetched for a change of %d", uploaded, big)
	}
}
