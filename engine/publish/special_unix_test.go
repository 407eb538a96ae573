//go:build unix

package publish

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

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
