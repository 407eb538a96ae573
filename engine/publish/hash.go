package publish

import (
	"context"
	"crypto/sha1" // BEP 3 defines the piece hashes as SHA-1.
	"errors"
	"hash"
	"io"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"

	"wtptui/engine"
)

// Bytes is an open file that is hashed.
type Bytes interface {
	io.ReaderAt
	io.Closer
}

// Hash hashes the files of a plan and returns the torrent. open opens the file of that index in the plan; it is called
// from several goroutines. Pieces of reuse, which may be nil, are not hashed again. The error has Kind Conflict if a
// file is not as long as in the plan.
func Hash(ctx context.Context, p *Plan, open func(index int) (Bytes, error), reuse *Reuse, meter *Meter) (
	Metainfo, error,
) {
	h := newHasher(p, open, reuse, meter)
	meter.Begin(engine.PublishHash, len(p.Files), p.Size)
	if err := h.hashAll(ctx); err != nil {
		return Metainfo{}, err
	}
	return makeMetainfo(p, h.length, h.hashes)
}

// runSize is approximately how much a worker hashes at a time, in bytes, so that small files are not opened by several
// workers.
const runSize = 4 << 20

// readSize is how much is read at a time, in bytes: it stays in the processor's cache while it is hashed.
const readSize = 128 << 10

type hasher struct {
	plan    *Plan
	open    func(int) (Bytes, error)
	reuse   *Reuse
	meter   *Meter
	length  int64
	offsets []int64 // offset of each file in the torrent
	hashes  []byte
	perRun  int // pieces
}

func newHasher(p *Plan, open func(int) (Bytes, error), reuse *Reuse, meter *Meter) *hasher {
	h := &hasher{
		plan: p, open: open, reuse: reuse, meter: meter, length: pieceLength(p.Size), offsets: fileOffsets(p.Files),
	}
	h.hashes = make([]byte, (p.Size+h.length-1)/h.length*sha1.Size)
	h.perRun = int(max(1, runSize/h.length))
	return h
}

// fileOffsets returns the offset of each file in the torrent.
func fileOffsets(files []File) []int64 {
	at := make([]int64, len(files))
	var sum int64
	for i, f := range files {
		at[i] = sum
		sum += f.Size
	}
	return at
}

func (h *hasher) pieces() int { return len(h.hashes) / sha1.Size }

// hashAll starts as many workers as there are processors, which hash runs of pieces.
func (h *hasher) hashAll(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	runs := (h.pieces() + h.perRun - 1) / h.perRun
	for range min(runtime.GOMAXPROCS(0), runs) {
		wg.Go(func() {
			w := &worker{hasher: h, file: -1, buf: make([]byte, readSize), sum: sha1.New()}
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

// worker hashes pieces, and keeps the last file open.
type worker struct {
	*hasher
	file int
	from Bytes
	buf  []byte
	sum  hash.Hash
}

// close closes the open file, if any.
func (w *worker) close() error {
	from := w.from
	w.from, w.file = nil, -1
	if from == nil {
		return nil
	}
	return from.Close()
}

// hashRuns hashes runs of pieces until none is left.
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

// filesEndingIn returns how many files end in a range of the torrent, for the meter.
func (w *worker) filesEndingIn(start, end int64) int {
	ended := func(at int64) int {
		if at >= w.plan.Size {
			return len(w.plan.Files)
		}
		return max(0, sort.Search(len(w.offsets), func(i int) bool { return w.offsets[i] > at })-1)
	}
	if start == 0 {
		return ended(end)
	}
	return ended(end) - ended(start)
}

// hashPiece hashes the bytes of the torrent from start to end.
func (w *worker) hashPiece(start, end int64, out []byte) error {
	w.sum.Reset()
	i := sort.Search(len(w.offsets), func(i int) bool { return w.offsets[i] > start }) - 1
	for at := start; at < end; i++ {
		fileEnd := w.offsets[i] + w.plan.Files[i].Size
		if fileEnd <= at {
			continue
		}
		if err := w.hashPart(i, at-w.offsets[i], min(end, fileEnd)-at); err != nil {
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
			return UnreadableError(w.plan.Files[i].Path, err)
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
			return ChangedError(w.plan.Files[i].Path)
		case err != nil:
			return UnreadableError(w.plan.Files[i].Path, err)
		}
	}
	return nil
}
