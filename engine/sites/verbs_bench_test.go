package sites

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// BenchmarkDo measures one verb for all sites, saved and shown: a transaction and a snapshot.
func BenchmarkDo(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e, hosts := newEngineWithSites(b, n)
			verbs := []engine.Verb{engine.Unpin, engine.Pin}
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				if err := e.Do(b.Context(), verbs[i%2], hosts...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// newEngineWithSites returns an engine with idle pinned sites.
func newEngineWithSites(b *testing.B, n int) (*Engine, []string) {
	b.Helper()
	db, _, err := store.Open(filepath.Join(b.TempDir(), "wtptui.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	hosts := make([]string, n)
	rows := make([]store.Site, n)
	for i := range hosts {
		hosts[i] = fmt.Sprintf("%040x", i)
		rows[i] = store.Site{Host: hosts[i], Infohash: hosts[i], Pinned: true, AddedAt: time.Now()}
	}
	err = db.Update(func(tx *store.Tx) error {
		for _, row := range rows {
			if err := errors.Join(tx.PutSite(row), tx.PutInfo(row.Infohash, []byte("info of 0"))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	e, err := New(Config{
		Store: db, Swarm: newFakeSwarm(), Resolver: &fakeResolver{}, LocalRoot: "http://localhost:7780/", CacheTTL: time.Hour,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = e.Close()
		_ = db.Close()
	})
	return e, hosts
}

// BenchmarkTick measures an idle tick: four of them are to take less than 5 ms of each second with 10,000 sites.
func BenchmarkTick(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e, _ := newEngineWithSites(b, n)
			now := time.Now()
			pass := func() {
				now = now.Add(tickInterval)
				_ = e.withState("bench", "", func(st *state) error {
					st.onTick(now)
					return nil
				})
			}
			for range 100 {
				pass()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				pass()
			}
		})
	}
}
