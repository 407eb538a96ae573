package torrent

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"wtptui/engine/enginetest"
	"wtptui/engine/swarm/wire"
)

// workerFixture is a worker without an owner, and its site.
type workerFixture struct {
	t testing.TB
	*worker
	site *site
}

func newWorkerFixture(t testing.TB, d Data, s *site) *workerFixture {
	t.Helper()
	var wg sync.WaitGroup
	b := &workerFixture{t: t, site: s}
	c := s.content(d)
	b.worker = newWorker(&c, new(atomic.Int64), &wg)
	t.Cleanup(func() {
		b.close()
		wg.Wait()
	})
	return b
}

// writeFirstPiece writes a block of the first piece, either the right bytes or zeros.
func (b *workerFixture) writeFirstPiece(block int, right bool) {
	data := wire.Alloc()
	clear(data)
	if right {
		copy(data, b.site.bytes[block*wire.BlockSize:])
	}
	b.writeBlock(wire.Block{Begin: block * wire.BlockSize, Length: wire.BlockSize}, data)
}

// The hash of a piece is that of its final bytes, whatever the order and number of its writes.
func TestHashOfWhatWasWritten(t *testing.T) {
	const right, wrong = true, false
	type put struct {
		block int
		right bool
	}
	for name, c := range map[string]struct {
		puts []put
		want bool
	}{
		"in order":                 {[]put{{0, right}, {1, right}, {2, right}, {3, right}}, right},
		"in no order":              {[]put{{2, right}, {0, right}, {3, right}, {1, right}}, right},
		"one of them wrong":        {[]put{{0, right}, {1, wrong}, {2, right}, {3, right}}, wrong},
		"wrong ones replaced":      {[]put{{0, wrong}, {1, wrong}, {0, right}, {1, right}, {2, right}, {3, right}}, right},
		"right ones replaced":      {[]put{{0, right}, {1, right}, {0, right}, {1, wrong}, {2, right}, {3, right}}, wrong},
		"replaced in no order":     {[]put{{0, wrong}, {1, wrong}, {2, right}, {1, right}, {0, right}, {3, right}}, right},
		"replaced but for a first": {[]put{{0, right}, {1, wrong}, {1, right}, {2, right}, {3, right}}, right},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 4*wire.BlockSize, 4*wire.BlockSize, 1)
			b := newWorkerFixture(t, newMemory(s, false), s)
			for _, p := range c.puts {
				b.writeFirstPiece(p.block, p.right)
			}
			b.hashPiece(0, false)
			if v := enginetest.Receive(t, b.verdicts, "the verdict"); v.valid != c.want || v.err != nil {
				t.Errorf("%+v, want %v", v, c.want)
			}
		})
	}
}

// broken is data that fails as long as it is told to.
type broken struct {
	Data
	write, read atomic.Bool
}

var errBroken = errors.New("the disk is broken")

func (b *broken) WriteAt(p []byte, off int64) (int, error) {
	if b.write.Load() {
		return 0, errBroken
	}
	return b.Data.WriteAt(p, off)
}

func (b *broken) CopyPiece(w io.Writer, piece int) (int64, error) {
	if b.read.Load() {
		return 0, errBroken
	}
	return b.Data.CopyPiece(w, piece)
}

// A piece that could not be written is said to have failed once, and nothing is said of its hash until it comes anew.
func TestWriteFails(t *testing.T) {
	s := newSite(t, 2*wire.BlockSize, 2*wire.BlockSize, 1)
	d := &broken{Data: newMemory(s, false)}
	b := newWorkerFixture(t, d, s)
	d.write.Store(true)
	b.writeFirstPiece(0, true)
	if v := enginetest.Receive(t, b.verdicts, "the failure"); !errors.Is(v.err, errBroken) {
		t.Fatalf("%+v", v)
	}
	d.write.Store(false)
	b.writeFirstPiece(1, true)
	b.hashPiece(0, false)
	b.restartPiece(0)
	b.writeFirstPiece(0, true)
	b.writeFirstPiece(1, true)
	b.hashPiece(0, false)
	if v := enginetest.Receive(t, b.verdicts, "the verdict"); !v.valid {
		t.Errorf("%+v", v)
	}
	got := make([]byte, len(s.bytes))
	if _, err := d.ReadAt(got, 0); err != nil || !bytes.Equal(got, s.bytes) {
		t.Errorf("not what was written (%v)", err)
	}
}

// A piece that cannot be read is nobody's lie, unless it was here all the time.
func TestReadFails(t *testing.T) {
	s := newSite(t, 2*wire.BlockSize, 2*wire.BlockSize, 1)
	d := &broken{Data: newMemory(s, false)}
	b := newWorkerFixture(t, d, s)
	d.read.Store(true)
	b.writeFirstPiece(1, true)
	b.writeFirstPiece(0, true)
	b.hashPiece(0, false)
	if v := enginetest.Receive(t, b.verdicts, "the verdict"); !errors.Is(v.err, errBroken) {
		t.Errorf("%+v", v)
	}
	b.checkPieces(t.Context(), []int{0}, nil)
	if v := enginetest.Receive(t, b.verdicts, "the verdict"); v.valid || v.err != nil || !v.isCheck {
		t.Errorf("%+v", v)
	}
}
