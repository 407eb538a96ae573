package register

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// writeIfChanged replaces a file atomically, unless it has this content already.
func writeIfChanged(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	// The mode is that of every desktop: programs of others read these files.
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	// A symbolic link is kept: people keep these files in a repository of their own.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".wtptui-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // After success it no longer exists.
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
