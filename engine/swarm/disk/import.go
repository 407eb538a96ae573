package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// Import writes one file of a torrent that is not open from r, and returns when it would survive a power cut. A failed
// import leaves no file behind.
func (s *Store) Import(infohash [20]byte, file int, r io.Reader) (err error) {
	if s.isOpen(infohash) {
		return ErrOpen
	}
	if file < 0 {
		return fmt.Errorf("disk: import: file %d: %w", file, os.ErrInvalid)
	}
	dir := s.folder(infohash)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("disk: import: %w", err)
	}
	path := filepath.Join(dir, strconv.Itoa(file))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("disk: import: %w", err)
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return fmt.Errorf("disk: import: %w", errors.Join(err, os.Remove(path)))
	}
	if err := errors.Join(syncDir(dir), syncDir(s.opts.Dir)); err != nil {
		return fmt.Errorf("disk: import: %w", err)
	}
	return nil
}
