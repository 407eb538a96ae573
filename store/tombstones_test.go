package store

import (
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
)

func TestTombstones(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	must(t, db.PutSites(site(1), site(2)))
	must(t, db.Update(func(t *Tx) error { // as a removal does
		tombstone := Tombstone{Host: site(1).Host, Rev: 7, Infohashes: []string{hash(3), hash(1)}, At: day}
		if err := t.PutTombstone(tombstone); err != nil {
			return err
		}
		return t.DeleteSite(site(1).Host)
	}))
	must(t, db.PutTombstone(Tombstone{Host: "a.example", Rev: 8}))
	must(t, db.Forget(site(1).Host))
	mustClose(t, db)

	db, _ = mustOpen(t, path)
	want := []Tombstone{
		{Host: "a.example", Rev: 8, Infohashes: []string{}},
		{Host: site(1).Host, Rev: 7, Infohashes: []string{hash(1), hash(3)}, At: day},
	}
	wantTombstones := func() {
		t.Helper()
		tombstones, err := db.Tombstones()
		must(t, err)
		wantEqual(t, tombstones, want)
	}
	wantTombstones()

	// Added and removed again before the data is gone: what was to go still goes.
	again := Tombstone{Host: site(1).Host, Rev: 9, Infohashes: []string{hash(2), hash(3)}, At: day.Add(time.Hour)}
	must(t, db.PutTombstone(again))
	want[1] = Tombstone{
		Host: site(1).Host, Rev: 9, Infohashes: []string{hash(1), hash(2), hash(3)}, At: day.Add(time.Hour),
	}
	wantTombstones()
	wantEqual(t, again.Infohashes, []string{hash(2), hash(3)})

	must(t, db.RemoveTombstone(site(1).Host, 8)) // There is a newer one.
	wantTombstones()
	must(t, db.RemoveTombstone("a.example", 1<<40))
	must(t, db.RemoveTombstone("unknown.example", 1<<40))
	want = want[1:]
	wantTombstones()
	for _, g := range []Tombstone{{}, {Host: "b.example", Infohashes: []string{"x"}}} {
		wantEqual(t, engine.KindOf(db.PutTombstone(g)), engine.Invalid)
	}
}

func TestPutVersions(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	at := func(h int) engine.Time { return engine.At(day.Add(time.Duration(h) * time.Hour)) }
	seen := func(n, first, last int, source string) engine.Version {
		return engine.Version{
			Infohash: hash(n), FirstSeen: at(first), LastSeen: at(last), Source: source, State: engine.VersionGone, Size: -1,
		}
	}
	wantVersions := func(host string, want ...engine.Version) {
		t.Helper()
		got, err := db.Versions(host)
		must(t, err)
		wantEqual(t, got, want)
	}
	// A host of which nothing is known.
	must(t, db.PutVersions("a.example", []engine.Version{seen(2, 2, 3, "published"), seen(1, 0, 1, "doh")}))
	wantVersions("a.example", seen(2, 2, 3, "published"), seen(1, 0, 1, "doh"))
	n, err := db.Name("a.example")
	must(t, err)
	wantEqual(t, n.Infohash, "")

	// One of which less is known, and something else.
	must(t, db.PutName(sampleAnswer("b.example", hash(1), at(1), "doh", time.Hour)))
	must(t, db.PutName(sampleAnswer("b.example", hash(4), at(5), "doh", time.Hour)))
	must(t, db.PutVersions("b.example", []engine.Version{
		seen(2, 6, 6, "published"), seen(3, 3, 4, "doh"), seen(1, 0, 2, "key"),
	}))
	wantVersions("b.example", seen(2, 6, 6, "published"), seen(4, 5, 5, "doh"), seen(3, 3, 4, "doh"), seen(1, 0, 2, "key"))
	n, err = db.Name("b.example")
	must(t, err)
	wantEqual(t, n.Infohash, hash(4)) // The answer is still the answer.

	// Nothing changes what is the same or less.
	must(t, db.PutVersions("b.example", []engine.Version{seen(1, 1, 1, "old"), {Infohash: hash(4)}}))
	must(t, db.PutVersions("b.example", nil))
	wantVersions("b.example", seen(2, 6, 6, "published"), seen(4, 5, 5, "doh"), seen(3, 3, 4, "doh"), seen(1, 0, 2, "key"))

	var many []engine.Version
	for n := range 2 * maxVersions {
		many = append(many, seen(1000+n, 0, 1000-n, "doh"))
	}
	must(t, db.PutVersions("b.example", many))
	wantVersions("b.example", many[:maxVersions]...)
	for _, err := range []error{
		db.PutVersions("", many), db.PutVersions("b.example", []engine.Version{{Infohash: "x"}}),
	} {
		wantEqual(t, engine.KindOf(err), engine.Invalid)
	}
}
