package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fewFiles are flushed one by one; for more of them, one flush of the whole file system is quicker where there is one.
const fewFiles = 32

// sync is what every flush of the package goes through.
func (s *Store) sync(f *os.File, all bool, flush func() error) error {
	if s.opts.Flush != nil {
		return s.opts.Flush(f, all, flush)
	}
	return flush()
}

// syncAll flushes the whole file system that the data is on. It fails with errors.ErrUnsupported where a system cannot.
// Another error may be about a file of somebody else: flushing files one by one tells.
func (s *Store) syncAll() error {
	if s.volume == nil {
		return errors.ErrUnsupported
	}
	return s.sync(s.volume, true, func() error { return syncVolume(s.volume) })
}

// syncFile flushes an open file.
func (s *Store) syncFile(f *os.File) error { return s.sync(f, false, f.Sync) }

// syncPath flushes a file.
func (s *Store) syncPath(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(s.syncFile(f), f.Close())
}

// syncDir makes the names of new files survive a power cut, on systems where folders can be flushed.
func (s *Store) syncDir(path string) error {
	d, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	err = s.syncFile(d)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

// makeDir makes a folder and those above it that are missing, and returns when their names would survive a power cut.
func (s *Store) makeDir(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := s.makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.syncDir(parent)
}

// commit flushes what batches have written, together where there is much of it, and records what came of it.
func (s *Store) commit(batches []*batch) {
	files := 0
	for _, b := range batches {
		files += len(b.files)
	}
	together := files > fewFiles && s.syncAll() == nil
	for _, b := range batches {
		var err error
		if !together {
			err = b.sync()
		}
		b.finish(err)
	}
}

// sync flushes the files of a batch one by one, and the folders after them. It ends early when the torrent is
// discarded.
func (b *batch) sync() error {
	t := b.t
	for _, i := range b.files {
		if err := t.syncOne(i); err != nil {
			return fmt.Errorf("disk: flush: %w", err)
		}
	}
	if !b.newFiles {
		return nil
	}
	if err := errors.Join(t.store.syncDir(t.dir), t.store.syncDir(t.store.opts.Dir)); err != nil {
		return fmt.Errorf("disk: flush a folder: %w", err)
	}
	return nil
}

func (t *Torrent) syncOne(file int) error {
	t.io.RLock() // Whoever discards the torrent waits for this file, and for no other.
	defer t.io.RUnlock()
	if t.place != nil || t.isDiscarded() {
		return nil // We have written nothing, or nobody wants it.
	}
	h, err := t.store.files.acquire(fileKey{t.infohash, file}, t.path(file), false)
	if errors.Is(err, fs.ErrNotExist) {
		t.damage(file, -1)
		return nil
	}
	if err != nil {
		return err
	}
	defer t.store.files.release(h)
	return t.store.syncFile(h.File)
}
