package sites

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// BenchmarkRequestByName measures what the name of a site that is here costs a request: less than a millisecond,
// whatever the resolver does.
func BenchmarkRequestByName(b *testing.B) {
	db, _, err := store.Open(filepath.Join(b.TempDir(), "wtptui.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	w := newFakeSwarm()
	w.seed(hashA, 3)
	n := &fakeResolver{}
	n.setAnswer(domain, resolve.Answer{Infohash: hashA, TTL: time.Hour})
	e, err := New(Config{
		Store: db, Swarm: w, Resolver: n, CacheTTL: time.Hour, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	b.ReportAllocs()
	for b.Loop() {
		c, err := e.Open(b.Context(), domain)
		if err != nil {
			b.Fatal(err)
		}
		c.Close(engine.Request{})
	}
}
