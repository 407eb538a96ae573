package keyring

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func readSeed(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSeed))
}

// writeNew writes a file of that name, readable for its owner alone, that must not exist: whole, and on the disk when it
// returns. The error wraps fs.ErrExist if it does.
func writeNew(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Link(f.Name(), path) // Unlike a rename it replaces nothing.
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = copyNew(path, content) // Not every file system has links.
		}
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	return err
}

func copyNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // Not every system can.
	return nil
}
