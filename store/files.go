package store

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// writeFile makes or replaces a file of mode 0600 and returns when its content is on the disk. On error there is none.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	out := &output{w: f}
	err = write(out)
	switch {
	case out.err != nil:
		err = out.err
	case err == nil:
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // It is of no use, and the next attempt truncates it anyway.
	}
	return err
}

// copyFile makes a copy that is on the disk when it returns.
func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // Nothing was written.
	return writeFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, src)
		return err
	})
}

// rename replaces to by from and returns when that is on the disk.
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

// output remembers why writing failed: bbolt keeps the text of an error only, and whether the disk is full is then lost.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil {
		o.err = err
	}
	return n, err
}
