package store

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// copyFile copies a file, replacing an existing one. The copy has mode 0600 and is on the disk when copyFile returns.
// If it fails there is none.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // Nothing was written.
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(dst, src); err == nil {
		err = dst.Sync()
	}
	if err = errors.Join(err, dst.Close()); err != nil {
		_ = os.Remove(to) // The next attempt truncates it anyway.
	}
	return err
}

// rename renames a file, replacing an existing one. The change is on the disk when it returns.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // It has no way to flush a folder.
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
