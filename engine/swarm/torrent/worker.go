package torrent

import (
	"context"
	"crypto/sha1"
	"hash"
	"sync"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// worker writes the blocks and hashes the pieces of one torrent, in order, in a goroutine that runs while there is
// work.
type worker struct {
	content     *Content
	hashedBytes *atomic.Int64 // bytes read to be hashed
	verdicts    chan verdict  // nil until there is work, since most torrents are complete all the time
	wg          *sync.WaitGroup
	stopped     chan struct{}

	// running holds the hashes of pieces whose blocks have been written in order so far, failed the pieces that could
	// not be written and have not been restarted. Only the worker's goroutine uses both.
	running map[int]*runningSum
	failed  map[int]bool
	backlog backlog
}

// verdict is the result of hashing a piece. If piece is -1, it only tells that the worker has caught up.
type verdict struct {
	piece int
	valid bool
	// isCheck reports that the piece was not fetched: it was on the disk.
	isCheck bool
	// blockSums holds the checksums of its blocks, if they were wanted or the piece is wrong.
	blockSums []uint64
	err       error
}

// runningSum is the hash of the first next bytes of a piece.
type runningSum struct {
	hash hash.Hash
	next int
}

func newWorker(c *Content, hashes *atomic.Int64, owned *sync.WaitGroup) *worker {
	return &worker{
		content: c, hashedBytes: hashes, wg: owned, stopped: make(chan struct{}),
		running: make(map[int]*runningSum), failed: make(map[int]bool),
	}
}

// writeBlock queues a block to be written. Its data is freed then.
func (w *worker) writeBlock(b wire.Block, data []byte) { w.pushJob(job{block: b, data: data}) }

// hashPiece queues a piece to be hashed after all queued writes. wantBlockSums adds the checksums of its blocks to the
// verdict.
func (w *worker) hashPiece(piece int, wantBlockSums bool) {
	w.pushJob(job{block: wire.Block{Piece: piece}, wantBlockSums: wantBlockSums})
}

// restartPiece clears the failure of a piece, all blocks of which will be written again. Before it, nothing more is
// reported of a failed piece.
func (w *worker) restartPiece(piece int) {
	w.pushJob(job{block: wire.Block{Piece: piece}, restart: true})
}

func (w *worker) pushJob(j job) {
	w.start(w.backlog.pushJob(j))
}

// start creates the verdict channel, and starts the goroutine if it is not running.
func (w *worker) start(idle bool) {
	if w.verdicts == nil {
		w.verdicts = make(chan verdict, 16)
	}
	if idle {
		w.wg.Go(w.run)
	}
}

// checkPieces has pieces hashed when there are no jobs. done is called when that is over or ctx has ended.
func (w *worker) checkPieces(ctx context.Context, pieces []int, done func()) {
	w.start(w.backlog.pushCheck(&check{ctx, pieces, done}))
}

// isFull reports whether too many bytes wait to be written.
func (w *worker) isFull() bool { return w.backlog.isFull() }

func (w *worker) run() {
	for {
		jobs, c, piece, caughtUp, ok := w.backlog.next()
		if caughtUp {
			w.sendVerdict(verdict{piece: -1})
		}
		switch {
		case !ok:
			return
		case c != nil:
			w.sendVerdict(w.verifyPiece(piece, false, true))
		}
		for _, j := range jobs {
			w.runJob(j)
		}
		select {
		case <-w.stopped:
			return
		default:
		}
	}
}

func (w *worker) runJob(j job) {
	piece := j.block.Piece
	switch {
	case j.restart:
		delete(w.failed, piece)
		delete(w.running, piece)
	case j.data != nil:
		w.runWrite(j)
	case !w.failed[piece]:
		w.sendVerdict(w.verifyPiece(piece, j.wantBlockSums, false))
	}
}

func (w *worker) runWrite(j job) {
	piece := j.block.Piece
	if !w.failed[piece] {
		offset := int64(piece)*w.content.Layout.PieceLength + int64(j.block.Begin)
		if _, err := w.content.Data.WriteAt(j.data, offset); err != nil {
			w.failed[piece] = true
			w.sendVerdict(verdict{piece: piece, err: err})
		} else {
			w.updateHash(j)
		}
	}
	n := len(j.data)
	wire.Free(j.data)
	if w.backlog.noteWritten(n) {
		w.sendVerdict(verdict{piece: -1})
	}
}

// updateHash adds a block to the hash of its piece while blocks arrive in order, so that the piece need not be read
// again. A piece may be fetched again from another peer before it is complete; the earlier blocks are overwritten
// then.
func (w *worker) updateHash(j job) {
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

// verifyPiece hashes a piece and records the result in the data.
func (w *worker) verifyPiece(piece int, wantBlockSums, isCheck bool) verdict {
	v := verdict{piece: piece, isCheck: isCheck}
	r := w.running[piece]
	delete(w.running, piece)
	var sum [sha1.Size]byte
	if r != nil && !isCheck && int64(r.next) == w.content.Layout.LengthOf(piece) {
		r.hash.Sum(sum[:0])
	} else {
		whole := sha1.New()
		n, err := w.content.Data.CopyPiece(whole, piece)
		w.hashedBytes.Add(n)
		if err != nil {
			w.content.Data.Incomplete(piece)
			if !isCheck { // It was written a moment ago: no peer is to blame.
				v.err = err
			}
			return v
		}
		whole.Sum(sum[:0])
	}
	if v.valid = w.content.VerifyHash(piece, sum); v.valid {
		w.content.Data.Complete(piece)
	} else {
		w.content.Data.Incomplete(piece)
	}
	if wantBlockSums || !v.valid && !isCheck {
		blocks := &blockSums{}
		if _, err := w.content.Data.CopyPiece(blocks, piece); err == nil {
			blocks.finishBlock()
			v.blockSums = blocks.sums
		}
	}
	return v
}

func (w *worker) sendVerdict(v verdict) {
	select {
	case w.verdicts <- v:
	case <-w.stopped:
	}
}

// close makes the goroutine end soon and cancels all checks.
func (w *worker) close() {
	close(w.stopped)
	w.backlog.cancelChecks()
}
