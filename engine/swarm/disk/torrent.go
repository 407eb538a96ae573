package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// state is what is known of a piece's data.
type state uint8

const (
	unknown    state = iota // there may be data, nobody has hashed it
	incomplete              // not here, or wrong
	complete                // here and verified
)

// errClosed is what reads and writes give after Close.
var errClosed = fmt.Errorf("disk: the torrent is closed: %w", fs.ErrClosed)

// Torrent is the data of one torrent. Its methods may be called from many goroutines.
type Torrent struct {
	store    *Store
	infohash [20]byte
	layout   Layout
	size     int64 // of all content
	dir      string
	place    *place // nil for data in our own folder

	// io is held for reading by whoever touches files, so that Close can wait for them.
	io sync.RWMutex
	// flushing lets one goroutine flush at a time, so that completion is recorded in the order of events.
	flushing sync.Mutex
	// unsharing lets one goroutine copy a file that is shared with another torrent.
	unsharing sync.Mutex

	mu        sync.Mutex
	closed    bool
	discarded bool // nothing is flushed or recorded any more
	states    []state
	// recorded says which pieces Completion has as complete; kept, which of them would survive a power cut: a piece
	// that has been written anew is recorded, and not kept, until it has been flushed and recorded again.
	recorded, kept []bool
	// written are pieces that have been written to and are not kept.
	written map[int]struct{}
	// suspect says that a flush has failed: what is written may be lost, although it can still be read; see Rewrite.
	suspect bool
	// sizes are how long each file on disk must at least be, from what was found and written; -1 when there is none.
	sizes []int64
	// unchecked counts pieces in state unknown, content the bytes of those that are complete, and keptContent the
	// bytes of those that are kept as well.
	unchecked            int
	content, keptContent int64
	// changes is what Completion has to be told, dirty the files to flush before that.
	changes  map[int]bool
	dirty    map[int]struct{}
	newFiles bool
	damaged  []int
	// lost counts how often a piece that was complete has turned out not to be.
	lost       int
	onDamage   func(pieces []int)
	onComplete func(piece int)
	// ours are files that were written since the last Look.
	ours map[int]struct{}

	// found and believed are what Found returns. They do not change.
	found    Look
	believed bool
}

func newTorrent(s *Store, infohash [20]byte, layout Layout) *Torrent {
	return &Torrent{
		store: s, infohash: infohash, layout: layout, size: layout.allContent(), dir: s.folder(infohash),
		states: make([]state, layout.Pieces), recorded: make([]bool, layout.Pieces), kept: make([]bool, layout.Pieces),
		written:  make(map[int]struct{}),
		newFiles: true, // Those that a run has left that was killed are not on the disk for sure.
	}
}

// load finds out what is on disk and compares it with what was recorded. A piece that is recorded as complete counts
// only if the files are long enough. A piece that is recorded as incomplete, or not at all, is hashed if there is data:
// it may have been finished right before the power failed.
func (t *Torrent) load(verify bool) error {
	sizes, times, err := t.statFiles()
	if err != nil {
		return err
	}
	t.sizes, t.found = sizes, newLook(sizes, times)
	for p := range t.states {
		done, known := t.store.opts.Completion.Get(t.infohash, p)
		t.recorded[p] = done && known
		t.kept[p] = t.recorded[p]
		t.unchecked++
		switch {
		case !t.onDisk(p):
			t.set(p, incomplete)
			t.change(p, false)
		case t.recorded[p] && !verify:
			t.set(p, complete)
			t.believed = true
		}
	}
	if len(t.changes) > 0 {
		t.store.flush.add(t, 0)
	}
	return nil
}

// statFiles returns how long the files are, -1 for one that is not there, and when they were last written, in
// nanoseconds since 1970.
func (t *Torrent) statFiles() (sizes, times []int64, err error) {
	sizes, times = make([]int64, len(t.layout.Files)), make([]int64, len(t.layout.Files))
	for i := range sizes {
		sizes[i] = -1
		if t.place == nil {
			continue
		}
		if sizes[i] = t.place.length(i); sizes[i] >= 0 {
			times[i] = t.place.Stamps[i]
		}
	}
	if t.place != nil {
		return sizes, times, nil
	}
	entries, err := os.ReadDir(t.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return sizes, times, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		i, err := strconv.Atoi(e.Name())
		if err != nil || i < 0 || i >= len(sizes) || strconv.Itoa(i) != e.Name() {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			sizes[i], times[i] = info.Size(), info.ModTime().UnixNano()
		}
	}
	return sizes, times, nil
}

// onDisk reports whether the files are long enough to hold all of a piece.
func (t *Torrent) onDisk(piece int) bool {
	offset, length := t.layout.PieceRange(piece)
	for _, s := range t.layout.segments(offset, length) {
		if !t.layout.Files[s.file].Hidden && t.sizes[s.file] < s.offset+s.length {
			return false
		}
	}
	return true
}

func (t *Torrent) path(file int) string { return filepath.Join(t.dir, strconv.Itoa(file)) }

func (t *Torrent) leavePlace() {
	if t.place != nil {
		t.place.close()
	}
}

// OnDamage sets what is called, from the store's goroutine, when files turned out to be shorter than they were and
// pieces that were complete are not any more.
func (t *Torrent) OnDamage(f func(pieces []int)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.onDamage = f
}

// OnComplete sets what is called, from the goroutine that says so, when a piece has become complete.
func (t *Torrent) OnComplete(f func(piece int)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.onComplete = f
}

// Piece tells whether a piece is complete, and whether that is known at all.
func (t *Torrent) Piece(piece int) (done, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.states[piece] == complete, t.states[piece] != unknown
}

// Complete notes that a piece's data was hashed and is right; it will be recorded after the data has been flushed,
// which is soon when it was the last piece.
func (t *Torrent) Complete(piece int) {
	if tell := t.complete(piece); tell != nil {
		tell(piece)
	}
}

// complete returns whom to tell if the piece has become complete; nil for nobody.
func (t *Torrent) complete(piece int) (tell func(piece int)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed || t.states[piece] == complete:
		return nil
	case t.suspect: // What was hashed need not be what is on the disk.
		t.doubt(piece)
		return nil
	}
	t.set(piece, complete)
	t.change(piece, true)
	if t.kept[piece] {
		return t.onComplete
	}
	offset, length := t.layout.PieceRange(piece)
	if t.dirty == nil {
		t.dirty = make(map[int]struct{})
	}
	for _, s := range t.layout.segments(offset, length) {
		if !t.layout.Files[s.file].Hidden {
			t.dirty[s.file] = struct{}{}
		}
	}
	t.store.flush.add(t, length)
	if t.content == t.size {
		t.store.flush.urge(t)
	}
	return t.onComplete
}

// Incomplete notes that a piece's data is missing or wrong.
func (t *Torrent) Incomplete(piece int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.states[piece] == incomplete {
		return
	}
	t.set(piece, incomplete)
	t.change(piece, false)
	if len(t.changes) > 0 {
		t.store.flush.add(t, 0)
	}
}

// set changes the state of a piece. mu must be held, here and below.
func (t *Torrent) set(piece int, s state) {
	switch t.states[piece] {
	case unknown:
		t.unchecked--
	case complete:
		t.count(piece, -1)
		t.lost++
	}
	t.states[piece] = s
	switch s {
	case unknown:
		t.unchecked++
	case incomplete:
		t.kept[piece] = false
	case complete:
		t.count(piece, 1)
	}
}

// count adds a complete piece to the bytes that are here, or takes it away.
func (t *Torrent) count(piece int, sign int64) {
	content := sign * t.layout.content(piece)
	t.content += content
	if t.kept[piece] {
		t.keptContent += content
	}
}

// damage notes that a file is shorter than it was: no piece that reaches beyond its end is complete any more. It must
// be called before anything makes the file longer again, since the gap would read as zeros.
func (t *Torrent) damage(file int, size int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if size >= t.sizes[file] {
		return
	}
	t.sizes[file] = size
	t.newFiles = true // The next one to write to it may make it anew.
	first, last := t.layout.pieces(file, max(0, size))
	for p := first; p < last; p++ {
		if t.states[p] == incomplete {
			continue
		}
		t.set(p, incomplete)
		t.change(p, false)
		t.damaged = append(t.damaged, p)
	}
	if len(t.damaged) > 0 {
		t.store.opts.Logger.Warn("a file is shorter than it was: its pieces are fetched again",
			"file", t.path(file), "size", size)
		t.store.flush.urge(t)
	}
}

// Close flushes and records what is pending and closes the files. Reads and writes fail from then on.
func (t *Torrent) Close() { t.close(false) }

// Discard is Close for a torrent whose data is to be deleted: nothing is flushed or recorded any more, nor is it
// waited for a flush that is under way.
func (t *Torrent) Discard() { t.close(true) }

// giveUp leaves unrecorded what could not be recorded until here: the torrent may be open again, and say something
// else, before the flusher comes to it.
func (t *Torrent) giveUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changes, t.dirty = nil, nil
}

func (t *Torrent) close(discard bool) {
	t.io.Lock()
	t.mu.Lock()
	wasClosed := t.closed
	t.closed = true
	t.discarded = t.discarded || discard
	t.onDamage = nil
	if discard {
		t.changes, t.dirty = nil, nil
	}
	t.mu.Unlock()
	t.io.Unlock()
	if wasClosed {
		return
	}
	if !discard {
		t.flush()
		t.flush() // If that has failed, there is something to take back.
		t.giveUp()
	}
	t.store.flush.remove(t)
	t.store.files.closeTorrent(t.infohash, len(t.layout.Files))
	t.leavePlace()
	t.store.forget(t)
}
