package disk

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// ours is all that may be in a folder of ours, and foreign what looks like it.
var (
	ours = map[string]string{
		"0": "d", "17": "d", "site.json": "s", "site.torrent": "t", "site.json.writing": "h", "copy-123": "c",
	}
	foreign = map[string]string{
		"007": "", "-1": "", "notes.txt": "mine", "copy-of-it": "", "site.json.bak": "", "site.torrent~": "",
	}
)

func loggedStore(t *testing.T, dir string) (*Store, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s, err := New(Options{Dir: dir, Completion: &memory{}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, err)
	return s, &log
}

func TestDeleteFolder(t *testing.T) {
	for _, name := range []string{torrentName, "host-example-org"} {
		for _, test := range []struct {
			name   string
			files  []map[string]string
			taken  []string // these names are taken already, by something foreign
			left   string
			stayed map[string]string
		}{
			{name: "all ours", files: []map[string]string{ours}},
			{name: "empty", files: []map[string]string{{}}},
			{name: "not there"},
			{name: "foreign", files: []map[string]string{ours, foreign}, left: "deleted-" + name, stayed: foreign},
			{
				name: "foreign twice", files: []map[string]string{ours, foreign}, taken: []string{"", "-2"},
				left: "deleted-" + name + "-3", stayed: foreign,
			},
		} {
			t.Run(test.name+" "+name[:4], func(t *testing.T) {
				s, log := loggedStore(t, t.TempDir())
				want := []string{"identity"}
				for _, files := range test.files {
					must(t, os.MkdirAll(filepath.Join(s.opts.Dir, name), 0o700))
					for file, content := range files {
						putFile(t, filepath.Join(s.opts.Dir, name, file), content)
					}
				}
				for _, suffix := range test.taken {
					want = append(want, "deleted-"+name+suffix)
					putFile(t, filepath.Join(s.opts.Dir, "deleted-"+name+suffix, "theirs"), "")
				}
				must(t, s.DeleteFolder(name))
				must(t, s.Close())
				if test.left != "" {
					want = append(want, test.left)
					if got := contents(t, filepath.Join(s.opts.Dir, test.left)); !maps.Equal(got, test.stayed) {
						t.Errorf("left: %q, want %q", got, test.stayed)
					}
				}
				if got := namesIn(t, s.opts.Dir); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
					t.Errorf("left: %q, want %q", got, want)
				}
				lines := strings.Count(log.String(), "\n")
				if lines != len(strings.Fields(test.left)) || !strings.Contains(log.String(), test.left) {
					t.Errorf("logged: %s", log)
				}
			})
		}
	}
	s := newStore(t, t.TempDir())
	for _, name := range []string{"", ".", "..", "photos", "host-", "host-../x", "deleted-" + torrentName, "identity"} {
		if err := s.DeleteFolder(name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A link in the place of a folder is deleted, and its target stays.
func TestDeleteDoesNotFollowLinks(t *testing.T) {
	skipWindows(t)
	s := newStore(t, t.TempDir())
	elsewhere := t.TempDir()
	putFile(t, filepath.Join(elsewhere, "0"), "theirs")
	must(t, os.Symlink(elsewhere, s.folders.path(hash)))
	must(t, os.MkdirAll(s.folders.path(second), 0o700))
	must(t, os.Symlink(filepath.Join(elsewhere, "0"), filepath.Join(s.folders.path(second), "0")))
	must(t, s.Delete(hash))
	must(t, s.Delete(second))
	if got := contents(t, elsewhere); got["0"] != "theirs" {
		t.Errorf("there is %q", got)
	}
	if h, err := s.Folders(); err != nil || len(h) != 0 {
		t.Errorf("%v, %v", h, err)
	}
}

// A folder whose new name could not be flushed is unchanged.
func TestDeleteThatIsNotFlushed(t *testing.T) {
	broken := false
	s := failingStore(t, func() error {
		if broken {
			return syscall.EIO
		}
		return nil
	})
	for name, content := range ours {
		putFile(t, filepath.Join(s.folders.path(hash), name), content)
	}
	broken = true
	if err := s.Delete(hash); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
	if got := contents(t, s.folders.path(hash)); !maps.Equal(got, ours) {
		t.Errorf("there is %q, want %q", got, ours)
	}
	broken = false
	must(t, s.Delete(hash))
	if got := namesIn(t, s.opts.Dir); !slices.Equal(got, []string{"identity"}) {
		t.Errorf("there is %q", got)
	}
}

// New continues deletions, and leaves files alone whose names only look like one.
func TestNewContinuesDeletions(t *testing.T) {
	dir := t.TempDir()
	stay := []string{
		"deleted-photos", "deleted-" + torrentName + "-x", "deleted-" + torrentName + "-", "deleted-" + torrentName + "0",
		"incoming-photos", "incoming-", "replaced-photos", "photos", torrentName,
	}
	for _, name := range append([]string{
		"deleted-" + torrentName, "deleted-" + torrentName + "-2", "deleted-host-a", "incoming-123",
		"incoming-probe-123",
	}, stay...) {
		for file, content := range ours {
			putFile(t, filepath.Join(dir, name, file), content)
		}
	}
	putFile(t, filepath.Join(dir, "deleted-host-b", "theirs"), "")
	putFile(t, filepath.Join(dir, "deleted-host-c", "theirs"), "")
	putFile(t, filepath.Join(dir, "deleted-host-c", "0"), "")
	for range 2 {
		s, log := loggedStore(t, dir)
		s.background.Wait()
		must(t, s.Close())
		want := append([]string{"deleted-host-b", "deleted-host-c", "identity"}, stay...)
		if got := namesIn(t, dir); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("there is %q, want %q", got, want)
		}
		for _, name := range stay {
			if got := contents(t, filepath.Join(dir, name)); !maps.Equal(got, ours) {
				t.Errorf("%s has %q", name, got)
			}
		}
		if strings.Contains(log.String(), "deleted-host-b") {
			t.Errorf("logged: %s", log)
		}
	}
}

// Close stops deletions in the background.
func TestCloseStopsDeletions(t *testing.T) {
	dir := t.TempDir()
	putFile(t, filepath.Join(dir, "deleted-"+torrentName, "0"), "")
	putFile(t, filepath.Join(dir, "identity"), strings.Repeat("0", 32))
	begun, goOn := make(chan struct{}), make(chan struct{})
	s, err := New(Options{Dir: dir, Completion: &memory{}, Flush: func(_ *os.File, _ bool, flush func() error) error {
		close(begun)
		<-goOn
		return flush()
	}})
	must(t, err)
	<-begun
	s.stop()
	close(goOn)
	must(t, s.Close())
	if got := contents(t, filepath.Join(dir, "deleted-"+torrentName)); len(got) != 1 {
		t.Errorf("left: %q", got)
	}
}

// Publishing again leaves other files beside the data alone, whenever the process is killed.
func TestCommitKeepsState(t *testing.T) {
	for name, kill := range map[string]func(t *testing.T, s *Store){
		"no kill": func(*testing.T, *Store) {},
		"before the new folder": func(t *testing.T, s *Store) {
			must(t, os.Rename(s.folders.path(hash), s.folders.replacedPath(torrentName)))
		},
		"before the state": func(t *testing.T, s *Store) {
			must(t, os.Rename(s.folders.path(hash), s.folders.replacedPath(torrentName)))
			putFile(t, filepath.Join(s.folders.path(hash), "0"), "new")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := newStore(t, dir)
			for file, content := range ours {
				putFile(t, filepath.Join(s.folders.path(hash), file), content)
			}
			putFile(t, filepath.Join(s.folders.path(hash), "notes.txt"), "mine")
			kill(t, s)
			s = newStore(t, dir)
			stageOf(t, s, hash, func(g *Stage) {
				_, err := g.Put(0, strings.NewReader("new"))
				must(t, err)
			})
			want := map[string]string{"0": "new", "site.json": "s", "site.torrent": "t", "notes.txt": "mine"}
			if got := contents(t, s.folders.path(hash)); !maps.Equal(got, want) {
				t.Errorf("there is %q, want %q", got, want)
			}
			if got := namesIn(t, dir); !slices.Equal(got, []string{torrentName, "identity"}) {
				t.Errorf("there is %q", got)
			}
		})
	}
}
