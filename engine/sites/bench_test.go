package sites

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"wtptui/engine"
	"wtptui/store"
)

// What a tick costs with a thousand sites at rest, and what a snapshot of them costs.
func BenchmarkThousandSites(b *testing.B) {
	db, _, err := store.Open(filepath.Join(b.TempDir(), "wtptui.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	w := newWorld()
	clock := newTestClock()
	e, err := New(Config{Store: db, Swarm: w, Resolver: names{}, Clock: clock, LocalRoot: "http://localhost:7780/", CacheTTL: 1 << 50, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for i := range 1000 {
		host := fmt.Sprintf("%040x", i)
		if _, err := e.Add(b.Context(), engine.AddRequest{Address: host, Pin: true}); err != nil {
			b.Fatal(err)
		}
		e.mu.Lock()
		e.torrents[host].complete = true // at rest
		e.mu.Unlock()
	}
	b.Run("Tick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e.step(clock.Now())
		}
	})
	b.Run("Snapshot", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e.publish()
		}
	})
}
