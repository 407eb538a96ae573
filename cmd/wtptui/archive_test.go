package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
	"wtptui/engine/keyring"
	"wtptui/engine/sites"
	"wtptui/store"
)

// newArchive returns the archive of a data folder that has the given sites and no running engine.
func newArchive(t *testing.T, rows ...store.Site) archive {
	t.Helper()
	dir := t.TempDir()
	db, _, err := store.Open(filepath.Join(dir, databaseName), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.PutSites(rows...); err != nil {
		t.Fatal(err)
	}
	return archive{
		store: databaseStore{db: db, now: time.Now}, dir: dir, configPath: filepath.Join(dir, "config.toml"), now: time.Now,
	}
}

// backupOf returns a backup of an archive.
func backupOf(t *testing.T, a archive) io.Reader {
	t.Helper()
	var to strings.Builder
	if err := a.write(t.Context(), &to, true); err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(to.String())
}

// followListWithPins follows a list that has pinned the given hosts.
func followListWithPins(t *testing.T, dir, source string, hosts ...string) {
	t.Helper()
	order := pinlist.Order{Source: source, Follow: true, At: time.Unix(1, 0).UTC()}
	s := pinlist.Saved{Order: order, State: pinlist.State{Order: order, Marks: map[string]pinlist.Mark{}}}
	for _, host := range hosts {
		s.State.Marks[host] = pinlist.Ours
	}
	if _, err := pinlist.FolderIn(dir).Restore(s, nil); err != nil {
		t.Fatal(err)
	}
}

// A restored list owns the pins that it owned in the backup, except those that a person has removed here since.
func TestRestoredListPinsOnlyWhatItOwns(t *testing.T) {
	var hosts []string
	var all []store.Site
	for _, c := range "12345" {
		host := strings.Repeat(string(c), 40)
		hosts, all = append(hosts, host), append(all, store.Site{Host: host, Infohash: host, Pinned: true})
	}
	from := newArchive(t, all[:4]...)
	followListWithPins(t, from.dir, "/list", hosts...)
	unpinned, binned := all[1], all[2]
	unpinned.Pinned, binned.EvictedAt = false, time.Unix(1, 0)
	to := newArchive(t, all[0], unpinned, binned)
	if _, err := to.restore(t.Context(), backupOf(t, from), false); err != nil {
		t.Fatal(err)
	}
	s, err := pinlist.FolderIn(to.dir).State("/list")
	// The last host is in no backup: a person had unpinned it.
	want := []string{hosts[0], hosts[3], hosts[4]}
	if got := slices.Sorted(maps.Keys(s.Marks)); err != nil || !slices.Equal(got, want) {
		t.Errorf("it does not pin %v, want %v: %v", got, want, err)
	}
}

// recordingStore records which parts are restored to it.
type recordingStore struct {
	siteStore

	calls []string
	err   error
}

func (s *recordingStore) Restore(context.Context, []sites.Saved, bool) ([]sites.Restored, error) {
	s.calls = append(s.calls, "sites")
	return nil, s.err
}

func (s *recordingStore) RestoreSettings(context.Context, sites.SavedSettings, bool) (bool, error) {
	s.calls = append(s.calls, "settings")
	return true, nil
}

// Sites are restored before the lists that depend on them, and lists are not restored if the sites fail.
func TestRestoreOrder(t *testing.T) {
	host := strings.Repeat("1", 40)
	from := newArchive(t, store.Site{Host: host, Infohash: host, Pinned: true})
	followListWithPins(t, from.dir, "/list", host)
	for _, failure := range []error{nil, errors.New("no")} {
		to := newArchive(t)
		recorder := &recordingStore{err: failure}
		to.store = recorder
		_, err := to.restore(t.Context(), backupOf(t, from), false)
		want := "sites settings"
		if failure != nil {
			want = "sites"
		}
		if got := strings.Join(recorder.calls, " "); got != want || !errors.Is(err, failure) {
			t.Errorf("%v: it asks for %s, want %s: %v", failure, got, want, err)
		}
		if _, err := pinlist.FolderIn(to.dir).Followed("/list"); (err == nil) != (failure == nil) {
			t.Errorf("%v: the list is followed: %v", failure, err)
		}
		if left, err := filepath.Glob(filepath.Join(to.dir, ".restore-*")); err != nil || len(left) > 0 {
			t.Errorf("it leaves %v, %v", left, err)
		}
	}
}

// No copy of a backup, which may contain secret keys, stays behind when the process is killed.
func TestRestoreSpoolHasNoName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps the name of a file that is open")
	}
	to := newArchive(t)
	reader := readerFunc(func([]byte) (int, error) {
		left, err := filepath.Glob(filepath.Join(to.dir, ".restore-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("it has %v, %v", left, err)
		}
		return 0, os.ErrClosed
	})
	if _, err := to.restore(t.Context(), reader, false); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// A key counts as backed up only if the backup contains it: not if it was created meanwhile, or has the name of
// another.
func TestOnlyKeysInABackupAreMarked(t *testing.T) {
	dir := t.TempDir()
	ring := keyring.New(filepath.Join(dir, keysName))
	var first ed25519.PrivateKey
	for _, name := range []string{"a", "b", "c"} {
		secret, err := ring.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "a" {
			first = secret
		}
	}
	summary := backupSummary{keyHosts: map[string]string{}}
	for _, name := range []string{"a", "b"} {
		if err := summary.add("keys/"+name+".key", keyring.FormatSeed(first)); err != nil {
			t.Fatal(err)
		}
	}
	p := &program{client: newClient(environment{}, &settings{DataDir: dir})}
	if err := p.markBackedUp(summary.keyHosts); err != nil {
		t.Fatal(err)
	}
	all, err := ring.List()
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, k := range all {
		if k.BackedUp != (k.Name == "a") {
			t.Errorf("%s is backed up: %v", k.Name, k.BackedUp)
		}
	}
}

// oversizedStore has one site whose state is too large for a backup.
type oversizedStore struct{ siteStore }

func (oversizedStore) Backup(_ context.Context, each func(sites.Saved) error) (sites.SavedSettings, error) {
	return sites.SavedSettings{}, each(sites.Saved{Host: "big.example", State: make([]byte, 16<<20+1)})
}

func TestBackupTooLarge(t *testing.T) {
	a := newArchive(t)
	a.store = oversizedStore{}
	err := a.write(t.Context(), io.Discard, true)
	if engine.KindOf(err) != engine.TooLarge || !strings.Contains(engine.Message(err), "`wtptui remove big.example`") {
		t.Error(err)
	}
}
