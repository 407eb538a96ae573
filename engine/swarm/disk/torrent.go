package disk

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// Torrent is the data of one torrent: its files, and the state of its pieces. Its methods may be called from many
// goroutines.
type Torrent struct {
	ledger

	layout   Layout
	life     lifetime
	files    files
	recorder recorder
	// closed is called after everything is closed.
	closed func()

	// filesAtOpen and believed are the results of FilesAtOpen. They do not change.
	filesAtOpen FilesState
	believed    bool
}

func newTorrent(s *Store, infohash [20]byte, layout Layout, p *place) *Torrent {
	t := &Torrent{layout: layout, closed: func() { s.open.remove(infohash) }}
	t.ledger.pieces = newPieces(layout)
	t.ledger.record = &t.recorder
	t.files = files{
		infohash: infohash, layout: &t.layout, dir: s.folders.path(infohash), place: p, pool: s.files, syncer: s.syncer,
		log: s.opts.Logger, onShorter: t.markShorter,
		unsyncedNames: true, // The names of files that a killed run has left may not be flushed.
	}
	t.recorder = recorder{
		infohash: infohash, layout: &t.layout, life: &t.life, files: &t.files, ledger: &t.ledger,
		completion: s.opts.Completion, onFault: s.opts.OnFault, flusher: s.flush,
	}
	return t
}

// load compares what is on disk with what was recorded. A piece that is recorded as complete counts only if the files
// are long enough. A piece that is recorded as incomplete, or not at all, is hashed if there is data: it may have been
// finished right before a power cut.
func (t *Torrent) load(verify bool) error {
	sizes, times, err := t.files.stat()
	if err != nil {
		return err
	}
	t.files.sizes, t.filesAtOpen = sizes, newFilesState(sizes, times)
	for p := range t.layout.Pieces {
		done, known := t.recorder.completion.Get(t.files.infohash, p)
		if t.setInitial(p, t.files.canHold(p), done && known, !verify) {
			t.believed = true
		}
	}
	return nil
}

// Complete records that a piece was hashed and is right. It is recorded in Completion after its data has been flushed,
// which is soon if it was the last piece.
func (t *Torrent) Complete(piece int) {
	if t.life.use() != nil {
		return
	}
	tell := t.markComplete(piece)
	t.life.done()
	if tell != nil {
		tell(piece)
	}
}

// Incomplete records that a piece is missing or wrong.
func (t *Torrent) Incomplete(piece int) {
	if t.life.use() == nil {
		t.markIncomplete(piece)
		t.life.done()
	}
}

// ReadAt reads verified bytes. It reads fewer, and returns io.EOF, where a piece is not complete or its file turns out
// to be too short.
func (t *Torrent) ReadAt(p []byte, off int64) (n int, err error) {
	if err := t.life.use(); err != nil {
		return 0, err
	}
	defer t.life.done()
	n = t.verifiedLength(len(p), off)
	if n == 0 {
		return 0, io.EOF
	}
	if err := t.files.read(p[:n], off); err != nil {
		return 0, err
	}
	// A piece that became incomplete meanwhile may have been read as zeros.
	if t.verifiedLength(n, off) < n {
		return 0, io.EOF
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// hashBuffers is shared by everything that hashes pieces.
var hashBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// CopyPiece writes a piece, verified or not, to w for hashing. It returns io.EOF if a file is too short.
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

// WriteAt writes unverified bytes.
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

// Close flushes and records pending changes and closes the files. Reads and writes fail from then on.
func (t *Torrent) Close() { t.close(false) }

// Discard is like Close, for a torrent whose data is about to be deleted: nothing is flushed or recorded any more, and
// it does not wait for a whole running flush.
func (t *Torrent) Discard() { t.close(true) }

func (t *Torrent) close(discard bool) {
	wasOpen := t.life.close(discard)
	t.OnDamage(nil)
	if !wasOpen {
		return
	}
	if !discard {
		t.recorder.flush()
		t.recorder.flush() // If that failed, there are changes to revert.
	}
	// Changes that could not be recorded by now are dropped: the torrent may be open again, with another state, before
	// the flusher runs.
	_ = t.takeChanges()
	t.recorder.flusher.remove(&t.recorder)
	t.files.close()
	t.closed()
}
