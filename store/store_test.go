package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// day is a fixed moment: nothing here depends on the clock.
var day = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func hash(n int) string { return fmt.Sprintf("%040x", n) }

func rawHash(n int) (h [20]byte) {
	h[19], h[18] = byte(n), byte(n>>8)
	return h
}

func site(n int) Site {
	return Site{
		Host: fmt.Sprintf("site%04d.example", n), Infohash: hash(n), Title: fmt.Sprintf("Site %d", n),
		Pinned: n%2 == 0, AddedAt: day, LastOpen: day.Add(time.Duration(n) * time.Second),
		ExpiresAt: day.Add(30 * time.Minute), Trackers: []string{"udp://tracker.example:1337/announce"},
		Downloaded: int64(n) * 1000, Uploaded: int64(n) * 10,
	}
}

func mustOpen(t testing.TB, path string) (*DB, Report) {
	t.Helper()
	db, report, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, report
}

func mustClose(t testing.TB, db *DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantEqual(t testing.TB, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

func TestContentAfterReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "wtptui.db")
	db, report := mustOpen(t, path)
	wantEqual(t, report, Report{New: true})

	full := Site{
		Host: "full.example", Infohash: hash(7), Title: "T", Pinned: true, Mine: true, Paused: true, Allowed: true,
		AddedAt: day, LastOpen: day, ExpiresAt: day, EvictedAt: day, Removed: true, BinBytes: 5, BinUntil: day,
		Trackers: []string{"a", "b"},
		WebSeeds: []string{"c"}, Downloaded: 5, Uploaded: 6, HintTrackers: []string{"d"}, HintWebSeeds: []string{"e"},
		Held: true,
		Next: hash(8), NameTTL: 600, Kept: []KeptVersion{{Infohash: hash(9), Until: day}},
		Flags: Flags{NoClearnet: true}, Rev: 1<<53 + 1, Found: true,
	}
	bare := Site{Host: "bare.example"}
	must(t, db.PutSites(full, bare))
	must(t, db.PutInfo(hash(7), []byte("d4:name1:xe")))
	must(t, db.Set(rawHash(7), []int{0, 9, 20000}, true))
	must(t, db.Set(rawHash(7), []int{1, 9}, false))
	must(t, db.PutSetting("limits", []byte("{}")))
	name := sampleAnswer("full.example", hash(7), engine.At(day), "doh", time.Hour)
	name.DNSSEC, name.Warnings = true, []string{"w"}
	name.Trackers, name.WebSeeds = []string{"udp://t/"}, []string{"https://s/"}
	must(t, db.PutName(name))
	name.Versions = []engine.Version{{
		Infohash: hash(7), FirstSeen: engine.At(day), LastSeen: engine.At(day), Source: "doh", State: engine.VersionGone,
		Size: -1,
	}}

	check := func(db *DB) {
		t.Helper()
		sites, err := db.Sites()
		must(t, err)
		wantEqual(t, sites, []Site{bare, full})
		info, err := db.Info(hash(7))
		must(t, err)
		wantEqual(t, string(info), "d4:name1:xe")
		for piece, want := range map[int][2]bool{
			0: {true, true}, 1: {false, true}, 2: {}, 9: {false, true}, 19999: {}, 20000: {true, true}, 20001: {}, -1: {},
			1 << 40: {},
		} {
			complete, known := db.Get(rawHash(7), piece)
			wantEqual(t, [2]bool{complete, known}, want)
		}
		_, known := db.Get(rawHash(8), 0)
		wantEqual(t, known, false)
		value, err := db.Setting("limits")
		must(t, err)
		wantEqual(t, string(value), "{}")
		got, err := db.Name("full.example")
		must(t, err)
		wantEqual(t, got, name)
		torrents, err := db.Torrents()
		must(t, err)
		wantEqual(t, torrents, []string{hash(7)})
	}
	check(db)
	mustClose(t, db)
	db, report = mustOpen(t, path)
	wantEqual(t, report, Report{})
	check(db)
}

func TestUncleanExitIsReported(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	must(t, db.PutSites(site(1)))
	db.release() // What a kill does.
	db, report := mustOpen(t, path)
	wantEqual(t, report, Report{Unclean: true})
	mustClose(t, db)
	db, report = mustOpen(t, path)
	wantEqual(t, report, Report{Unclean: true}) // Nobody has verified anything.
	db.MarkDataVerified()
	mustClose(t, db)
	_, report = mustOpen(t, path)
	wantEqual(t, report, Report{})
}

func TestHistoryOutlivesSites(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	s := Site{Host: "a.example", AddedAt: day, LastOpen: day}
	must(t, db.PutSites(s))
	s.Infohash, s.Title, s.Downloaded, s.Uploaded = hash(1), "First", 100, 10
	must(t, db.PutSites(s))
	s.Downloaded, s.LastOpen = 150, day.Add(time.Hour)
	must(t, db.PutSites(s, s))
	must(t, db.DeleteSite("a.example"))
	sites, err := db.Sites()
	must(t, err)
	wantEqual(t, len(sites), 0)

	visit := HistoryEntry{
		Host: "a.example", Infohash: hash(1), Title: "First", FirstOpen: day, LastOpen: day.Add(time.Hour),
		Downloaded: 150, Uploaded: 10,
	}
	visits, err := db.History()
	must(t, err)
	wantEqual(t, visits, []HistoryEntry{visit})

	// Opened again, its row counts from zero and the history goes on.
	must(t, db.PutSites(Site{
		Host: "a.example", AddedAt: day.Add(2 * time.Hour), LastOpen: day.Add(2 * time.Hour), Downloaded: 50,
	}))
	visit.LastOpen, visit.Downloaded = day.Add(2*time.Hour), 200
	visits, err = db.History()
	must(t, err)
	wantEqual(t, visits, []HistoryEntry{visit})

	must(t, db.PutName(sampleAnswer("a.example", hash(1), engine.At(day), "", time.Hour)))
	must(t, db.Forget("a.example"))
	visits, err = db.History()
	must(t, err)
	wantEqual(t, len(visits), 0)
	versions, err := db.Versions("a.example")
	must(t, err)
	wantEqual(t, len(versions), 0)
}

func TestPutSitesIsAllOrNothing(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	err := db.PutSites(site(1), Site{})
	wantEqual(t, engine.KindOf(err), engine.Invalid)
	sites, err := db.Sites()
	must(t, err)
	wantEqual(t, len(sites), 0)
}

func TestTimesLoseZoneAndMonotonicReading(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	now := time.Now().In(time.FixedZone("there", 3600))
	must(t, db.PutSites(Site{Host: "a.example", AddedAt: now}))
	sites, err := db.Sites()
	must(t, err)
	if got := sites[0].AddedAt; !got.Equal(now) || got.Location() != time.UTC {
		t.Errorf("got %v, want %v in UTC", got, now)
	}
}

func TestDeleteTorrent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	for n := range 3 {
		must(t, db.PutInfo(hash(n), []byte("de")))
		must(t, db.Set(rawHash(n), []int{0, chunkPieces, 3 * chunkPieces}, true))
	}
	must(t, db.DeleteTorrent(hash(1)))
	must(t, db.DeleteTorrent(hash(99)))
	wantEqual(t, engine.KindOf(db.DeleteTorrent("x")), engine.Invalid)
	mustClose(t, db)
	db, _ = mustOpen(t, path)
	torrents, err := db.Torrents()
	must(t, err)
	wantEqual(t, torrents, []string{hash(0), hash(2)})
	_, known := db.Get(rawHash(1), 0)
	wantEqual(t, known, false)
	complete, _ := db.Get(rawHash(2), 3*chunkPieces)
	wantEqual(t, complete, true)
}

func TestSetWritesOnlyWhatChanges(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	txid := func() (id int) {
		must(t, db.bolt.View(func(tx *bolt.Tx) error { id = tx.ID(); return nil }))
		return id
	}
	must(t, db.Set(rawHash(1), []int{1, 2, 3}, true))
	before := txid()
	must(t, db.Set(rawHash(1), []int{3, 1}, true))
	must(t, db.Set(rawHash(1), nil, true))
	wantEqual(t, txid(), before)
	wantEqual(t, engine.KindOf(db.Set(rawHash(1), []int{5, maxPiece + 1}, true)), engine.Invalid)
	wantEqual(t, engine.KindOf(db.Set(rawHash(1), []int{-1}, true)), engine.Invalid)
	_, known := db.Get(rawHash(1), 5)
	wantEqual(t, known, false)
}

// sampleAnswer is a name's answer as a resolver gives it.
func sampleAnswer(host, infohash string, at engine.Time, source string, ttl time.Duration) engine.Name {
	return engine.Name{
		Host: host, Infohash: infohash, At: at, Source: source, Expires: engine.At(at.Std().Add(ttl)), Trackers: []string{},
		WebSeeds: []string{}, Found: []string{}, Warnings: []string{}, Asked: []engine.Asked{}, Versions: []engine.Version{},
	}
}

func TestNamesRememberVersions(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	at := func(h int) engine.Time { return engine.At(day.Add(time.Duration(h) * time.Hour)) }
	for h, infohash := range []string{hash(1), hash(1), hash(2), hash(1)} {
		must(t, db.PutName(sampleAnswer("a.example", infohash, at(h), "s", time.Minute)))
	}
	want := sampleAnswer("a.example", hash(1), at(3), "s", time.Minute)
	want.Versions = []engine.Version{
		{Infohash: hash(1), FirstSeen: at(0), LastSeen: at(3), Source: "s", State: engine.VersionGone, Size: -1},
		{Infohash: hash(2), FirstSeen: at(2), LastSeen: at(2), Source: "s", State: engine.VersionGone, Size: -1},
	}
	names, err := db.Names()
	must(t, err)
	wantEqual(t, names, []engine.Name{want})
	unknown, err := db.Name("unknown.example")
	must(t, err)
	wantEqual(t, unknown.Infohash+unknown.Source, "")
	wantEqual(t, engine.KindOf(db.PutName(engine.Name{Host: "a.example", Infohash: "no"})), engine.Invalid)
	for n := range 2 * maxVersions {
		must(t, db.PutName(sampleAnswer("a.example", hash(n), at(9), "s", time.Minute)))
	}
	versions, err := db.Versions("a.example")
	must(t, err)
	wantEqual(t, len(versions), maxVersions)
}

// A version that nobody but us has named comes first, and changes nothing of the answer.
func TestVersionsWithoutAnAnswer(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	now := engine.At(day)
	published := engine.Version{Infohash: hash(2), LastSeen: now, Source: "published"}
	must(t, db.PutVersion("a.example", published))
	n, err := db.Name("a.example")
	must(t, err)
	wantEqual(t, n.Infohash, "")
	wantEqual(t, n.Versions[0].Infohash, hash(2))

	must(t, db.PutName(sampleAnswer("a.example", hash(1), now, "s", time.Hour)))
	must(t, db.PutVersion("a.example", published))
	n, err = db.Name("a.example")
	must(t, err)
	wantEqual(t, n.Infohash, hash(1))
	wantEqual(t, n.Versions[0].Infohash, hash(2))
	wantEqual(t, n.Expires, engine.At(day.Add(time.Hour)))
	wantEqual(t, engine.KindOf(db.PutVersion("", published)), engine.Invalid)
}

// Records of the first releases have no answer of their own: it is the first version.
func TestNamesOfTheFirstReleases(t *testing.T) {
	old := `{"host":"a.example","ttl_seconds":60,"versions":[{"infohash":"` + hash(1) +
		`","first_seen":"2026-01-01T00:00:00Z","last_seen":"2026-01-02T00:00:00Z","source":"s"}]}`
	r, err := decodeName([]byte("a.example"), []byte(old))
	must(t, err)
	n := r.toEngine()
	wantEqual(t, n.Infohash, hash(1))
	wantEqual(t, n.Source, "s")
	wantEqual(t, n.Expires.Sub(n.At), time.Minute)
}

func TestSettings(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	must(t, db.PutSetting("a", []byte("1")))
	must(t, db.PutSetting("a", []byte("2")))
	value, err := db.Setting("a")
	must(t, err)
	wantEqual(t, string(value), "2")
	must(t, db.PutSetting("a", nil))
	value, err = db.Setting("a")
	must(t, err)
	wantEqual(t, value == nil, true)
	wantEqual(t, engine.KindOf(db.PutSetting("", nil)), engine.Invalid)
}

func TestSecondProcessFailsQuickly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	if lockWait+boltWait > time.Second {
		t.Errorf("it waits for %v and %v", lockWait, boltWait)
	}
	told := make(chan error, 1)
	go func() {
		_, _, err := Open(path, nil)
		told <- err
	}()
	err := enginetest.Receive(t, told, "the second process to give up, with the first one still there")
	wantEqual(t, engine.KindOf(err), engine.Conflict)
	if msg := engine.Message(err); !strings.Contains(msg, "another wtptui uses this data folder") {
		t.Errorf("the message is %q", msg)
	}
	mustClose(t, db)
	mustOpen(t, path)
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, "wtptui.db")
	db, _ := mustOpen(t, path)
	mustClose(t, db)
	must(t, os.Chmod(path, 0o644))
	db, _ = mustOpen(t, path)
	mustClose(t, db)
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		wantEqual(t, info.Mode().Perm(), os.FileMode(0o600))
		names = append(names, e.Name())
	}
	wantEqual(t, names, []string{"wtptui.db", "wtptui.db.lock"})
	info, err := os.Stat(dir)
	must(t, err)
	wantEqual(t, info.Mode().Perm(), os.FileMode(0o700))
}

func TestClosedDatabaseReturnsUnavailable(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	mustClose(t, db)
	mustClose(t, db)
	wantEqual(t, engine.KindOf(db.PutSites(site(1))), engine.Unavailable)
	_, err := db.Sites()
	wantEqual(t, engine.KindOf(err), engine.Unavailable)
}
