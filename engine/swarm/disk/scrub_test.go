package disk

import (
	"context"
	"crypto/sha1"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// kept4 returns an open torrent whose pieces are all kept, and the folder of its files.
func kept4(t *testing.T) (s *Store, tor *Torrent, folder string) {
	t.Helper()
	dir, m := t.TempDir(), &memory{}
	s, tor = open4(t, dir, m, false)
	fill(t, tor)
	closeAll(t, s, tor)
	s, tor = open4(t, dir, m, false)
	return s, tor, filepath.Join(dir, "0102030000000000000000000000000000000000")
}

// scrub calls Scrub with the right hash.
func scrub(t *testing.T, tor *Torrent, piece int) (read int64, damaged int, err error) {
	t.Helper()
	want := sha1.Sum(content()[piece*10 : min(piece*10+10, 37)])
	return tor.Scrub(t.Context(), piece, sha1.New(), want[:])
}

func TestScrub(t *testing.T) {
	for name, test := range map[string]struct {
		hurt    func(folder string) error
		piece   int
		read    int64
		damaged []int
	}{
		"right":      {func(string) error { return nil }, 3, 7, nil},
		"a bit":      {func(folder string) error { return flipByte(filepath.Join(folder, "3"), 11) }, 3, 7, []int{3}},
		"other bit":  {func(folder string) error { return flipByte(filepath.Join(folder, "3"), 1) }, 3, 7, nil},
		"truncated":  {func(folder string) error { return os.Truncate(filepath.Join(folder, "3"), 11) }, 3, 0, []int{3}},
		"removed":    {func(folder string) error { return os.Remove(filepath.Join(folder, "3")) }, 2, 0, []int{2, 3}},
		"unreadable": {func(folder string) error { return replaceByFolder(filepath.Join(folder, "4")) }, 3, 0, []int{3}},
	} {
		t.Run(name, func(t *testing.T) {
			s, tor, folder := kept4(t)
			defer closeAll(t, s, tor)
			told := make(chan []int, 1)
			tor.OnDamage(func(p []int) { told <- p })
			if err := test.hurt(folder); err != nil {
				t.Fatal(err)
			}
			read, damaged, err := scrub(t, tor, test.piece)
			if name == "unreadable" { // A folder in the file's place says nothing about the disk.
				if err == nil || damaged != 0 {
					t.Fatalf("%d damaged, %v", damaged, err)
				}
				return
			}
			if read != test.read || damaged != len(test.damaged) || err != nil {
				t.Fatalf("%d bytes, %d damaged, %v; want %d and %v", read, damaged, err, test.read, test.damaged)
			}
			if test.damaged != nil {
				if got := enginetest.Receive(t, told, "the damage to be told"); !slices.Equal(got, test.damaged) {
					t.Errorf("%v are told, want %v", got, test.damaged)
				}
			}
			for p := range 4 {
				if done, _ := tor.Piece(p); done == slices.Contains(test.damaged, p) {
					t.Errorf("piece %d is complete: %v", p, done)
				}
			}
			read, damaged, err = scrub(t, tor, test.piece)
			if test.damaged != nil && (read != 0 || damaged != 0 || err != nil) {
				t.Errorf("what is missing is read: %d, %d, %v", read, damaged, err)
			}
		})
	}
}

// flipByte changes one byte of a file and leaves its size and times as they were.
func flipByte(path string, off int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[off] ^= 1
	return errors.Join(os.WriteFile(path, b, 0o600), os.Chtimes(path, info.ModTime(), info.ModTime()))
}

// replaceByFolder replaces a file by a folder.
func replaceByFolder(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }

// Scrub reads no piece that is complete but not kept yet, none after its context has ended, and none of a closed
// torrent.
func TestScrubReadsOnlyWhatIsKept(t *testing.T) {
	s, tor := open4(t, t.TempDir(), &memory{err: errors.New("not recorded")}, false)
	fill(t, tor)
	if read, damaged, err := tor.Scrub(t.Context(), 0, sha1.New(), nil); read != 0 || damaged != 0 || err != nil {
		t.Errorf("not kept: %d, %d, %v", read, damaged, err)
	}
	closeAll(t, s, tor)

	s, tor, _ = kept4(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, damaged, err := tor.Scrub(ctx, 0, sha1.New(), nil); damaged != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %d, %v", damaged, err)
	}
	closeAll(t, s, tor)
	if _, damaged, err := tor.Scrub(t.Context(), 0, sha1.New(), nil); damaged != 0 || !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed: %d, %v", damaged, err)
	}
}

// meddler changes the data during the first read of a piece, as a download does.
type meddler struct {
	Hash

	meddle func()
}

func (m *meddler) Write(b []byte) (int, error) {
	n, err := m.Hash.Write(b)
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return n, err
}

// The result of reading a piece is ignored if the piece was written meanwhile.
func TestScrubOfAPieceThatIsWrittenAnew(t *testing.T) {
	s, tor, folder := kept4(t)
	defer closeAll(t, s, tor)
	if err := flipByte(filepath.Join(folder, "0"), 0); err != nil {
		t.Fatal(err)
	}
	want := sha1.Sum(content()[:10])
	read, damaged, err := tor.Scrub(t.Context(), 0, &meddler{sha1.New(), func() {
		tor.Incomplete(0)
		tor.recorder.flush()
		if _, err := tor.WriteAt(content()[:10], 0); err != nil {
			t.Error(err)
		}
		tor.Complete(0)
		tor.recorder.flush()
	}}, want[:])
	if read != 20 || damaged != 0 || err != nil {
		t.Errorf("%d bytes, %d damaged, %v", read, damaged, err)
	}
	if done, _ := tor.Piece(0); !done {
		t.Error("the piece is missing")
	}
}

func TestStatFiles(t *testing.T) {
	s, tor, folder := kept4(t)
	at := func(file string, when time.Time) {
		t.Helper()
		if err := os.Chtimes(filepath.Join(folder, file), when, when); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	for i, file := range []string{"0", "3", "4"} {
		at(file, day.Add(time.Duration(i)*time.Hour))
	}
	last := FilesState{Newest: day}
	look := func(what string, same, own bool, want ...int) {
		t.Helper()
		got, changed, wasOwn, err := tor.StatFiles(last.Newest)
		if err != nil || (got.Stamp == last.Stamp) != same || wasOwn != own || !slices.Equal(changed, want) {
			t.Errorf("%s: %+v, pieces %v, own %v, %v; before %+v", what, got, changed, wasOwn, err, last)
		}
		last = got
	}
	look("at first", false, false, 2, 3)
	if want := (FilesState{Stamp: 0x4bafbb0db953c8be, Newest: day.Add(2 * time.Hour)}); last != want {
		t.Errorf("%#v, want %#v on every system", last, want)
	}
	look("again", true, false)
	at("3", day.Add(3*time.Hour))
	look("newer", false, false, 2, 3)
	at("0", day.Add(-time.Hour))
	look("older", false, false)
	if err := os.Truncate(filepath.Join(folder, "0"), 12); err != nil {
		t.Fatal(err)
	}
	at("0", day)
	look("shorter", false, false, 0, 1)
	for p := range 2 {
		_, _, _ = scrub(t, tor, p)
	}
	fill(t, tor)
	tor.recorder.flush()
	look("fetched again", false, true)
	look("and again", true, false)

	closeAll(t, s, tor)
	for verify, want := range map[bool]bool{true: false, false: true} {
		s, err := New(Options{Dir: filepath.Dir(folder), Completion: s.opts.Completion, MaxOpen: 4})
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Open(hash, layout(), verify)
		if err != nil {
			t.Fatal(err)
		}
		if found, believed := again.FilesAtOpen(); found != last || believed != want {
			t.Errorf("verify %v: %+v, believed %v; want %+v", verify, found, believed, last)
		}
		closeAll(t, s, again)
	}
}
