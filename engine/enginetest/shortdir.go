package enginetest

import (
	"os"
	"runtime"
	"testing"
)

// longTemp is the maximum length, in bytes, of the path of the system's folder for temporary files. Sockets a few
// levels deeper then have paths of at most 103 bytes, which every system accepts.
const longTemp = 60

// ShortDir returns a folder for a test whose path is short enough for a unix socket in it. The path of t.TempDir
// contains the name of the test, and TMPDIR may be long.
func ShortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(ShortDirParent(), "wtp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// ShortDirParent returns the folder in which ShortDir creates folders, for callers without a testing.TB.
func ShortDirParent() string {
	if len(os.TempDir()) > longTemp && runtime.GOOS != "windows" {
		return "/tmp"
	}
	return os.TempDir()
}
