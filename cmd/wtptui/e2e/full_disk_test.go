package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// fillDisk leaves that many pages of 4 KiB free. The returned function frees the rest again.
func fillDisk(t *testing.T, dir string, pages int) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var size, n int
	for err == nil {
		n, err = f.Write(make([]byte, 4096))
		size += n
	}
	if err := errors.Join(f.Truncate(int64(max(0, size-4096*pages))), f.Close()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// On a disk with no room, or any amount up to enough, a start that has to migrate or rebuild the database works or ends
// with one line that says what to do, and so does the end. With room again, one start has all that was there.
func TestFullDiskLosesNothingAtStartAndEnd(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprint("database lost: ", lost), func(t *testing.T) {
			disk := mountSmallDisk(t, 2)
			for _, pages := range []int{0, 2, 9, 18} {
				w := peers.NewWtptui(t, bin, "--tracker", "none", "--doh", "https://127.0.0.1:1/dns-query")
				w.DataDir = filepath.Join(disk, fmt.Sprint("data", pages))
				if err := os.CopyFS(w.DataDir, os.DirFS(schema2Dir)); err != nil {
					t.Fatal(err)
				}
				if lost {
					w.Start(t)
					waitUpgraded(t, w, "before")
					w.Terminate(t)
					if err := os.Remove(databasePath(w)); err != nil {
						t.Fatal(err)
					}
				}
				empty := fillDisk(t, disk, pages)
				checkStartsOrExplains(t, w, pages)
				empty()
				w.Start(t)
				waitUpgraded(t, w, fmt.Sprint("after a start with ", pages, " pages free"))
				w.Terminate(t)
				if err := os.RemoveAll(w.DataDir); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// checkStartsOrExplains starts the program and ends it again, or checks that it ends with a line that says what to do.
func checkStartsOrExplains(t *testing.T, w *peers.Wtptui, pages int) {
	t.Helper()
	cmd := w.ServeCommand()
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	serving := false
	peers.Eventually(t, waitLong, "the start to work or to fail", func() error {
		_, _, code := w.RunCode(t, "ls")
		serving = code == 0
		select {
		case err := <-ended:
			ended <- err
			return nil
		default:
		}
		if !serving {
			return errors.New("neither")
		}
		return nil
	})
	if serving {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	err, _ := receive(t, ended, "the end of wtptui")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	last := lines[len(lines)-1]
	if !serving && (err == nil || !strings.Contains(last, "is full: free some space")) {
		t.Errorf("%d pages: %v, it says %s", pages, err, last)
	}
	if serving && err != nil {
		t.Errorf("%d pages: the end of it: %v, it says %s", pages, err, last)
	}
}
