package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// fewFiles are flushed one by one; for more of them, one flush of the whole file system is quicker where there is one.
const fewFiles = 32

// syncer flushes files and folders: what it has flushed survives a power cut. Every flush of the package goes through it.
type syncer struct {
	// hook is Options.Flush.
	hook func(f *os.File, all bool, flush func() error) error
	// volume is what the whole file system is flushed through; nil where a system cannot. It is kept open so that no
	// error of a write is missed.
	volume *os.File
}

func (s *syncer) sync(f *os.File, all bool, flush func() error) error {
	if s.hook != nil {
		return s.hook(f, all, flush)
	}
	return flush()
}

// syncAll flushes the whole file system that the data is on. It fails with errors.ErrUnsupported where a system cannot.
// Another error may be about a file of somebody else: flushing files one by one tells.
func (s *syncer) syncAll() error {
	if s.volume == nil {
		return errors.ErrUnsupported
	}
	return s.sync(s.volume, true, func() error { return syncVolume(s.volume) })
}

// syncFile flushes an open file.
func (s *syncer) syncFile(f *os.File) error { return s.sync(f, false, f.Sync) }

// syncPath flushes a file.
func (s *syncer) syncPath(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(s.syncFile(f), f.Close())
}

// syncDir makes the names of new files survive a power cut, on systems where folders can be flushed.
func (s *syncer) syncDir(path string) error {
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
func (s *syncer) makeDir(path string) error {
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
func (s *syncer) commit(batches []*batch) {
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
