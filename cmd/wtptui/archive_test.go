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

// newArchive is that of a data folder with these sites, in which nothing runs.
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
		sites: storedSites{db: db, now: time.Now}, dir: dir, config: filepath.Join(dir, "config.toml"), now: time.Now,
	}
}

// written is a backup of an archive.
func written(t *testing.T, a archive) io.Reader {
	t.Helper()
	var to strings.Builder
	if err := a.write(t.Context(), &to, true); err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(to.String())
}

// followMarked follows a list that has pinned these hosts.
func followMarked(t *testing.T, dir, source string, hosts ...string) {
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

// A list that comes back pins what the backup says it has pinned, and is here without that.
func TestRestoredListPinsWhatIsNotPinned(t *testing.T) {
	var hosts []string
	var all []store.Site
	for _, c := range "12345" {
		host := strings.Repeat(string(c), 40)
		hosts, all = append(hosts, host), append(all, store.Site{Host: host, Infohash: host, Pinned: true})
	}
	from := newArchive(t, all[:4]...)
	followMarked(t, from.dir, "/list", hosts...)
	unpinned, binned := all[1], all[2]
	unpinned.Pinned, binned.EvictedAt = false, time.Unix(1, 0)
	to := newArchive(t, all[0], unpinned, binned)
	if _, err := to.restore(t.Context(), written(t, from), false); err != nil {
		t.Fatal(err)
	}
	s, err := pinlist.FolderIn(to.dir).State("/list")
	// The last one was unpinned by a person and is in no backup.
	want := []string{hosts[0], hosts[3], hosts[4]}
	if got := slices.Sorted(maps.Keys(s.Marks)); err != nil || !slices.Equal(got, want) {
		t.Errorf("it does not pin %v, want %v: %v", got, want, err)
	}
}

// scriptedSites writes down what a restore asks of it.
type scriptedSites struct {
	savedSites

	asked []string
	err   error
}

func (s *scriptedSites) Restore(context.Context, []sites.Saved, bool) ([]sites.Restored, error) {
	s.asked = append(s.asked, "sites")
	return nil, s.err
}

func (s *scriptedSites) RestoreSettings(context.Context, sites.SavedSettings, bool) (bool, error) {
	s.asked = append(s.asked, "settings")
	return true, nil
}

// The sites are in place before what comes after them, which is not there when they fail.
func TestRestoreInOrder(t *testing.T) {
	host := strings.Repeat("1", 40)
	from := newArchive(t, store.Site{Host: host, Infohash: host, Pinned: true})
	followMarked(t, from.dir, "/list", host)
	for _, failure := range []error{nil, errors.New("no")} {
		to := newArchive(t)
		scripted := &scriptedSites{err: failure}
		to.sites = scripted
		_, err := to.restore(t.Context(), written(t, from), false)
		want := "sites settings"
		if failure != nil {
			want = "sites"
		}
		if got := strings.Join(scripted.asked, " "); got != want || !errors.Is(err, failure) {
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

// Nothing of a backup, which may have secret keys in it, stays behind when the process is killed.
func TestRestoreSpoolHasNoName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps the name of a file that is open")
	}
	to := newArchive(t)
	look := readerFunc(func([]byte) (int, error) {
		left, err := filepath.Glob(filepath.Join(to.dir, ".restore-*"))
		if err != nil || len(left) > 0 {
			t.Errorf("it has %v, %v", left, err)
		}
		return 0, os.ErrClosed
	})
	if _, err := to.restore(t.Context(), look, false); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// A key is backed up when it is in the file: not one that came meanwhile, or another of its name.
func TestKeysKept(t *testing.T) {
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
	counted := backupCount{kept: map[string]string{}}
	for _, name := range []string{"a", "b"} {
		if err := counted.add("keys/"+name+".key", keyring.FormatSeed(first)); err != nil {
			t.Fatal(err)
		}
	}
	p := &program{client: newClient(world{}, &settings{DataDir: dir})}
	if err := p.noteKeysKept(counted.kept); err != nil {
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

// bigSites are those of which one is known too much of.
type bigSites struct{ savedSites }

func (bigSites) Backup(_ context.Context, each func(sites.Saved) error) (sites.SavedSettings, error) {
	return sites.SavedSettings{}, each(sites.Saved{Host: "big.example", State: make([]byte, 16<<20+1)})
}

func TestBackupTooLarge(t *testing.T) {
	a := newArchive(t)
	a.sites = bigSites{}
	err := a.write(t.Context(), io.Discard, true)
	if engine.KindOf(err) != engine.TooLarge || !strings.Contains(engine.Message(err), "`wtptui remove big.example`") {
		t.Error(err)
	}
}
