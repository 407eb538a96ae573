//go:build unix

package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wtptui/engine"
)

// TestFolderThatCannotBeWritten opens in a child that gives up root's rights, if it has them.
func TestFolderThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	existing := filepath.Join(dir, "wtptui.db")
	sampleContent(t, existing)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, f := range files { // An ordinary user's child owns them, and needs no more than that.
		must(t, os.Chmod(f, 0o400))
	}
	must(t, os.Chmod(dir, 0o555))
	defer func() { _ = os.Chmod(dir, 0o700) }() // So that it can be deleted.
	for _, path := range []string{existing, filepath.Join(dir, "new.db"), filepath.Join(dir, "data", "wtptui.db")} {
		out, err := child(path, "open as nobody").Output()
		must(t, err)
		if got := string(out); !strings.HasPrefix(got, "unavailable: wtptui may not write to "+filepath.Dir(path)) ||
			!strings.HasSuffix(got, "choose another --data-dir\n") || strings.Count(got, "\n") != 1 {
			t.Errorf("opening %s says: %s", path, got)
		}
	}
}

func childOpenAsNobody(path string) {
	if os.Getuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	_, _, err := Open(path, nil)
	fmt.Printf("%s: %s\n", engine.KindOf(err), engine.Message(err))
	os.Exit(0)
}

func TestFolderThatIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, _, err := Open(filepath.Join(file, "wtptui.db"), nil)
	wantEqual(t, engine.KindOf(err), engine.Unavailable)
	wantEqual(t, engine.Message(err), engine.Clean(file)+" is not a folder: choose another --data-dir")
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{
		syscall.EROFS:  "wtptui may not write to /data: make it writable, or choose another --data-dir",
		syscall.EACCES: "wtptui may not write to /data: make it writable, or choose another --data-dir",
		syscall.ENOSPC: "the disk that holds /data is full: free some space, or choose another --data-dir",
		syscall.EDQUOT: "the disk that holds /data is full: free some space, or choose another --data-dir",
	} {
		err := wrapError("open", "/data/wtptui.db", &os.PathError{Op: "write", Path: "/data/wtptui.db", Err: errno})
		wantEqual(t, engine.KindOf(err), engine.Unavailable)
		wantEqual(t, engine.Message(err), want)
	}
}
