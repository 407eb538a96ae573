package register

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// writeChanged replaces a file as a whole, unless it has this content already.
func writeChanged(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // As every desktop makes it: others' programs read it.
		return err
	}
	// A link stays a link: people keep these files in a repository of their own.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".wtptui-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // It is gone when all went well.
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
