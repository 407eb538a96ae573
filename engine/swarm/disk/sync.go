package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSingleFlushes is how many files are flushed one by one; for more, one flush of the whole file system is quicker,
// where the system has one.
const maxSingleFlushes = 32

// syncer flushes files and folders, so that they survive a power cut. All flushes of the package go through it.
type syncer struct {
	// hook is Options.Flush.
	hook func(f *os.File, all bool, flush func() error) error
	// volume is the open folder through which the whole file system is flushed; nil if the system cannot. It stays
	// open so that no write error is missed.
	volume *os.File
}

func (s *syncer) sync(f *os.File, all bool, flush func() error) error {
	if s.hook != nil {
		return s.hook(f, all, flush)
	}
	return flush()
}

// syncAll flushes the file system that the data is on. It returns errors.ErrUnsupported if the system cannot. Any
// other error may concern files of other programs: flush files one by one to find out.
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

// syncDir flushes the names in a folder, on systems where folders can be flushed.
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

// makeDir creates a folder and its missing parents, and returns when their names would survive a power cut.
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

// commit flushes the data of batches, with one flush if there is much of it, and records the results.
func (s *syncer) commit(batches []*batch) {
	files := 0
	for _, b := range batches {
		files += len(b.files)
	}
	together := files > maxSingleFlushes && s.syncAll() == nil
	for _, b := range batches {
		var err error
		if !together {
			err = b.sync()
		}
		b.finish(err)
	}
}
