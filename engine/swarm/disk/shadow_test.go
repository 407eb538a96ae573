//go:build unix

package disk

import (
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// tree maps each folder to its names, and each name to the number of its file or folder. The number 0 stands for no
// file.
type tree map[uint64]map[string]uint64

// shadow models what a disk holds after a power cut: the contents of files and the names in folders as they were
// flushed last. Nothing is really flushed.
type shadow struct {
	t      *testing.T
	root   string
	rnd    *rand.Rand
	fails  int // one in so many flushes of a file or folder fails; 0 is none
	toFail int // after so many flushes one fails; 0 is none

	mu            sync.Mutex // held by whoever changes what has to agree with the disk
	files         map[uint64][]byte
	dirs          tree
	held          map[uint64]*os.File // so that no number is given to another file
	maybeCutPower func()              // called at each step, with mu
}

func newShadow(t *testing.T, rnd *rand.Rand) *shadow {
	s := &shadow{
		t: t, root: t.TempDir(), rnd: rnd, files: map[uint64][]byte{}, held: map[uint64]*os.File{}, maybeCutPower: func() {},
	}
	s.dirs = tree{s.number(s.root): {}}
	return s
}

func (s *shadow) close() {
	for _, f := range s.held {
		_ = f.Close()
	}
}

// number returns the number of a file or folder. It holds the file open, so that the number is not reused.
func (s *shadow) number(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	return s.hold(f)
}

func (s *shadow) hold(f *os.File) uint64 {
	n := numberOf(s.t, f)
	if s.held[n] != nil {
		_ = f.Close()
	} else {
		s.held[n] = f
	}
	return n
}

func numberOf(t *testing.T, f *os.File) uint64 {
	t.Helper()
	info, err := f.Stat()
	must(t, err)
	return info.Sys().(*syscall.Stat_t).Ino
}

// flush is Options.Flush. A file whose flush fails loses what was not flushed before.
func (s *shadow) flush(f *os.File, all bool, _ func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maybeCutPower()
	defer s.maybeCutPower()
	info, err := f.Stat()
	must(s.t, err)
	again, err := syscall.Dup(int(f.Fd()))
	must(s.t, err)
	n, failed := s.hold(os.NewFile(uintptr(again), f.Name())), s.fails > 0 && s.rnd.IntN(s.fails) == 0
	if s.toFail--; s.toFail == 0 {
		failed = true
	}
	switch {
	case failed && !all && !info.IsDir():
		_, err := f.WriteAt(s.files[n], 0)
		must(s.t, err)
		must(s.t, f.Truncate(int64(len(s.files[n]))))
		return syscall.EIO
	case failed:
		return syscall.EIO
	case all:
		s.dirs = s.scan()
		for n, f := range s.held {
			if info, err := f.Stat(); err == nil && !info.IsDir() {
				s.files[n] = read(s.t, f)
			}
		}
	case info.IsDir():
		s.dirs[n] = s.names(f)
	default:
		s.files[n] = read(s.t, f)
	}
	return nil
}

// readStable repeats read until two results are the same. The store renames files meanwhile, and a file that moves
// from a folder not yet read to one already read would be missing from both.
func readStable[T any](read func() T, same func(a, b T) bool) T {
	for last := read(); ; {
		now := read()
		if same(last, now) {
			return now
		}
		last = now
	}
}

// names returns the names in a folder, which may have been renamed or removed since it was opened.
func (s *shadow) names(dir *os.File) map[string]uint64 {
	return readStable(func() map[string]uint64 { return s.readNames(dir) }, maps.Equal)
}

func (s *shadow) readNames(dir *os.File) map[string]uint64 {
	names := map[string]uint64{}
	_, err := dir.Seek(0, io.SeekStart)
	must(s.t, err)
	entries, _ := dir.Readdirnames(-1)
	for _, name := range entries {
		fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			names[name] = s.hold(os.NewFile(uintptr(fd), name))
		}
	}
	return names
}

// scan returns the present tree.
func (s *shadow) scan() tree {
	return readStable(s.readAll, func(a, b tree) bool { return maps.EqualFunc(a, b, maps.Equal) })
}

func (s *shadow) readAll() tree {
	root := s.number(s.root)
	all := tree{root: s.names(s.held[root])}
	for _, n := range all[root] {
		if info, err := s.held[n].Stat(); err == nil && info.IsDir() {
			all[n] = s.names(s.held[n])
		}
	}
	return all
}

func read(t *testing.T, f *os.File) []byte {
	t.Helper()
	info, err := f.Stat()
	must(t, err)
	b := make([]byte, info.Size())
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return b[:n]
}

// restart makes a folder with what the disk would hold after a power cut now: all that was flushed, and some of the
// other changes.
func (s *shadow) restart() string {
	dir := s.t.TempDir()
	now := s.scan()
	s.copyFolder(s.number(s.root), now, s.renames(now), dir)
	return dir
}

// renames returns the files and folders that have another name or folder now than when they were flushed. After the
// power cut each has the new name if its value is true, and else the old one, never both or none.
func (s *shadow) renames(now tree) map[uint64]bool {
	root := s.number(s.root)
	durable := tree{root: s.dirs[root]}
	for _, n := range s.dirs[root] {
		durable[n] = s.dirs[n]
	}
	was, is, renames := durable.places(), now.places(), map[uint64]bool{}
	for _, n := range slices.Sorted(maps.Keys(was)) {
		if len(was[n]) == 1 && len(is[n]) == 1 && was[n][0] != is[n][0] {
			renames[n] = s.rnd.IntN(2) == 0
		}
	}
	return renames
}

type placeOf struct {
	folder uint64
	name   string
}

// places returns the places of all files and folders.
func (t tree) places() map[uint64][]placeOf {
	places := map[uint64][]placeOf{}
	for folder, names := range t {
		for name, n := range names {
			places[n] = append(places[n], placeOf{folder, name})
		}
	}
	return places
}

func (s *shadow) copyFolder(n uint64, now tree, renames map[uint64]bool, to string) {
	names := maps.Clone(now[n])
	if names == nil {
		names = map[string]uint64{}
	}
	maps.Copy(names, s.dirs[n])
	for _, name := range slices.Sorted(maps.Keys(names)) {
		s.copy(s.either(s.dirs[n][name], now[n][name], renames), now, renames, filepath.Join(to, name))
	}
}

// either chooses what a name stands for after a power cut, if it was that of one file when it was flushed and is that
// of another one now.
func (s *shadow) either(durable, current uint64, renames map[uint64]bool) uint64 {
	hadIt, left := renames[durable]
	hasIt, came := renames[current]
	switch {
	case left && !hadIt:
		return durable
	case came && hasIt:
		return current
	case came || s.rnd.IntN(2) == 0:
		if left {
			return 0
		}
		return durable
	}
	return current
}

func (s *shadow) copy(n uint64, now tree, renames map[uint64]bool, to string) {
	if n == 0 {
		return
	}
	info, err := s.held[n].Stat()
	must(s.t, err)
	if !info.IsDir() {
		must(s.t, os.WriteFile(to, s.mix(s.files[n], read(s.t, s.held[n])), 0o600))
		return
	}
	must(s.t, os.Mkdir(to, 0o700))
	s.copyFolder(n, now, renames, to)
}

// mix returns a possible content of a file after a power cut, if one content was flushed and another one is being
// written.
func (s *shadow) mix(durable, current []byte) []byte {
	b := make([]byte, max(len(durable), len(current)))
	kind := s.rnd.IntN(4)
	if kind == 0 { // shorter
		b = b[:len(durable)+s.rnd.IntN(len(b)-len(durable)+1)]
	}
	copy(b, durable)
	const page = 8
	for i := 0; i < min(len(b), len(current)); i += page {
		if end := min(i+page, len(b), len(current)); kind == 1 || kind > 1 && s.rnd.IntN(2) == 0 {
			copy(b[i:end], current[i:end])
		}
	}
	return b
}
