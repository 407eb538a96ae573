package enginetest

import (
	"os"
	"runtime"
	"testing"
)

// longTemp is how long, in bytes, the name of the system's folder for temporary files may be so that sockets a few
// levels deeper have names of 103 bytes at most, which is what every system takes.
const longTemp = 60

// ShortDir returns a folder for a test, whose name is short enough for a unix socket in it. t.TempDir's has the name of
// the test in it, and TMPDIR may be anything.
func ShortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(ShortDirParent(), "wtp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// ShortDirParent returns the folder that ShortDir makes folders in: for what has no testing.TB.
func ShortDirParent() string {
	if len(os.TempDir()) > longTemp && runtime.GOOS != "windows" {
		return "/tmp"
	}
	return os.TempDir()
}
