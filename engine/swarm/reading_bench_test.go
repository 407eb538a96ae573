package swarm

import (
	"io"
	"testing"
	"time"

	"wtptui/engine"
)

// BenchmarkReadWhileFetching reads a file of 256 MiB in small pieces from a seed on loopback, as fast as it comes.
func BenchmarkReadWhileFetching(b *testing.B) {
	const size = 256 << 20
	s := newSite(b, 64<<10, size)
	author := start(b, config(b))
	publish(b, author, s)
	var took []float64
	for b.Loop() {
		cfg := config(b)
		cfg.Dir = freshDir(b)
		c := start(b, cfg)
		tor := add(b, c, Spec{Infohash: s.hash, Info: s.info})
		ready(b, tor)
		r, err := tor.Open(b.Context(), 0, engine.UrgencyDocument)
		if err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		connect(tor, author)
		if n, err := io.Copy(io.Discard, r); n != size || err != nil {
			b.Fatalf("%d bytes, %v", n, err)
		}
		took = append(took, time.Since(begin).Seconds())
		_ = r.Close()
		tor.Discard()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(size/median(took)/1e6, "MB/s")
}
