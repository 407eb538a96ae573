package disk

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// Torrent is the data of one torrent: its files, and the ledger of what is known of them. Its methods may be called
// from many goroutines.
type Torrent struct {
	ledger

	layout   Layout
	life     lifetime
	files    files
	recorder recorder
	// closed is called when all is closed.
	closed func()

	// look and believed are what Found returns. They do not change.
	look     Look
	believed bool
}

func newTorrent(s *Store, infohash [20]byte, layout Layout, p *place) *Torrent {
	t := &Torrent{layout: layout, closed: func() { s.open.remove(infohash) }}
	t.ledger.pieces = newPieces(layout)
	t.ledger.record = &t.recorder
	t.files = files{
		infohash: infohash, layout: &t.layout, dir: s.folders.path(infohash), place: p, pool: s.files, syncer: s.syncer,
		log: s.opts.Logger, cut: t.cut,
		newFiles: true, // Those that a run has left that was killed are not on the disk for sure.
	}
	t.recorder = recorder{
		infohash: infohash, layout: &t.layout, life: &t.life, files: &t.files, ledger: &t.ledger,
		completion: s.opts.Completion, onFault: s.opts.OnFault, flusher: s.flush,
	}
	return t
}

// load finds out what is on disk and compares it with what was recorded. A piece that is recorded as complete counts
// only if the files are long enough. A piece that is recorded as incomplete, or not at all, is hashed if there is data:
// it may have been finished right before the power failed.
func (t *Torrent) load(verify bool) error {
	sizes, times, err := t.files.stat()
	if err != nil {
		return err
	}
	t.files.sizes, t.look = sizes, newLook(sizes, times)
	for p := range t.layout.Pieces {
		done, known := t.recorder.completion.Get(t.files.infohash, p)
		if t.found(p, t.files.hold(p), done && known, !verify) {
			t.believed = true
		}
	}
	return nil
}

// Complete notes that a piece's data was hashed and is right; it will be recorded after the data has been flushed,
// which is soon when it was the last piece.
func (t *Torrent) Complete(piece int) {
	if t.life.use() != nil {
		return
	}
	tell := t.complete(piece)
	t.life.done()
	if tell != nil {
		tell(piece)
	}
}

// Incomplete notes that a piece's data is missing or wrong.
func (t *Torrent) Incomplete(piece int) {
	if t.life.use() == nil {
		t.incomplete(piece)
		t.life.done()
	}
}

// ReadAt reads verified bytes. It gives fewer, and io.EOF, where a piece is not complete or its file turns out to be
// too short.
func (t *Torrent) ReadAt(p []byte, off int64) (n int, err error) {
	if err := t.life.use(); err != nil {
		return 0, err
	}
	defer t.life.done()
	n = t.verified(len(p), off)
	if n == 0 {
		return 0, io.EOF
	}
	if err := t.files.read(p[:n], off); err != nil {
		return 0, err
	}
	// A piece that became incomplete meanwhile may have been read as zeros.
	if t.verified(n, off) < n {
		return 0, io.EOF
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// hashBuffers are shared by all who hash pieces.
var hashBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// CopyPiece writes what the files hold of a piece, verified or not, for hashing. It ends with io.EOF where a file is
// too short.
func (t *Torrent) CopyPiece(w io.Writer, piece int) (n int64, err error) {
	if err := t.life.use(); err != nil {
		return 0, err
	}
	defer t.life.done()
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for n < length {
		p := (*buf)[:min(int64(len(*buf)), length-n)]
		if err := t.files.read(p, offset+n); err != nil {
			return n, err
		}
		if _, err := w.Write(p); err != nil {
			return n, err
		}
		n += int64(len(p))
	}
	return n, nil
}

// WriteAt writes bytes that are not verified yet.
func (t *Torrent) WriteAt(p []byte, off int64) (n int, err error) {
	if err := t.life.use(); err != nil {
		return 0, err
	}
	defer t.life.done()
	if t.files.place != nil {
		return 0, errInPlace
	}
	t.noteWritten(off, int64(len(p)))
	n, err = t.files.write(p, off)
	if err != nil && !errors.Is(err, io.ErrShortWrite) {
		err = fmt.Errorf("disk: write: %w", err)
	}
	return n, err
}

// Close flushes and records what is pending and closes the files. Reads and writes fail from then on.
func (t *Torrent) Close() { t.close(false) }

// Discard is Close for a torrent whose data is to be deleted: nothing is flushed or recorded any more, nor is it
// waited for a flush that is under way.
func (t *Torrent) Discard() { t.close(true) }

func (t *Torrent) close(discard bool) {
	wasOpen := t.life.end(discard)
	t.OnDamage(nil)
	if !wasOpen {
		return
	}
	if !discard {
		t.recorder.flush()
		t.recorder.flush() // If that has failed, there is something to take back.
	}
	// What could not be recorded until here is not: the torrent may be open again, and say something else, before the
	// flusher comes to it.
	_ = t.take()
	t.recorder.flusher.remove(&t.recorder)
	t.files.close()
	t.closed()
}
