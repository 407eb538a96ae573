package store

import (
	"math"
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
)

func TestChecks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	put := func(db *DB, c DataCheck) error { return db.Update(func(t *Tx) error { return t.PutDataCheck(c) }) }
	db, _ := mustOpen(t, path)
	whole := DataCheck{
		Infohash: hash(1), At: day, Stamp: math.MaxUint64, Newest: day.Add(-time.Hour), Next: 7, Began: day.Add(time.Hour),
	}
	must(t, put(db, DataCheck{Infohash: hash(1), At: day.Add(time.Minute)}))
	must(t, put(db, whole))
	must(t, put(db, DataCheck{Infohash: hash(2)}))
	for _, c := range []DataCheck{{}, {Infohash: "x"}, {Infohash: hash(3), Next: -1}} {
		wantEqual(t, engine.KindOf(put(db, c)), engine.Invalid)
	}
	mustClose(t, db)

	db, report := mustOpen(t, path)
	wantEqual(t, report, Report{})
	wantChecks := func(want ...DataCheck) {
		t.Helper()
		for n, w := range want {
			c, err := db.DataCheck(hash(n + 1))
			must(t, err)
			wantEqual(t, c, w)
		}
	}
	wantChecks(whole, DataCheck{Infohash: hash(2)}, DataCheck{})
	must(t, db.Update(func(t *Tx) error { return t.DeleteTorrent(hash(1)) }))
	wantChecks(DataCheck{}, DataCheck{Infohash: hash(2)}, DataCheck{})
}
