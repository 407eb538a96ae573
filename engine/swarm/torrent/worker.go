package torrent

import (
	"context"
	"crypto/sha1"
	"hash"
	"sync"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// worker writes blocks and hashes pieces of one torrent, in order, in a goroutine that lives while there is work.
type worker struct {
	content  *Content
	hashes   *atomic.Int64 // bytes that were read to be hashed
	verdicts chan verdict  // nil while there never was work, since most torrents are complete all the time
	owned    *sync.WaitGroup
	stopped  chan struct{}

	// running are the sums of pieces whose blocks have been written in order so far, failed the pieces that could not be
	// written and do not come anew yet. Only the goroutine has them.
	running map[int]*runningSum
	failed  map[int]bool
	backlog backlog
}

// verdict says what has come of a piece; or nothing but that the worker has caught up, if piece is less than zero.
type verdict struct {
	piece int
	right bool
	// check says that nobody has fetched the piece: it was here.
	check bool
	// sums are those of its blocks, if they were wanted or it is wrong.
	sums []uint64
	err  error
}

// runningSum is the hash of the first bytes of a piece.
type runningSum struct {
	hash hash.Hash
	next int
}

func newWorker(c *Content, hashes *atomic.Int64, owned *sync.WaitGroup) *worker {
	return &worker{
		content: c, hashes: hashes, owned: owned, stopped: make(chan struct{}),
		running: make(map[int]*runningSum), failed: make(map[int]bool),
	}
}

// write has a block written, and its data freed.
func (w *worker) write(b wire.Block, data []byte) { w.add(job{block: b, data: data}) }

// hash has a piece hashed after all that was to be written before. sums wants those of its blocks, too.
func (w *worker) hash(piece int, sums bool) { w.add(job{block: wire.Block{Piece: piece}, sums: sums}) }

// restart says that all blocks of a piece come anew after a failure. Of those before them nothing more is told.
func (w *worker) restart(piece int) { w.add(job{block: wire.Block{Piece: piece}, anew: true}) }

func (w *worker) add(j job) {
	w.begin(w.backlog.add(j))
}

// begin has the goroutine work if it does not yet.
func (w *worker) begin(idle bool) {
	if w.verdicts == nil {
		w.verdicts = make(chan verdict, 16)
	}
	if idle {
		w.owned.Go(w.run)
	}
}

// check has pieces hashed when there is nothing else to do; done is called when that is over, or ctx has ended.
func (w *worker) check(ctx context.Context, pieces []int, done func()) {
	w.begin(w.backlog.check(&check{ctx, pieces, done}))
}

// behind reports whether more waits to be written than should.
func (w *worker) behind() bool { return w.backlog.behind() }

func (w *worker) run() {
	for {
		jobs, c, piece, caughtUp, ok := w.backlog.next()
		if caughtUp {
			w.tell(verdict{piece: -1})
		}
		switch {
		case !ok:
			return
		case c != nil:
			w.tell(w.hashed(piece, false, true))
		}
		for _, j := range jobs {
			w.doJob(j)
		}
		select {
		case <-w.stopped:
			return
		default:
		}
	}
}

func (w *worker) doJob(j job) {
	piece := j.block.Piece
	switch {
	case j.anew:
		delete(w.failed, piece)
		delete(w.running, piece)
	case j.data != nil:
		w.doWrite(j)
	case !w.failed[piece]:
		w.tell(w.hashed(piece, j.sums, false))
	}
}

func (w *worker) doWrite(j job) {
	piece := j.block.Piece
	if !w.failed[piece] {
		offset := int64(piece)*w.content.Layout.PieceLength + int64(j.block.Begin)
		if _, err := w.content.Data.WriteAt(j.data, offset); err != nil {
			w.failed[piece] = true
			w.tell(verdict{piece: piece, err: err})
		} else {
			w.sum(j)
		}
	}
	n := len(j.data)
	wire.Free(j.data)
	if w.backlog.wrote(n) {
		w.tell(verdict{piece: -1})
	}
}

// sum goes on with the hash of a piece while its blocks come in order, so that it need not be read again. A piece may
// come a second time, from somebody else, before it was whole: what came first is overwritten then.
func (w *worker) sum(j job) {
	r := w.running[j.block.Piece]
	switch {
	case j.block.Begin == 0:
		r = &runningSum{hash: sha1.New()}
		w.running[j.block.Piece] = r
	case r == nil:
		return
	case j.block.Begin < r.next:
		delete(w.running, j.block.Piece)
		return
	}
	if j.block.Begin == r.next {
		_, _ = r.hash.Write(j.data)
		r.next += len(j.data)
	}
}

// hashed hashes a piece and notes in the data what came of it.
func (w *worker) hashed(piece int, sums, isCheck bool) verdict {
	v := verdict{piece: piece, check: isCheck}
	r := w.running[piece]
	delete(w.running, piece)
	var sum [sha1.Size]byte
	if r != nil && !isCheck && int64(r.next) == w.content.Layout.LengthOf(piece) {
		r.hash.Sum(sum[:0])
	} else {
		whole := sha1.New()
		n, err := w.content.Data.CopyPiece(whole, piece)
		w.hashes.Add(n)
		if err != nil {
			w.content.Data.Incomplete(piece)
			if !isCheck { // It was written a moment ago: that it cannot be read is nobody's lie.
				v.err = err
			}
			return v
		}
		whole.Sum(sum[:0])
	}
	if v.right = w.content.Right(piece, sum); v.right {
		w.content.Data.Complete(piece)
	} else {
		w.content.Data.Incomplete(piece)
	}
	if sums || !v.right && !isCheck {
		blocks := &blockSums{}
		if _, err := w.content.Data.CopyPiece(blocks, piece); err == nil {
			blocks.close()
			v.sums = blocks.sums
		}
	}
	return v
}

func (w *worker) tell(v verdict) {
	select {
	case w.verdicts <- v:
	case <-w.stopped:
	}
}

// end has the goroutine end soon.
func (w *worker) end() {
	close(w.stopped)
	w.backlog.giveUp()
}
