package disk

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var second = [20]byte{2}

func stageOf(t *testing.T, s *Store, infohash [20]byte, fill func(*Stage)) {
	t.Helper()
	g, err := s.Stage()
	if err != nil {
		t.Fatal(err)
	}
	fill(g)
	if err := g.Commit(infohash); err != nil {
		t.Fatal(err)
	}
	if err := g.Discard(); err != nil {
		t.Error(err)
	}
}

func newStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := New(Options{Dir: dir, Completion: &memory{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A file that two versions share is on the disk once, and a write to one of them does not change the other.
func TestStageSharesUntilWritten(t *testing.T) {
	s := newStore(t, t.TempDir())
	l := Layout{PieceLength: 8, Pieces: 1, Files: []File{{Length: 8}}}
	stageOf(t, s, hash, func(g *Stage) {
		n, err := g.Put(0, bytes.NewReader([]byte("original")))
		if err != nil || n != 8 {
			t.Fatal(n, err)
		}
	})
	stageOf(t, s, second, func(g *Stage) {
		must(t, g.Link(0, hash, 0))
		for content, want := range map[string]bool{
			"original": true, "originaL": false, "origina": false, "original2": false,
		} {
			if same, err := g.Same(hash, 0, bytes.NewReader([]byte(content))); err != nil || same != want {
				t.Errorf("%s is the same: %v, %v", content, same, err)
			}
		}
		if same, err := g.Same(hash, 7, bytes.NewReader(nil)); err != nil || same {
			t.Errorf("no file is the same: %v, %v", same, err)
		}
		f, err := g.Open(0)
		must(t, err)
		must(t, f.Close())
	})
	a, b := filepath.Join(s.folders.path(hash), "0"), filepath.Join(s.folders.path(second), "0")
	if canShare && !sameInode(t, a, b) {
		t.Error("the file is stored twice")
	}
	tor, err := s.Open(second, l, false)
	must(t, err)
	defer tor.Close()
	if _, err := tor.WriteAt([]byte("foreign!"), 0); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{a: "original", b: "foreign!"} {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
	if sameInode(t, a, b) {
		t.Error("the file is still shared")
	}
}

func sameInode(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.Stat(a)
	must(t, err)
	y, err := os.Stat(b)
	must(t, err)
	return os.SameFile(x, y)
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// The partial data of a killed run are deleted at the next start, and existing data are replaced whole.
func TestFailedStageLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir)
	g, err := s.Stage()
	must(t, err)
	_, err = g.Put(0, bytes.NewReader([]byte("half")))
	must(t, err)
	newStore(t, dir)
	if left := namesIn(t, dir); !slices.Equal(left, []string{"identity"}) {
		t.Errorf("left: %v", left)
	}
	stageOf(t, s, hash, func(g *Stage) {
		for i := range 2 * maxSingleFlushes { // flushed together
			_, err := g.Put(i, bytes.NewReader([]byte("old")))
			must(t, err)
		}
	})
	stageOf(t, s, hash, func(g *Stage) {
		f, err := os.Open(filepath.Join(s.folders.path(hash), "0"))
		must(t, err)
		defer f.Close()
		_, err = g.Put(0, f)
		must(t, err)
	})
	if files := namesIn(t, s.folders.path(hash)); !slices.Equal(files, []string{"0"}) {
		t.Errorf("there is %v", files)
	}
	if all := namesIn(t, dir); !slices.Equal(all, []string{filepath.Base(s.folders.path(hash)), "identity"}) {
		t.Errorf("there is %v", all)
	}
}
