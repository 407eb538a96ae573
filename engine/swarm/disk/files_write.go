package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// write writes p to the files, beginning at off.
func (f *files) write(p []byte, off int64) (n int, err error) {
	for _, s := range f.layout.segments(off, int64(len(p))) {
		if !f.layout.Files[s.file].Hidden {
			if err := f.writeSegment(s, p[n:n+int(s.length)]); err != nil {
				return n, err
			}
		}
		n += int(s.length)
	}
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

func (f *files) writeSegment(s segment, p []byte) error {
	h, err := f.openForWrite(s.file)
	if err != nil {
		return err
	}
	defer f.pool.release(h)
	if _, err := h.WriteAt(p, s.offset); err != nil {
		return err
	}
	f.recordWrite(s.file, s.offset+s.length)
	return nil
}

// openForWrite opens a file and checks that it still is what it was when it was last written: as long, and in its
// folder.
func (f *files) openForWrite(file int) (*handle, error) {
	expected := f.length(file)
	if expected < 0 {
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return nil, err
		}
	}
	key, path := fileKey{f.infohash, file}, f.path(file)
	for {
		h, err := f.pool.acquire(key, path, true)
		if errors.Is(err, fs.ErrNotExist) {
			// The whole folder was removed.
			f.reportShorter(file, -1)
			err = os.MkdirAll(f.dir, 0o700)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		info, err := h.Stat()
		if err != nil {
			f.pool.release(h)
			return nil, err
		}
		if unlinked(info) {
			f.reportShorter(file, -1)
			f.pool.discard(h)
			f.pool.release(h)
			continue
		}
		if shared(info) {
			// Another version of the site has the same file, and must not see unverified bytes.
			if err := f.unshare(h); err != nil {
				return nil, err
			}
			continue
		}
		if info.Size() < expected {
			f.reportShorter(file, info.Size())
		}
		return h, nil
	}
}

// unshare replaces a file that other torrents share with a copy, and releases the handle.
func (f *files) unshare(h *handle) error {
	defer f.pool.release(h)
	f.unshareMu.Lock()
	defer f.unshareMu.Unlock()
	path := f.path(h.key.index)
	info, err := os.Stat(path)
	if err != nil || !shared(info) { // Another goroutine was faster.
		f.pool.discard(h)
		return err
	}
	own, err := os.CreateTemp(f.dir, copyPrefix)
	if err != nil {
		return err
	}
	_, err = io.Copy(own, io.NewSectionReader(h, 0, info.Size()))
	if err == nil {
		err = f.syncer.syncFile(own)
	}
	if err = errors.Join(err, own.Close()); err == nil {
		err = os.Rename(own.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(own.Name()))
	}
	f.markNamesUnsynced()
	f.pool.discard(h)
	return nil
}

// rewrite writes the content of a file again, up to the length of buf.
func (f *files) rewrite(s segment, buf []byte) error {
	s.length = min(s.length, int64(len(buf)), f.length(s.file)-s.offset)
	if s.length <= 0 {
		return nil // Nothing was written there.
	}
	err := f.readSegment(s, buf[:s.length])
	if errors.Is(err, io.EOF) {
		return nil // The file has become shorter or is gone: its pieces are missing.
	}
	if err != nil {
		return err
	}
	return f.writeSegment(s, buf[:s.length])
}
