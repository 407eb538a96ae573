package publish

import (
	"context"
	"crypto/sha1" //nolint:gosec // BEP 3 defines the piece hashes as SHA-1.
	"errors"
	"hash"
	"io"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"

	"wtptui/engine"
)

// Bytes is an open file of a plan.
type Bytes interface {
	io.ReaderAt
	io.Closer
}

// Hash reads the files of a plan and makes a torrent of them. open gives the bytes of a file by its place in the plan;
// it is called from many goroutines. What reuse, which may be nil, gives is not read again. Kind Conflict when a file is
// not as long as the plan has it.
func Hash(ctx context.Context, p *Plan, open func(index int) (Bytes, error), reuse *Reuse, meter *Meter) (Metainfo, error) {
	h := newHasher(p, open, reuse, meter)
	meter.Begin(engine.PublishHash, len(p.Files), p.Size)
	if err := h.run(ctx); err != nil {
		return Metainfo{}, err
	}
	return makeMetainfo(p, h.length, h.hashes)
}

// runBytes is about how much a worker takes on at a time, so that small files are not opened twice by different ones.
const runBytes = 4 << 20

// readBytes is how much is read at a time: it stays in the processor's cache while it is hashed.
const readBytes = 128 << 10

type hasher struct {
	plan   *Plan
	open   func(int) (Bytes, error)
	reuse  *Reuse
	meter  *Meter
	length int64
	starts []int64 // where each file begins in the torrent
	hashes []byte
	perRun int // pieces
}

func newHasher(p *Plan, open func(int) (Bytes, error), reuse *Reuse, meter *Meter) *hasher {
	h := &hasher{plan: p, open: open, reuse: reuse, meter: meter, length: pieceLength(p.Size), starts: starts(p.Files)}
	h.hashes = make([]byte, (p.Size+h.length-1)/h.length*sha1.Size)
	h.perRun = int(max(1, runBytes/h.length))
	return h
}

// starts gives where each file begins, if they follow each other.
func starts(files []File) []int64 {
	at := make([]int64, len(files))
	var sum int64
	for i, f := range files {
		at[i] = sum
		sum += f.Size
	}
	return at
}

func (h *hasher) pieces() int { return len(h.hashes) / sha1.Size }

// run lets as many workers as there are processors take runs of pieces.
func (h *hasher) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	runs := (h.pieces() + h.perRun - 1) / h.perRun
	for range min(runtime.GOMAXPROCS(0), runs) {
		wg.Go(func() {
			w := &worker{hasher: h, file: -1, buf: make([]byte, readBytes), sum: sha1.New()} //nolint:gosec // see the import
			if err := w.hashRuns(ctx, &next, runs); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// worker hashes pieces, and keeps the file open that it read last.
type worker struct {
	*hasher
	file int
	from Bytes
	buf  []byte
	sum  hash.Hash
}

// close closes the file that is open, if any.
func (w *worker) close() error {
	from := w.from
	w.from, w.file = nil, -1
	if from == nil {
		return nil
	}
	return from.Close()
}

// hashRuns hashes one run of pieces after another.
func (w *worker) hashRuns(ctx context.Context, next *atomic.Int64, runs int) (err error) {
	defer func() {
		if e := w.close(); err == nil {
			err = e
		}
	}()
	for r := int(next.Add(1)) - 1; r < runs; r = int(next.Add(1)) - 1 {
		if err := w.hashRun(ctx, r*w.perRun, min((r+1)*w.perRun, w.pieces())); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) hashRun(ctx context.Context, first, last int) error {
	for p := first; p < last; p++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		start := int64(p) * w.length
		end := min(start+w.length, w.plan.Size)
		out := w.hashes[p*sha1.Size : (p+1)*sha1.Size]
		if known := w.reuse.piece(p); known != nil {
			copy(out, known)
		} else if err := w.hashPiece(start, end, out); err != nil {
			return err
		}
		w.meter.Done(w.filesEndingIn(start, end), end-start)
	}
	return nil
}

// filesEndingIn counts files for the meter: each in the piece in which it ends.
func (w *worker) filesEndingIn(start, end int64) int {
	ended := func(at int64) int {
		if at >= w.plan.Size {
			return len(w.plan.Files)
		}
		return max(0, sort.Search(len(w.starts), func(i int) bool { return w.starts[i] > at })-1)
	}
	if start == 0 {
		return ended(end)
	}
	return ended(end) - ended(start)
}

// hashPiece hashes the bytes of the torrent from start to end.
func (w *worker) hashPiece(start, end int64, out []byte) error {
	w.sum.Reset()
	i := sort.Search(len(w.starts), func(i int) bool { return w.starts[i] > start }) - 1
	for at := start; at < end; i++ {
		fileEnd := w.starts[i] + w.plan.Files[i].Size
		if fileEnd <= at {
			continue
		}
		if err := w.hashPart(i, at-w.starts[i], min(end, fileEnd)-at); err != nil {
			return err
		}
		at = min(end, fileEnd)
	}
	w.sum.Sum(out[:0])
	return nil
}

// hashPart hashes n bytes of a file.
func (w *worker) hashPart(i int, offset, n int64) error {
	if w.file != i {
		if err := w.close(); err != nil {
			return err
		}
		from, err := w.open(i)
		if err != nil {
			return Unreadable(w.plan.Files[i].Path, err)
		}
		w.file, w.from = i, from
	}
	for n > 0 {
		got, err := w.from.ReadAt(w.buf[:min(int64(len(w.buf)), n)], offset)
		w.sum.Write(w.buf[:got])
		offset, n = offset+int64(got), n-int64(got)
		switch {
		case n == 0:
		case errors.Is(err, io.EOF):
			return Changed(w.plan.Files[i].Path)
		case err != nil:
			return Unreadable(w.plan.Files[i].Path, err)
		}
	}
	return nil
}
