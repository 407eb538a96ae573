package disk

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// recorder flushes the data of one torrent, and then has Completion record which pieces are complete. It notifies the
// flusher when there is something to do.
type recorder struct {
	infohash   [20]byte
	layout     *Layout
	life       *lifetime
	files      *files
	ledger     *ledger
	completion Completion
	onFault    func(infohash [20]byte, err error)
	flusher    *flusher

	// flushMu is held by one batch at a time, so that completion is recorded in the order of events.
	flushMu sync.Mutex
}

func (r *recorder) add(bytes int64) { r.flusher.add(r, bytes) }

func (r *recorder) addUrgent() { r.flusher.addUrgent(r) }

// batch is one flush of a torrent. There is one at a time of a torrent, from beginBatch to finish.
type batch struct {
	*recorder

	files    []int
	newFiles bool
	changes  map[int]bool
}

// beginBatch returns what there is to flush and record, nil if there is nothing.
func (r *recorder) beginBatch() *batch {
	r.flushMu.Lock()
	changes := r.ledger.takeChanges()
	if len(changes) == 0 {
		r.flushMu.Unlock()
		return nil
	}
	// A file that was created for one of these pieces was marked before the piece was complete.
	return &batch{recorder: r, files: r.filesToFlush(changes), newFiles: r.files.takeNamesUnsynced(), changes: changes}
}

// filesToFlush returns the files that must be flushed before pieces are recorded as complete.
func (r *recorder) filesToFlush(changes map[int]bool) []int {
	all := make(map[int]struct{})
	for piece, done := range changes {
		if !done {
			continue
		}
		offset, length := r.layout.PieceRange(piece)
		for _, s := range r.layout.segments(offset, length) {
			if !r.layout.Files[s.file].Hidden {
				all[s.file] = struct{}{}
			}
		}
	}
	return slices.Collect(maps.Keys(all))
}

// flush flushes all data of complete pieces, and then records them.
func (r *recorder) flush() {
	if b := r.beginBatch(); b != nil {
		r.files.syncer.commit([]*batch{b})
	}
}

// sync flushes the files of a batch one by one, and then the folders. It ends early when the torrent is discarded.
func (b *batch) sync() error {
	for _, i := range b.files {
		if err := b.syncOne(i); err != nil {
			return fmt.Errorf("disk: flush: %w", err)
		}
	}
	if !b.newFiles {
		return nil
	}
	if err := b.recorder.files.syncFolders(); err != nil {
		return fmt.Errorf("disk: flush a folder: %w", err)
	}
	return nil
}

// syncOne flushes one file. Discard waits at most for one such flush.
func (b *batch) syncOne(file int) error {
	if _, ok := b.life.beginRecording(); !ok {
		return nil // The torrent was discarded.
	}
	defer b.life.done()
	return b.recorder.files.sync(file)
}

// finish records the pieces of a flush. err is the flush's error, or nil.
func (b *batch) finish(err error) {
	defer b.flushMu.Unlock()
	if err != nil {
		b.ledger.distrustUnkept()
		b.onFault(b.infohash, err)
	}
	for _, done := range []bool{true, false} {
		if err := b.record(done); err != nil {
			b.onFault(b.infohash, fmt.Errorf("disk: record finished pieces: %w", err))
		}
	}
}

// record has Completion record the pieces of a batch that are complete, or are not, as done says. Pieces that have
// changed since are skipped, and so is everything if the torrent was discarded.
func (b *batch) record(done bool) error {
	open, ok := b.life.beginRecording()
	if !ok {
		return nil
	}
	defer b.life.done()
	pieces := b.ledger.filterChanges(b.changes, done)
	if len(pieces) == 0 {
		return nil
	}
	err := b.completion.Set(b.infohash, pieces, done)
	if more := b.ledger.markRecorded(pieces, done, err); more && open {
		b.add(0)
	}
	return err
}
