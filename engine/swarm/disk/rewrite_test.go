package disk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// failedFlush is a flush that fails with an input/output error.
type failedFlush struct {
	fails func(name string) bool
	lost  bool // what could not be written is gone, and not only from the disk
}

// After a failed flush the pieces that it may have lost are not served or reported as kept until they have been
// written again, hashed and flushed.
func TestFailedFlush(t *testing.T) {
	for name, c := range map[string]failedFlush{
		"a file":                  {func(name string) bool { return name == "4" }, false},
		"a file, which is lost":   {func(name string) bool { return name == "4" }, true},
		"a folder":                {func(name string) bool { return strings.HasPrefix(name, "0102") }, false},
		"a folder, files lost":    {func(name string) bool { return strings.HasPrefix(name, "0102") }, true},
		"everything that is done": {func(string) bool { return true }, true},
	} {
		t.Run(name, c.run)
	}
}

func (c failedFlush) run(t *testing.T) {
	f, m, faults := &flushes{}, &memory{}, make(chan error, 8)
	s := storeWith(t, m, f)
	s.opts.OnFault = func(_ [20]byte, err error) { faults <- err }
	tor, err := s.Open(hash, layout(), false)
	must(t, err)
	defer tor.Close()
	damaged := make(chan []int, 8)
	tor.OnDamage(func(p []int) { damaged <- p })
	writePart(t, tor, 0, 10)
	tor.Complete(0)
	tor.recorder.flush()

	writePart(t, tor, 10, 12) // a block of piece 1
	writePart(t, tor, 20, 37)
	f.setBefore(func(name string) error {
		if c.fails(name) {
			return syscall.EIO
		}
		return nil
	})
	tor.Complete(2)
	tor.Complete(3)
	tor.recorder.flush()
	if err := enginetest.Receive(t, faults, "the fault"); !errors.Is(err, syscall.EIO) {
		t.Errorf("the fault is %v", err)
	}
	if got := enginetest.Receive(t, damaged, "what is not complete any more"); !slices.Equal(got, []int{2, 3}) {
		t.Errorf("%v are not complete any more", got)
	}
	writePart(t, tor, 10, 13)
	tor.Complete(1)
	if p := tor.Progress(); p.Kept != 10 || p.Completed != 10 || p.Unchecked != 3 {
		t.Errorf("%+v after the fault, want what was kept before", p)
	}
	if n, _ := tor.ReadAt(make([]byte, 1), 25); n > 0 {
		t.Error("what may be lost is served")
	}

	f.setBefore(nil)
	c.checkRewritten(t, tor, m)
}

// checkRewritten writes all pieces again after the failed flush, and checks that all that is not lost is then kept.
func (c failedFlush) checkRewritten(t *testing.T, tor *Torrent, m *memory) {
	t.Helper()
	rewriteAll(t, tor, c.lost)
	tor.recorder.flush()
	want := Progress{Completed: 30, Kept: 30}
	if c.lost {
		want = Progress{Completed: 13, Kept: 13}
	}
	if p := tor.Progress(); p != want {
		t.Errorf("%+v in the end, want %+v", p, want)
	}
	if m.done[3] == c.lost {
		t.Errorf("piece 3 is recorded as %v", m.done[3])
	}
}

func writePart(t *testing.T, tor *Torrent, from, to int) {
	t.Helper()
	_, err := tor.WriteAt(content()[from:to], int64(from))
	must(t, err)
}

// rewriteAll writes and hashes the pieces again that a failed flush may have lost. With lost it has lost them.
func rewriteAll(t *testing.T, tor *Torrent, lost bool) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	for _, file := range []string{"0", "3", "4"} {
		path := filepath.Join(tor.files.dir, file)
		if lost && file != "0" {
			must(t, os.WriteFile(path, make([]byte, 12), 0o600))
		}
		must(t, os.Chtimes(path, then, then))
	}
	unchecked, err := tor.Rewrite()
	must(t, err)
	if !slices.Equal(unchecked, []int{1, 2, 3}) {
		t.Errorf("%v have to be hashed", unchecked)
	}
	for _, file := range []string{"0", "3", "4"} {
		info, err := os.Stat(filepath.Join(tor.files.dir, file))
		must(t, err)
		if info.ModTime().Equal(then) {
			t.Errorf("file %s was not written again", file)
		}
	}
	tor.Verify(func(p int) bool {
		var hashed bytes.Buffer
		_, _ = tor.CopyPiece(&hashed, p)
		return bytes.Equal(hashed.Bytes(), content()[10*p:min(10*p+10, 37)])
	}, func() bool { return false })
}

// A failed flush of other files on the same file system does not discard our pieces.
func TestFailedFlushOfTheFileSystem(t *testing.T) {
	f := &flushes{before: func(name string) error {
		if name == "*" {
			return syscall.EIO
		}
		return nil
	}}
	s := storeWith(t, &memory{}, f)
	tor := openMany(t, s, hash, 2*maxSingleFlushes)
	finish(t, tor)
	tor.Close()
	if p := tor.Progress(); p.Kept != 2*maxSingleFlushes {
		t.Errorf("%+v", p)
	}
}
