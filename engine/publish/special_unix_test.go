//go:build unix

package publish

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
)

// special adds what only some systems have.
func special(t *testing.T, dir string, want map[string]string) {
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err == nil { // The path may be too long for one.
		t.Cleanup(func() { _ = l.Close() })
		want["socket"] = "special:leave out "
	}
	if err := os.WriteFile(dir+"/bad\xff", nil, 0o600); err == nil { // Some systems know better.
		want[engine.Clean("bad\xff")] = "bad-name:refuse "
	}
	want["pipe"] = "special:leave out "
}

// A pipe is not waited for, and what is no list of patterns is not read.
func TestIgnoreFileThatIsNone(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a pipe":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder":    func(path string) error { return os.Mkdir(path, 0o700) },
		"a huge file": func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 1<<40)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, "site", map[string]string{"index.html": "x"})
			if err := put(filepath.Join(dir, IgnoreFile)); err != nil {
				t.Skip("needs such a thing: ", err)
			}
			f, ended := open(t, dir), make(chan error, 1)
			go func() {
				_, err := f.Check(t.Context(), Rules{Now: later()}, nil)
				ended <- err
			}()
			select {
			case err := <-ended:
				kind(t, err, engine.Invalid)
			case <-time.After(time.Minute):
				t.Error("the check waits for it")
			}
		})
	}
}
