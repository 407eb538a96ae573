package disk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// placed returns a folder of two files, of which the first two pieces are verified and seeded in place.
func placed(t *testing.T) (dir string, s *Store, tor *Torrent) {
	t.Helper()
	dir = t.TempDir()
	then := time.Now().Add(-time.Hour)
	for name, content := range map[string]string{"a.txt": "aaaaaaaa", "sub/b.txt": "bbbbbbbb"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(content), 0o600))
		must(t, os.Chtimes(path, then, then))
	}
	s = newStore(t, t.TempDir())
	stamp := then.UnixNano()
	l := Layout{PieceLength: 8, Pieces: 2, Files: []File{{Length: 8}, {Offset: 8, Length: 8}}}
	tor, err := s.OpenPlace(hash, l, Place{Dir: dir, Paths: []string{"a.txt", "sub/b.txt"}, Stamps: []int64{stamp, stamp}})
	must(t, err)
	t.Cleanup(tor.Close)
	for p := range 2 {
		if _, err := tor.CopyPiece(io.Discard, p); err != nil {
			t.Fatal(err)
		}
		tor.Complete(p)
	}
	return dir, s, tor
}

func readPlaced(tor *Torrent) string {
	b := make([]byte, 16)
	n, _ := tor.ReadAt(b, 0)
	return string(b[:n])
}

func TestPlaceIsReadAndNeverWritten(t *testing.T) {
	dir, s, tor := placed(t)
	if got := readPlaced(tor); got != "aaaaaaaabbbbbbbb" {
		t.Errorf("read %q", got)
	}
	if _, err := tor.WriteAt([]byte("x"), 0); !errors.Is(err, errInPlace) {
		t.Errorf("a write gave %v", err)
	}
	if _, err := tor.OpenFile(0); !errors.Is(err, errNotComplete) {
		t.Errorf("the file itself was handed out: %v", err)
	}
	must(t, s.Delete(second))
	if got, err := os.ReadFile(filepath.Join(dir, "a.txt")); err != nil || string(got) != "aaaaaaaa" {
		t.Errorf("the folder has %q, %v", got, err)
	}
}

// After any change to a file no byte of it is served, and the other files still are.
func TestPlaceThatChanges(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"written": func(path string) error { return os.WriteFile(path, []byte("BBBBBBBB"), 0o600) },
		"longer":  func(path string) error { return os.WriteFile(path, []byte("bbbbbbbbb"), 0o600) },
		"gone":    os.Remove,
		"a link out of the folder": func(path string) error {
			out := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(path))), "secret")
			return errors.Join(os.Remove(path), os.WriteFile(out, []byte("secrets!"), 0o600), os.Symlink(out, path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" {
				t.Skip("open files cannot be removed, and links take rights")
			}
			dir, _, tor := placed(t)
			must(t, change(filepath.Join(dir, "sub", "b.txt")))
			tor.Recheck()
			if got := readPlaced(tor); got != "aaaaaaaa" {
				t.Errorf("read %q", got)
			}
			if p := tor.Progress(); p.Completed != 8 || p.Unchecked != 0 {
				t.Errorf("%+v", p)
			}
		})
	}
}

// A read detects a changed file.
func TestReadDetectsChangedPlace(t *testing.T) {
	dir, _, tor := placed(t)
	must(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte("AAAAAAAA"), 0o600))
	if got := readPlaced(tor); got != "" {
		t.Errorf("read %q", got)
	}
}
