package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// ReadAt reads verified bytes. It gives fewer, and io.EOF, where a piece is not complete or its file turns out to be
// too short.
func (t *Torrent) ReadAt(p []byte, off int64) (n int, err error) {
	t.io.RLock()
	defer t.io.RUnlock()
	n = t.verified(len(p), off)
	if n == 0 {
		return 0, t.notVerified()
	}
	if err := t.readRaw(p[:n], off); err != nil {
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

func (t *Torrent) notVerified() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return errClosed
	}
	return io.EOF
}

// verified is how many of n bytes from off on lie in complete pieces without a gap.
func (t *Torrent) verified(n int, off int64) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || off < 0 || n == 0 || t.layout.PieceLength == 0 {
		return 0
	}
	end := off
	for p := int(off / t.layout.PieceLength); p < len(t.states) && t.states[p] == complete; p++ {
		start, length := t.layout.PieceRange(p)
		if end < start {
			break
		}
		end = max(end, start+length)
		if end >= off+int64(n) {
			return n
		}
	}
	return int(end - off)
}

// readRaw fills p with what the files hold.
func (t *Torrent) readRaw(p []byte, off int64) error {
	for _, s := range t.layout.segments(off, int64(len(p))) {
		if err := t.readFile(s, p[:s.length]); err != nil {
			return err
		}
		p = p[s.length:]
	}
	if len(p) > 0 {
		return io.EOF
	}
	return nil
}

func (t *Torrent) readFile(s segment, p []byte) error {
	if t.layout.Files[s.file].Hidden {
		clear(p)
		return nil
	}
	h, err := t.openForRead(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		t.damage(s.file, -1)
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("disk: read: %w", err)
	}
	defer t.store.files.release(h)
	if t.place != nil {
		if info, statErr := h.Stat(); statErr != nil || !t.place.asWas(s.file, info) {
			t.damage(s.file, -1)
			t.store.files.discard(h)
			return io.EOF
		}
	}
	_, err = h.ReadAt(p, s.offset)
	if errors.Is(err, io.EOF) {
		if info, statErr := h.Stat(); statErr == nil {
			t.damage(s.file, info.Size())
		}
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("disk: read: %w", err)
	}
	return nil
}

func (t *Torrent) openForRead(file int) (*handle, error) {
	if t.place != nil {
		return t.store.files.acquireWith(fileKey{t.infohash, file}, false, func() (*os.File, bool, error) {
			f, err := t.place.open(file)
			return f, false, err
		})
	}
	return t.store.files.acquire(fileKey{t.infohash, file}, t.path(file), false)
}

// hashBuffers are shared by all who hash pieces.
var hashBuffers = sync.Pool{New: func() any { b := make([]byte, 128<<10); return &b }}

// CopyPiece writes what the files hold of a piece, verified or not, for hashing. It ends with io.EOF where a file is
// too short.
func (t *Torrent) CopyPiece(w io.Writer, piece int) (n int64, err error) {
	t.io.RLock()
	defer t.io.RUnlock()
	if t.isClosed() {
		return 0, errClosed
	}
	buf := hashBuffers.Get().(*[]byte)
	defer hashBuffers.Put(buf)
	offset, length := t.layout.PieceRange(piece)
	for n < length {
		p := (*buf)[:min(int64(len(*buf)), length-n)]
		if err := t.readRaw(p, offset+n); err != nil {
			return n, err
		}
		if _, err := w.Write(p); err != nil {
			return n, err
		}
		n += int64(len(p))
	}
	return n, nil
}

func (t *Torrent) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

func (t *Torrent) isDiscarded() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.discarded
}

// WriteAt writes bytes that are not verified yet.
func (t *Torrent) WriteAt(p []byte, off int64) (n int, err error) {
	t.io.RLock()
	defer t.io.RUnlock()
	switch {
	case t.isClosed():
		return 0, errClosed
	case t.place != nil:
		return 0, errInPlace
	}
	t.noteWritten(off, int64(len(p)))
	for _, s := range t.layout.segments(off, int64(len(p))) {
		if !t.layout.Files[s.file].Hidden {
			if err := t.writeFile(s, p[n:n+int(s.length)]); err != nil {
				return n, fmt.Errorf("disk: write: %w", err)
			}
		}
		n += int(s.length)
	}
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// noteWritten notes which pieces are about to be written to.
func (t *Torrent) noteWritten(off, length int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := off / t.layout.PieceLength; p*t.layout.PieceLength < off+length; p++ {
		t.written[int(p)] = struct{}{}
	}
}

func (t *Torrent) writeFile(s segment, p []byte) error {
	h, err := t.openForWrite(s.file)
	if err != nil {
		return err
	}
	defer t.store.files.release(h)
	if _, err := h.WriteAt(p, s.offset); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sizes[s.file] < 0 {
		t.newFiles = true // Only now that it is there: a flush meanwhile has not seen it.
	}
	t.sizes[s.file] = max(t.sizes[s.file], s.offset+s.length)
	if t.ours == nil {
		t.ours = make(map[int]struct{})
	}
	t.ours[s.file] = struct{}{}
	return nil
}

// openForWrite opens a file and makes sure that it is still what it was when it was last written: as long, and in its
// folder.
func (t *Torrent) openForWrite(file int) (*handle, error) {
	t.mu.Lock()
	expected := t.sizes[file]
	t.mu.Unlock()
	if expected < 0 {
		if err := os.MkdirAll(t.dir, 0o700); err != nil {
			return nil, err
		}
	}
	key, path := fileKey{t.infohash, file}, t.path(file)
	for {
		h, err := t.store.files.acquire(key, path, true)
		if errors.Is(err, fs.ErrNotExist) {
			// The whole folder went away.
			t.damage(file, -1)
			err = os.MkdirAll(t.dir, 0o700)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		info, err := h.Stat()
		if err != nil {
			t.store.files.release(h)
			return nil, err
		}
		if unlinked(info) {
			t.damage(file, -1)
			t.store.files.discard(h)
			t.store.files.release(h)
			continue
		}
		if shared(info) {
			// Another version of the site has the same file: it must not see bytes that nobody has verified.
			if err := t.unshare(h); err != nil {
				return nil, err
			}
			continue
		}
		if info.Size() < expected {
			t.damage(file, info.Size())
		}
		return h, nil
	}
}

// unshare gives the torrent a copy of its own of a file that other torrents have too, and gives the handle back.
func (t *Torrent) unshare(h *handle) error {
	defer t.store.files.release(h)
	t.unsharing.Lock()
	defer t.unsharing.Unlock()
	path := t.path(h.key.index)
	info, err := os.Stat(path)
	if err != nil || !shared(info) { // Somebody was faster.
		t.store.files.discard(h)
		return err
	}
	own, err := os.CreateTemp(t.dir, copyPrefix)
	if err != nil {
		return err
	}
	_, err = io.Copy(own, io.NewSectionReader(h, 0, info.Size()))
	if err == nil {
		err = t.store.syncFile(own)
	}
	if err = errors.Join(err, own.Close()); err == nil {
		err = os.Rename(own.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(own.Name()))
	}
	t.mu.Lock()
	t.newFiles = true
	t.mu.Unlock()
	t.store.files.discard(h)
	return nil
}
