package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// BenchmarkWebFarRange requests 100 kB far into a file while the rest of it comes from one browser, which is slow.
func BenchmarkWebFarRange(b *testing.B) {
	for _, rate := range []int{1_000_000, 50_000} {
		b.Run(fmt.Sprintf("%dkBps", rate/1000), func(b *testing.B) { benchmarkFarRanges(b, rate) })
	}
}

func benchmarkFarRanges(b *testing.B, rate int) {
	dir := makeBenchSite(b)
	content, err := os.ReadFile(filepath.Join(dir, "data.bin"))
	if err != nil {
		b.Fatal(err)
	}
	tracker := peers.StartTracker(b, peers.TrackerOptions{})
	seed := peers.StartSlowPageSeed(b, dir, rate, tracker.WS)
	var took []time.Duration
	for b.Loop() {
		w := startWeb(b, []string{tracker.WS})
		w.Run(b, "add", "wtp://"+seed.InfoHash)
		site := w.WaitSite(b, waitLong, seed.InfoHash, "to be under way", func(s peers.Site) error {
			if s.Completed < int64(rate)*6 {
				return fmt.Errorf("%s: %d bytes", s.State, s.Completed)
			}
			return nil
		})
		for _, at := range []float64{0.93, 0.55, 0.78, 0.66} {
			const length = 100_000
			from := int64(at * benchSize)
			begin := time.Now()
			status, body, err := w.GetRange(b.Context(), site.LocalURL, "data.bin", from, length)
			took = append(took, time.Since(begin))
			if err != nil || status != http.StatusPartialContent || !slices.Equal(body, content[from:from+length]) {
				b.Fatalf("status %d, %d bytes, %v", status, len(body), err)
			}
		}
		// A browser goes on sending for half a minute to whoever is killed.
		w.Terminate(b)
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(took[len(took)/2].Seconds(), "median-s")
	b.ReportMetric(took[len(took)-1].Seconds(), "max-s")
}
