package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// files is the numbered files of one torrent, or those of the place that it is seeded from, as one range of bytes. It
// knows the minimum length of each, and detects when one has become shorter. Its methods may be called from many
// goroutines.
type files struct {
	infohash [20]byte
	layout   *Layout
	dir      string
	place    *place // nil for data in our own folder
	pool     *pool
	syncer   *syncer
	log      *slog.Logger
	// onShorter is called when a file ends at size now. It reports whether pieces were lost.
	onShorter func(file int, size int64) bool

	// unshareMu is held while a file that is shared with another torrent is copied.
	unshareMu sync.Mutex

	mu sync.Mutex
	// sizes holds the minimum length of each file on disk, from what was found and written; -1 if there is no file.
	sizes []int64
	// unsyncedNames reports whether file names may not be flushed yet.
	unsyncedNames bool
	// writtenHere holds the files that were written since the last StatFiles.
	writtenHere map[int]struct{}
}

// stat returns the lengths of the files, -1 for a missing one, and their modification times in nanoseconds since 1970.
func (f *files) stat() (sizes, times []int64, err error) {
	sizes, times = make([]int64, len(f.layout.Files)), make([]int64, len(f.layout.Files))
	for i := range sizes {
		sizes[i] = -1
		if f.place == nil {
			continue
		}
		if sizes[i] = f.place.length(i); sizes[i] >= 0 {
			times[i] = f.place.Stamps[i]
		}
	}
	if f.place != nil {
		return sizes, times, nil
	}
	entries, err := os.ReadDir(f.dir)
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

// canHold reports whether the files are long enough to hold all of a piece.
func (f *files) canHold(piece int) bool {
	offset, length := f.layout.PieceRange(piece)
	for _, s := range f.layout.segments(offset, length) {
		if !f.layout.Files[s.file].Hidden && f.length(s.file) < s.offset+s.length {
			return false
		}
	}
	return true
}

func (f *files) path(file int) string { return filepath.Join(f.dir, strconv.Itoa(file)) }

// length returns the minimum length of a file.
func (f *files) length(file int) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sizes[file]
}

// takeExpected returns the minimum length of each file, and which files were written here since the last call. Writes
// from now on may or may not be visible on the disk.
func (f *files) takeExpected() (sizes []int64, ours map[int]struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ours, f.writtenHere = f.writtenHere, nil
	return append([]int64{}, f.sizes...), ours
}

// markNamesUnsynced records that file names may not be flushed yet. takeNamesUnsynced returns and clears that; the
// caller must flush them.
func (f *files) markNamesUnsynced() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unsyncedNames = true
}

func (f *files) takeNamesUnsynced() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	had := f.unsyncedNames
	f.unsyncedNames = false
	return had
}

// reportShorter records that a file has become shorter: pieces that reach beyond its end are not complete any more.
func (f *files) reportShorter(file int, size int64) {
	if f.shorten(file, size) {
		f.log.Warn("a file is shorter than it was: its pieces are fetched again", "file", f.path(file), "size", size)
	}
}

// shorten reports whether pieces are lost. They must be marked as lost before anything can make the file longer again,
// since the gap would read as zeros: that is why mu is held during onShorter.
func (f *files) shorten(file int, size int64) (lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if size >= f.sizes[file] {
		return false
	}
	f.sizes[file] = size
	f.unsyncedNames = true // The next write may create it again.
	return f.onShorter(file, size)
}

// recordWrite records that a file has been written to, up to end.
func (f *files) recordWrite(file int, end int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sizes[file] < 0 {
		f.unsyncedNames = true // Not before the file exists: a flush meanwhile has not seen it.
	}
	f.sizes[file] = max(f.sizes[file], end)
	if f.writtenHere == nil {
		f.writtenHere = make(map[int]struct{})
	}
	f.writtenHere[file] = struct{}{}
}

// read fills p with the content of the files, verified or not. It returns io.EOF if a file is too short.
func (f *files) read(p []byte, off int64) error {
	for _, s := range f.layout.segments(off, int64(len(p))) {
		if err := f.readSegment(s, p[:s.length]); err != nil {
			return err
		}
		p = p[s.length:]
	}
	if len(p) > 0 {
		return io.EOF
	}
	return nil
}

func (f *files) readSegment(s segment, p []byte) error {
	if f.layout.Files[s.file].Hidden {
		clear(p)
		return nil
	}
	h, err := f.openForRead(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		f.reportShorter(s.file, -1)
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("disk: read: %w", err)
	}
	defer f.pool.release(h)
	if f.place != nil {
		if info, statErr := h.Stat(); statErr != nil || !f.place.isUnchanged(s.file, info) {
			f.reportShorter(s.file, -1)
			f.pool.discard(h)
			return io.EOF
		}
	}
	_, err = h.ReadAt(p, s.offset)
	if errors.Is(err, io.EOF) {
		if info, statErr := h.Stat(); statErr == nil {
			f.reportShorter(s.file, info.Size())
		}
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("disk: read: %w", err)
	}
	return nil
}

func (f *files) openForRead(file int) (*handle, error) {
	if f.place != nil {
		return f.pool.acquireWith(fileKey{f.infohash, file}, false, func() (*os.File, bool, error) {
			opened, err := f.place.open(file)
			return opened, false, err
		})
	}
	return f.pool.acquire(fileKey{f.infohash, file}, f.path(file), false)
}

// sync flushes a file.
func (f *files) sync(file int) error {
	if f.place != nil {
		return nil // Nothing was written here.
	}
	h, err := f.openForRead(file)
	if errors.Is(err, fs.ErrNotExist) {
		f.reportShorter(file, -1)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.pool.release(h)
	return f.syncer.syncFile(h.File)
}

// syncFolders flushes the names of the files, and of their folder.
func (f *files) syncFolders() error {
	return errors.Join(f.syncer.syncDir(f.dir), f.syncer.syncDir(filepath.Dir(f.dir)))
}

func (f *files) close() {
	f.pool.closeTorrent(f.infohash, len(f.layout.Files))
	f.place.close()
}
