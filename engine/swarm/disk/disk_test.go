package disk

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"wtptui/engine/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var hash = [20]byte{1, 2, 3}

// memory is a Completion that records what it was asked to remember, and when.
type memory struct {
	mu   sync.Mutex
	done map[int]bool
	err  error
	set  func(pieces []int, complete bool)
}

func (m *memory) Get(_ [20]byte, piece int) (complete, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	complete, known = m.done[piece]
	return complete, known
}

func (m *memory) Set(_ [20]byte, pieces []int, complete bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.set != nil {
		m.set(pieces, complete)
	}
	if m.err != nil {
		return m.err
	}
	if m.done == nil {
		m.done = make(map[int]bool)
	}
	for _, p := range pieces {
		m.done[p] = complete
	}
	return nil
}

// layout is four pieces of ten bytes over five files, one of them empty and one padding.
func layout() Layout {
	return Layout{PieceLength: 10, Pieces: 4, Files: []File{
		{Offset: 0, Length: 13},
		{Offset: 13, Length: 0},
		{Offset: 13, Length: 7, Hidden: true},
		{Offset: 20, Length: 12},
		{Offset: 32, Length: 5},
	}}
}

func content() []byte {
	b := make([]byte, 37)
	for i := range b {
		b[i] = byte('A' + i)
	}
	clear(b[13:20])
	return b
}

func open4(t *testing.T, dir string, m Completion, verify bool) (*Store, *Torrent) {
	t.Helper()
	s, err := New(Options{Dir: dir, Completion: m, MaxOpen: 4})
	if err != nil {
		t.Fatal(err)
	}
	tor, err := s.Open(hash, layout(), verify)
	if err != nil {
		t.Fatal(err)
	}
	return s, tor
}

// fill writes all content and marks it as hashed.
func fill(t *testing.T, tor *Torrent) {
	t.Helper()
	if _, err := tor.WriteAt(content(), 0); err != nil {
		t.Fatal(err)
	}
	for p := range 4 {
		tor.Complete(p)
	}
}

func closeAll(t *testing.T, s *Store, tor *Torrent) {
	t.Helper()
	tor.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyVerifiedBytesAreRead(t *testing.T) {
	s, tor := open4(t, t.TempDir(), &memory{}, false)
	defer closeAll(t, s, tor)
	if _, err := tor.WriteAt(content(), 0); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 37)
	if n, err := tor.ReadAt(buf, 0); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("unverified: read %d bytes, %v", n, err)
	}
	var hashed bytes.Buffer
	if n, err := tor.CopyPiece(&hashed, 3); n != 7 || err != nil || hashed.String() != string(content()[30:]) {
		t.Fatalf("piece 3 for hashing: %d bytes, %v, %q", n, err, hashed.String())
	}
	tor.Complete(1)
	tor.Complete(2)
	if n, _ := tor.ReadAt(buf, 5); n != 0 {
		t.Fatalf("read %d bytes of a piece that is not verified", n)
	}
	if n, err := tor.ReadAt(buf, 12); n != 18 || !errors.Is(err, io.EOF) || !bytes.Equal(buf[:n], content()[12:30]) {
		t.Fatalf("read %d bytes, %v, %q", n, err, buf[:n])
	}
	if got := tor.Progress(); got.Completed != 13 || got.Unchecked != 0 {
		t.Fatalf("progress %+v, want 13 bytes besides padding", got)
	}
}

func TestCompletionIsRecordedOnClose(t *testing.T) {
	dir, m := t.TempDir(), &memory{}
	s, tor := open4(t, dir, m, false)
	fill(t, tor)
	closeAll(t, s, tor)
	for p := range 4 {
		if !m.done[p] {
			t.Errorf("piece %d was not recorded", p)
		}
	}
	padding := filepath.Join(dir, "0102030000000000000000000000000000000000", "2")
	if _, err := os.Stat(padding); !errors.Is(err, os.ErrNotExist) {
		t.Error("padding is on disk")
	}
	s, tor = open4(t, dir, m, false)
	defer closeAll(t, s, tor)
	if got := tor.Progress(); got.Completed != 30 || got.Unchecked != 0 {
		t.Fatalf("after a restart: %+v, want all 30 bytes and nothing to check", got)
	}
}

func TestCompletionIsRecordedAfterFlush(t *testing.T) {
	recorded := make(chan []int, 4)
	m := &memory{set: func(pieces []int, _ bool) { recorded <- pieces }}
	s, tor := open4(t, t.TempDir(), m, false)
	defer closeAll(t, s, tor)
	fill(t, tor)
	total := 0
	for total < 4 {
		// The flusher does it by itself, without a Close.
		total += len(enginetest.Receive(t, recorded, "pieces to be recorded"))
	}
}

func TestWithoutRecordDataIsChecked(t *testing.T) {
	dir := t.TempDir()
	s, tor := open4(t, dir, &memory{}, false)
	fill(t, tor)
	closeAll(t, s, tor)

	for name, m := range map[string]*memory{
		"lost":           {},
		"recorded false": {done: map[int]bool{0: false, 1: false, 2: false, 3: false}},
	} {
		t.Run(name, func(t *testing.T) {
			s, tor := open4(t, dir, m, false)
			defer closeAll(t, s, tor)
			if got := tor.Progress(); got.Unchecked != 4 || got.Completed != 0 {
				t.Fatalf("%+v, want four pieces to check", got)
			}
		})
	}
	t.Run("verify", func(t *testing.T) {
		m := &memory{done: map[int]bool{0: true, 1: true, 2: true, 3: true}}
		s, tor := open4(t, dir, m, true)
		defer closeAll(t, s, tor)
		if got := tor.Progress(); got.Unchecked != 4 {
			t.Fatalf("%+v, want four pieces to check", got)
		}
	})
}

func TestClosedTorrentWritesNothing(t *testing.T) {
	dir := t.TempDir()
	s, tor := open4(t, dir, &memory{}, false)
	defer s.Close()
	fill(t, tor)
	tor.Close()
	if err := s.Delete(hash); err != nil {
		t.Fatal(err)
	}
	if _, err := tor.WriteAt([]byte("x"), 0); err == nil {
		t.Error("a closed torrent took a write")
	}
	if _, err := tor.ReadAt(make([]byte, 1), 0); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a closed torrent's read gave %v", err)
	}
	if f, err := s.Folders(); err != nil || len(f) != 0 {
		t.Errorf("folders %v, %v after Delete", f, err)
	}
}

func TestStageIsCommitted(t *testing.T) {
	dir := t.TempDir()
	s, err := New(Options{Dir: dir, Completion: &memory{}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stage, err := s.Stage()
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range [][]byte{content()[:13], nil, nil, content()[20:32], content()[32:]} {
		if i == 2 {
			continue
		}
		if _, err := stage.Put(i, bytes.NewReader(part)); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := s.Folders(); err != nil || len(f) != 0 {
		t.Errorf("folders before the commit: %v, %v", f, err)
	}
	if err := stage.Commit(hash); err != nil {
		t.Fatal(err)
	}
	tor, err := s.Open(hash, layout(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer tor.Close()
	if got := tor.Progress(); got.Unchecked != 4 {
		t.Errorf("%+v, want four pieces to check", got)
	}
	if stage, err = s.Stage(); err != nil {
		t.Fatal(err)
	}
	if err := stage.Commit(hash); !errors.Is(err, ErrOpen) {
		t.Errorf("a commit over an open torrent gave %v", err)
	}
	if err := stage.Discard(); err != nil {
		t.Error(err)
	}
	if err := s.Delete(hash); !errors.Is(err, ErrOpen) {
		t.Errorf("deleting an open torrent gave %v", err)
	}
	if n, err := s.Usage(hash); err != nil || n < 30 {
		t.Errorf("usage %d, %v", n, err)
	}
	if f, _ := s.Folders(); len(f) != 1 || f[0] != hash {
		t.Errorf("folders %v", f)
	}
}

func TestManyFilesFewHandles(t *testing.T) {
	const files = 64
	l := Layout{PieceLength: 8, Pieces: files / 2}
	for i := range files {
		l.Files = append(l.Files, File{Offset: int64(4 * i), Length: 4})
	}
	s, err := New(Options{Dir: t.TempDir(), Completion: &memory{}, MaxOpen: 5})
	if err != nil {
		t.Fatal(err)
	}
	tor, err := s.Open(hash, l, false)
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, s, tor)
	var wg sync.WaitGroup
	for p := range l.Pieces {
		wg.Go(func() {
			want := []byte(strconv.Itoa(10000000 + p))
			if _, err := tor.WriteAt(want, int64(8*p)); err != nil {
				t.Error(err)
			}
			tor.Complete(p)
			got := make([]byte, 8)
			if _, err := tor.ReadAt(got, int64(8*p)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("piece %d: %q, %v", p, got, err)
			}
		})
	}
	wg.Wait()
	if n := len(s.files.open); n > 5 {
		t.Errorf("%d files are open, want at most 5", n)
	}
}

// TestLayout compares the mapping with a plain one, byte by byte, for random torrents.
func TestLayout(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		l := Layout{PieceLength: 1 + rnd.Int64N(20)}
		var off int64
		for range rnd.IntN(8) {
			n := rnd.Int64N(30)
			l.Files = append(l.Files, File{Offset: off, Length: n, Hidden: rnd.IntN(5) == 0})
			off += n
		}
		l.Pieces = int((off + l.PieceLength - 1) / l.PieceLength)
		where := make(map[int64]int) // offset → file
		for i, f := range l.Files {
			for o := f.Offset; o < f.Offset+f.Length; o++ {
				where[o] = i
			}
		}
		covered := 0
		for p := range l.Pieces {
			start, length := l.PieceRange(p)
			if start != int64(p)*l.PieceLength || length <= 0 || length > l.PieceLength {
				t.Fatalf("%+v: piece %d is %d+%d", l, p, start, length)
			}
			at := start
			for _, s := range l.segments(start, length) {
				for i := range s.length {
					if f, ok := where[at]; !ok || f != s.file || l.Files[f].Offset+s.offset+i != at {
						t.Fatalf("%+v: piece %d: byte %d is in file %d, not %d", l, p, at, f, s.file)
					}
					at++
				}
				if first, last := l.pieces(s.file, s.offset); p < first || p >= last {
					t.Fatalf("%+v: piece %d is not in [%d,%d) of file %d", l, p, first, last, s.file)
				}
			}
			if at != start+length {
				t.Fatalf("%+v: piece %d: segments end at %d, not %d", l, p, at, start+length)
			}
			covered += int(length)
		}
		if covered != len(where) {
			t.Fatalf("%+v: pieces cover %d of %d bytes", l, covered, len(where))
		}
	}
}
