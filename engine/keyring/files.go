package keyring

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func readSmallFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// writeNew creates a file that is readable by its owner alone and must not exist yet. It is complete and on the disk
// when writeNew returns. The error wraps fs.ErrExist if the file exists.
func (r *Ring) writeNew(path string, content []byte) error {
	temp, err := writeTemp(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	err = r.link(temp, path) // Unlike a rename, it replaces no file.
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = writeExclusive(path, content) // Not every file system has links.
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	return err
}

// replaceFile writes a file that is readable by its owner alone, and replaces an existing one atomically.
func replaceFile(path string, content []byte) error {
	temp, err := writeTemp(filepath.Dir(path), content)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return syncFolder(filepath.Dir(path))
}

// writeTemp writes a new temporary file, readable by its owner alone, and returns its path.
func writeTemp(dir string, content []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return "", err
	}
	return f.Name(), writeAndClose(f, content)
}

// writeExclusive is writeNew for a file system without links: after a crash the file may be incomplete.
func writeExclusive(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return writeAndClose(f, content)
}

// writeAndClose writes a new file and closes it. If that fails, it removes the file.
func writeAndClose(f *os.File, content []byte) error {
	_, err := f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
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
