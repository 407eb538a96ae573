package control_test

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/control"
)

// leaveStaleSocket creates a socket on which nobody listens, as a program that was killed does.
func leaveStaleSocket(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	ln.Close()
}

func TestListenIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := socketPath(t)
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

func TestListenReplacesStaleSocket(t *testing.T) {
	path := socketPath(t)
	leaveStaleSocket(t, path)
	ln, err := control.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there after Close: %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	t.Run("running", func(t *testing.T) {
		path, _ := serve(t, &script{})
		if _, err := control.Listen(path); engine.KindOf(err) != engine.Conflict {
			t.Errorf("got %v, want Conflict", err)
		}
		dial(t, path) // The running one is not harmed.
	})
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(enginetest.ShortDir(t), "control.sock")
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := control.Listen(path); engine.KindOf(err) != engine.Conflict {
			t.Errorf("got %v, want Conflict", err)
		}
		if data, err := os.ReadFile(path); string(data) != "precious" {
			t.Errorf("the file was touched: %q, %v", data, err)
		}
	})
	t.Run("long path", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), strings.Repeat("x", 120), "control.sock")
		_, err := control.Listen(path)
		_, dialErr := control.Dial(t.Context(), path)
		for _, err := range []error{err, dialErr} {
			if engine.KindOf(err) != engine.Invalid || !strings.Contains(engine.Message(err), "--data-dir") {
				t.Errorf("got %v, want Invalid and what to do", err)
			}
		}
		if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
			t.Errorf("a folder was made for it: %v", err)
		}
	})
}
