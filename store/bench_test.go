package store

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"
)

// makeThousandSites makes a database of 1,000 sites with 1,000 pieces each: 20 bytes of a piece's hash in the info
// dictionary.
func makeThousandSites(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	pieces := make([]int, 1000)
	for i := range pieces {
		pieces[i] = i
	}
	var sites []Site
	for n := range 1000 {
		sites = append(sites, site(n))
		must(t, db.PutInfo(hash(n), bytes.Repeat([]byte{byte(n)}, 20_000)))
		must(t, db.Set(rawHash(n), pieces, true))
	}
	must(t, db.PutSites(sites...))
	mustClose(t, db)
	return path
}

func BenchmarkOpen1000Sites(b *testing.B) {
	path := makeThousandSites(b)
	b.ReportAllocs()
	for b.Loop() {
		db, _, err := Open(path, nil)
		must(b, err)
		b.StopTimer()
		mustClose(b, db)
		b.StartTimer()
	}
}

func BenchmarkPutSites(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			db, _ := mustOpen(b, makeThousandSites(b))
			var sites []Site
			for i := range n {
				sites = append(sites, site(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				must(b, db.PutSites(sites...))
			}
		})
	}
}

func BenchmarkSetBatch(b *testing.B) {
	db, _ := mustOpen(b, makeThousandSites(b))
	batch, n := make([]int, 64), 0
	b.ReportAllocs()
	for b.Loop() {
		for i := range batch {
			batch[i] = n % 4096
			n++
		}
		must(b, db.Set(rawHash(5000), batch, n/4096%2 == 0)) // Each pass over the torrent undoes the one before.
	}
}

func BenchmarkGet(b *testing.B) {
	db, _ := mustOpen(b, makeThousandSites(b))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			db.Get(rawHash(500), 500)
		}
	})
}
