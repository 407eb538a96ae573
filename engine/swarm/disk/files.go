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

// files are the numbered files of one torrent, or those of the place that it is seeded from, as one range of bytes. It
// knows how long each must at least be, and tells when one has become shorter. Its methods may be called from many
// goroutines.
type files struct {
	infohash [20]byte
	layout   *Layout
	dir      string
	place    *place // nil for data in our own folder
	pool     *pool
	syncer   *syncer
	log      *slog.Logger
	// cut is told that a file ends at size now, and reports whether pieces are lost with what was there.
	cut func(file int, size int64) bool

	// unsharing lets one goroutine copy a file that is shared with another torrent.
	unsharing sync.Mutex

	mu sync.Mutex
	// sizes are how long each file on disk must at least be, from what was found and written; -1 when there is none.
	sizes []int64
	// newFiles says that names need not be on the disk yet.
	newFiles bool
	// ours are files that were written since the last Look.
	ours map[int]struct{}
}

// stat returns how long the files are, -1 for one that is not there, and when they were last written, in nanoseconds
// since 1970.
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

// hold reports whether the files are long enough to hold all of a piece.
func (f *files) hold(piece int) bool {
	offset, length := f.layout.PieceRange(piece)
	for _, s := range f.layout.segments(offset, length) {
		if !f.layout.Files[s.file].Hidden && f.length(s.file) < s.offset+s.length {
			return false
		}
	}
	return true
}

func (f *files) path(file int) string { return filepath.Join(f.dir, strconv.Itoa(file)) }

// length is how long a file must at least be.
func (f *files) length(file int) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sizes[file]
}

// expected returns how long each file must at least be, and which ones were written here since it was called last. What
// is written from now on may be seen on the disk, or not.
func (f *files) expected() (sizes []int64, ours map[int]struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ours, f.ours = f.ours, nil
	return append([]int64{}, f.sizes...), ours
}

// renew notes that the names of files need not be on the disk any more, and takeNew reports whether that is so, and
// forgets it: the caller flushes them.
func (f *files) renew() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.newFiles = true
}

func (f *files) takeNew() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	had := f.newFiles
	f.newFiles = false
	return had
}

// damage notes that a file is shorter than it was: no piece that reaches beyond its end is complete any more.
func (f *files) damage(file int, size int64) {
	if f.shorten(file, size) {
		f.log.Warn("a file is shorter than it was: its pieces are fetched again", "file", f.path(file), "size", size)
	}
}

// shorten reports whether pieces are lost. They are before anything can make the file longer again, since the gap would
// read as zeros: that is why others wait for mu meanwhile.
func (f *files) shorten(file int, size int64) (lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if size >= f.sizes[file] {
		return false
	}
	f.sizes[file] = size
	f.newFiles = true // The next one to write to it may make it anew.
	return f.cut(file, size)
}

// grow notes that a file has been written to, up to end.
func (f *files) grow(file int, end int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sizes[file] < 0 {
		f.newFiles = true // Only now that it is there: a flush meanwhile has not seen it.
	}
	f.sizes[file] = max(f.sizes[file], end)
	if f.ours == nil {
		f.ours = make(map[int]struct{})
	}
	f.ours[file] = struct{}{}
}

// read fills p with what the files hold, verified or not. It fails with io.EOF where one is too short.
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
		f.damage(s.file, -1)
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("disk: read: %w", err)
	}
	defer f.pool.release(h)
	if f.place != nil {
		if info, statErr := h.Stat(); statErr != nil || !f.place.asWas(s.file, info) {
			f.damage(s.file, -1)
			f.pool.discard(h)
			return io.EOF
		}
	}
	_, err = h.ReadAt(p, s.offset)
	if errors.Is(err, io.EOF) {
		if info, statErr := h.Stat(); statErr == nil {
			f.damage(s.file, info.Size())
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
		return nil // We have written nothing.
	}
	h, err := f.openForRead(file)
	if errors.Is(err, fs.ErrNotExist) {
		f.damage(file, -1)
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
