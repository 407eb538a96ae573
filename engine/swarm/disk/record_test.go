package disk

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine/enginetest"
)

// flushes records what is flushed. It can delay flushes or let them fail.
type flushes struct {
	mu     sync.Mutex
	done   []string // base names; * for the whole file system
	before func(name string) error
}

func (f *flushes) flush(file *os.File, all bool, flush func() error) error {
	name := filepath.Base(file.Name())
	if all {
		name = "*"
	}
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	if before != nil {
		if err := before(name); err != nil {
			return err
		}
	}
	f.record(name)
	return flush()
}

// setBefore sets what is called before each flush.
func (f *flushes) setBefore(before func(name string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = before
}

func (f *flushes) record(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, name)
}

// takeNames returns the names of what was flushed since the last call.
func (f *flushes) takeNames() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	done := f.done
	f.done = nil
	return done
}

func storeWith(t *testing.T, m Completion, f *flushes) *Store {
	t.Helper()
	s, err := New(Options{Dir: t.TempDir(), Completion: m, MaxOpen: 4, Flush: f.flush})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// openMany opens a torrent of n files of one byte, each of which is a piece.
func openMany(t *testing.T, s *Store, infohash [20]byte, n int) *Torrent {
	t.Helper()
	l := Layout{PieceLength: 1, Pieces: n}
	for i := range n {
		l.Files = append(l.Files, File{Offset: int64(i), Length: 1})
	}
	tor, err := s.Open(infohash, l, false)
	must(t, err)
	t.Cleanup(tor.Close)
	return tor
}

// finish writes all pieces of a torrent and marks them as verified.
func finish(t *testing.T, tor *Torrent) {
	t.Helper()
	_, err := tor.WriteAt(make([]byte, tor.pieces.size), 0)
	must(t, err)
	for p := range tor.layout.Pieces {
		tor.Complete(p)
	}
}

// Complete pieces are flushed after an interval, the last one at once. They are served before that, and count as kept
// once they are recorded.
func TestWhenPiecesAreRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		pieces int
		after  time.Duration
	}{"some": {3, flushDelay}, "all": {4, 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				recorded := make(chan time.Time, 1)
				s, tor := open4(t, t.TempDir(), &memory{set: func([]int, bool) { recorded <- time.Now() }}, false)
				defer closeAll(t, s, tor)
				_, err := tor.WriteAt(content(), 0)
				must(t, err)
				begin := time.Now()
				for p := range c.pieces {
					tor.Complete(p)
				}
				if p := tor.Progress(); p.Completed == 0 || p.Kept != 0 {
					t.Errorf("%+v right after the pieces have arrived", p)
				}
				if n, _ := tor.ReadAt(make([]byte, 30), 0); n != 30 {
					t.Errorf("%d bytes are served before they are flushed", n)
				}
				if took := (<-recorded).Sub(begin); took != c.after {
					t.Errorf("recorded after %v, want %v", took, c.after)
				}
				synctest.Wait()
				if p := tor.Progress(); p.Kept != p.Completed {
					t.Errorf("%+v when they are recorded", p)
				}
			})
		})
	}
}

// Torrents that are finished during a flush share the next one. Pieces that were discarded meanwhile are neither
// waited for nor recorded.
func TestFlushesAreShared(t *testing.T) {
	begun, goOn := make(chan string, 1), make(chan struct{})
	f, recorded := &flushes{}, make(chan int, 16)
	s := storeWith(t, &memory{set: func(pieces []int, _ bool) { recorded <- len(pieces) }}, f)
	if s.syncer.volume == nil {
		t.Skip("the system cannot flush a file system")
	}
	const n = maxSingleFlushes + 1
	var all []*Torrent
	for i := range 4 {
		all = append(all, openMany(t, s, [20]byte{byte(i)}, n))
	}
	f.takeNames()
	f.setBefore(func(name string) error {
		begun <- name
		<-goOn
		return nil
	})
	finish(t, all[0])
	enginetest.Receive(t, begun, "the first flush")
	f.setBefore(nil)
	for _, tor := range all[1:] {
		finish(t, tor)
	}
	for i, tor := range all[:2] {
		tor.Discard()
		must(t, s.Delete([20]byte{byte(i)}))
	}
	close(goOn)
	for range 2 {
		if got := enginetest.Receive(t, recorded, "two torrents to be recorded"); got != n {
			t.Errorf("%d pieces are recorded, want %d", got, n)
		}
	}
	parent := filepath.Base(s.opts.Dir)
	if got := f.takeNames(); !slices.Equal(got, []string{parent, parent, "*", "*"}) &&
		!slices.Equal(got, []string{"*", parent, parent, "*"}) {
		t.Errorf("flushed %v, want the names of what is deleted, the first torrent, and then the others together", got)
	}
}

// New names are flushed after the files and before a piece is recorded.
func TestNamesAreFlushed(t *testing.T) {
	f := &flushes{}
	m := &memory{}
	s := storeWith(t, m, f)
	tor := openMany(t, s, hash, 2)
	f.takeNames()
	dirs := []string{filepath.Base(tor.files.dir), filepath.Base(s.opts.Dir)}
	m.set = func([]int, bool) { f.record("record") }
	for p, want := range [][]string{slices.Concat([]string{"0"}, dirs), slices.Concat([]string{"1"}, dirs), {"1"}} {
		if p == 2 { // It turns out to be wrong and is fetched again.
			p = 1
			tor.Incomplete(p)
			tor.recorder.flush()
			f.takeNames()
		}
		_, err := tor.WriteAt([]byte("x"), int64(p))
		must(t, err)
		tor.Complete(p)
		tor.recorder.flush()
		if got := f.takeNames(); !slices.Equal(got, append(want, "record")) {
			t.Errorf("piece %d: %v, want %v and then the record", p, got, want)
		}
	}
}

// A piece that is fetched again counts as kept once it has been flushed and recorded again, even if its loss was never
// recorded.
func TestPieceFetchedAgainIsRecordedAgain(t *testing.T) {
	f := &flushes{}
	s := storeWith(t, &memory{}, f)
	tor := openMany(t, s, hash, 2)
	_, err := tor.WriteAt([]byte("x"), 0)
	must(t, err)
	tor.Complete(0)
	tor.recorder.flush()
	f.takeNames()
	tor.Incomplete(0)
	_, err = tor.WriteAt([]byte("y"), 0)
	must(t, err)
	tor.Complete(0)
	if p := tor.Progress(); p.Completed != 1 || p.Kept != 0 {
		t.Errorf("%+v before it is flushed", p)
	}
	tor.recorder.flush()
	if p, got := tor.Progress(), f.takeNames(); p.Kept != 1 || !slices.Contains(got, "0") {
		t.Errorf("%+v after %v were flushed", p, got)
	}
}

// A file that is not shared any more is a new file on the disk, so its folder is flushed.
func TestNamesAreFlushedAfterUnsharing(t *testing.T) {
	f := &flushes{}
	s := storeWith(t, &memory{}, f)
	if !canShare {
		t.Skip("files are not shared here")
	}
	stageOf(t, s, hash, func(g *Stage) {
		_, err := g.Put(0, strings.NewReader("x"))
		must(t, err)
	})
	stageOf(t, s, second, func(g *Stage) { must(t, g.Link(0, hash, 0)) })
	tor := openMany(t, s, second, 1)
	tor.Complete(0)
	tor.recorder.flush()
	f.takeNames()
	tor.Incomplete(0)
	_, err := tor.WriteAt([]byte("y"), 0)
	must(t, err)
	tor.Complete(0)
	tor.recorder.flush()
	if got := f.takeNames(); !slices.Contains(got, filepath.Base(tor.files.dir)) {
		t.Errorf("flushed %v", got)
	}
}
