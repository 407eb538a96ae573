package e2e_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// benchSize is the size in bytes of what BenchmarkBrowsers transfers, except for a first page of a kilobyte.
const benchSize = 32 << 20

// BenchmarkBrowsers transfers the same 32 MiB from a page to a page, from a page to wtptui, and from wtptui to a page.
// It reports for each how long the metadata took and the rate of the rest, and how soon after `wtptui add` the first
// page was there. With the small pieces that WebTorrent chooses, a page that downloads is busy with its own storage, a
// file for each piece, whoever sends: see BenchmarkPages of engine/swarm/webtorrent.
func BenchmarkBrowsers(b *testing.B) {
	peers.Require(b)
	dir := makeBenchSite(b)
	tracker := peers.StartTracker(b, peers.TrackerOptions{})
	binaryPath(b)
	var pages, in, out transferTimes
	var first time.Duration
	for b.Loop() {
		seed := peers.StartPageSeed(b, dir, tracker.WS)
		magnet := seed.Magnet(tracker.WS)
		pages.add(measurePageDownload(b, magnet, dir))

		w := startWeb(b, []string{tracker.WS})
		begin := time.Now()
		w.Run(b, "add", "wtp://"+seed.InfoHash)
		// The address of an infohash, whose root is its index.html.
		site, _ := w.Find(b, seed.InfoHash)
		fetchFile(b, w, time.Minute, site.LocalURL, "index.html")
		first += time.Since(begin)
		w.WaitSeeding(b, time.Minute, seed.InfoHash)
		added := findLogTime(b, w, "added", seed.InfoHash)
		described, completed := findLogTime(b, w, "described", seed.InfoHash),
			findLogTime(b, w, "completed", seed.InfoHash)
		in.add(described.Sub(added), completed.Sub(added))

		seed.Close()
		out.add(measurePageDownload(b, magnet, dir))
		w.Kill()
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(first.Seconds()/n, "s-first-page")
	pages.report(b, "page→page", pages)
	in.report(b, "page→wtptui", pages)
	out.report(b, "wtptui→page", pages)
}

func makeBenchSite(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "bench")
	if err := os.Mkdir(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	for name, size := range map[string]int{"index.html": 1 << 10, "data.bin": benchSize} {
		content := make([]byte, size)
		_, _ = rand.Read(content)
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// transferTimes holds how long the metadata took, and the rest after it, summed over all rounds.
type transferTimes struct{ metadata, rest time.Duration }

func (m *transferTimes) add(metadata, all time.Duration) {
	m.metadata += metadata
	m.rest += all - metadata
}

// report reports the rate and the metadata's time, each also as a multiple of what two pages need.
func (m *transferTimes) report(b *testing.B, what string, pages transferTimes) {
	b.Helper()
	n := float64(b.N)
	b.ReportMetric(n*benchSize/1e6/m.rest.Seconds(), what+"-MB/s")
	b.ReportMetric(m.metadata.Seconds()/n, what+"-metadata-s")
	if *m != pages {
		b.ReportMetric(pages.rest.Seconds()/m.rest.Seconds(), what+"-×speed")
		b.ReportMetric(m.metadata.Seconds()/pages.metadata.Seconds(), what+"-×metadata")
	}
}

// measurePageDownload has a page download everything and returns how long the metadata and the whole took.
func measurePageDownload(b *testing.B, magnet, dir string) (metadata, all time.Duration) {
	b.Helper()
	page := peers.StartPageLeech(b, magnet)
	defer page.Close()
	metadata = page.WaitMetadata(b, time.Minute)
	return metadata, page.WaitSameFiles(b, 2*time.Minute, dir)
}

// findLogTime returns when wtptui logged an event of a site.
func findLogTime(b *testing.B, w *peers.Wtptui, event, host string) time.Time {
	b.Helper()
	line := regexp.MustCompile(`time=(\S+) level=INFO msg="sites: ` + event + `" host=` + host)
	m := line.FindStringSubmatch(w.Log())
	if m == nil {
		b.Fatalf("wtptui did not log %q of %s", event, host)
	}
	at, err := time.Parse(time.RFC3339, m[1])
	if err != nil {
		b.Fatal(err)
	}
	return at
}
