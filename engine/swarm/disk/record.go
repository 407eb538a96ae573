package disk

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// recorder flushes what was written of one torrent, and has Completion remember then which pieces are complete. It
// notifies the flusher when there is something to do.
type recorder struct {
	infohash   [20]byte
	layout     *Layout
	life       *lifetime
	files      *files
	ledger     *ledger
	completion Completion
	onFault    func(infohash [20]byte, err error)
	flusher    *flusher

	// flushing lets one goroutine flush at a time, so that completion is recorded in the order of events.
	flushing sync.Mutex
}

func (r *recorder) add(bytes int64) { r.flusher.add(r, bytes) }

func (r *recorder) urge() { r.flusher.urge(r) }

// batch is what one flush of a torrent has to do. From begin to finish there is one of a torrent at a time.
type batch struct {
	*recorder

	files    []int
	newFiles bool
	changes  map[int]bool
}

// begin takes what there is to flush and record; nil when there is nothing.
func (r *recorder) begin() *batch {
	r.flushing.Lock()
	changes := r.ledger.take()
	if len(changes) == 0 {
		r.flushing.Unlock()
		return nil
	}
	// A file that was made for one of these pieces was noted before the piece was complete.
	return &batch{recorder: r, files: r.filesOf(changes), newFiles: r.files.takeNew(), changes: changes}
}

// filesOf returns the files that have to be flushed before pieces are recorded as complete.
func (r *recorder) filesOf(changes map[int]bool) []int {
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

// flush makes sure that all data of complete pieces is on the disk, and then records them.
func (r *recorder) flush() {
	if b := r.begin(); b != nil {
		r.files.syncer.commit([]*batch{b})
	}
}

// sync flushes the files of a batch one by one, and the folders after them. It ends early when the torrent is
// discarded.
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

// syncOne flushes a file. Whoever discards the torrent waits for this one, and for no other.
func (b *batch) syncOne(file int) error {
	if _, ok := b.life.record(); !ok {
		return nil // Nobody wants it.
	}
	defer b.life.done()
	return b.recorder.files.sync(file)
}

// finish records what a flush, which failed with err if that is not nil, has made durable.
func (b *batch) finish(err error) {
	defer b.flushing.Unlock()
	if err != nil {
		b.ledger.suspectUnkept()
		b.onFault(b.infohash, err)
	}
	for _, done := range []bool{true, false} {
		if err := b.record(done); err != nil {
			b.onFault(b.infohash, fmt.Errorf("disk: record finished pieces: %w", err))
		}
	}
}

// record tells Completion of the pieces of a batch that are, or are not, complete, unless they changed since, or the
// torrent has been discarded.
func (b *batch) record(done bool) error {
	open, ok := b.life.record()
	if !ok {
		return nil
	}
	defer b.life.done()
	pieces := b.ledger.due(b.changes, done)
	if len(pieces) == 0 {
		return nil
	}
	err := b.completion.Set(b.infohash, pieces, done)
	if more := b.ledger.recorded(pieces, done, err); more && open {
		b.add(0)
	}
	return err
}
