package swarm

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"wtptui/engine"
)

// The folder of a torrent that is seeded in place has the two small files and nothing else: it is no data, and goes
// alone.
func TestFolderOfATorrentInPlace(t *testing.T) {
	s := newSite(t, 16<<10, 40_000)
	cfg := config(t)
	c := start(t, cfg)
	dir, place := t.TempDir(), &InPlace{}
	if err := os.WriteFile(filepath.Join(dir, "f0.html"), s.files[0], 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "f0.html"))
	if err != nil {
		t.Fatal(err)
	}
	place.Dir, place.Stamps = dir, []int64{info.ModTime().UnixNano()}
	err = c.WriteFolders([]Folder{
		{Name: s.hash, State: []byte("s"), Torrent: []byte("t")}, {Name: HostPrefix + "a", State: []byte("h")},
	})
	if err != nil {
		t.Fatal(err)
	}
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, InPlace: place})
	eventually(t, "complete", func() bool { return complete(tor) })
	same(t, tor, s)
	folders, err := c.ReadFolders()
	if err != nil || len(folders) != 2 || folders[0].Name != s.hash || string(folders[0].State) != "s" ||
		folders[0].Data {
		t.Errorf("folders %+v, %v", folders, err)
	}
	if err := c.DeleteFolder(s.hash); engine.KindOf(err) != engine.Conflict {
		t.Errorf("delete of a joined torrent: %v", err)
	}
	tor.Drop()
	for name, want := range map[string]engine.Kind{"photos": engine.Invalid, "": engine.Invalid} {
		if err := c.DeleteFolder(name); engine.KindOf(err) != want {
			t.Errorf("delete %q: %v", name, err)
		}
	}
	if err := errors.Join(c.DeleteFolder(s.hash), c.DeleteFolder(HostPrefix+"a")); err != nil {
		t.Fatal(err)
	}
	if folders, err := c.ReadFolders(); err != nil || len(folders) != 0 {
		t.Errorf("folders %+v, %v", folders, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "f0.html")); err != nil {
		t.Error(err)
	}
	id := c.Identity()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if again := start(t, cfg).Identity(); again != id || len(id) != 32 {
		t.Errorf("identity %s and then %s", id, again)
	}
}
