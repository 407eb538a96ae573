package e2e_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// runAsNobody gives the data folder to an ordinary user, and has the command run as that user, since root may read
// everything.
func runAsNobody(t *testing.T, w *peers.Wtptui, cmd *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	err := filepath.WalkDir(w.DataDir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, nobodyUID, nobodyUID))
	})
	if err == nil {
		err = os.Chmod(filepath.Dir(w.DataDir), 0o711) // There are no secrets in it.
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyUID, Gid: nobodyUID}}
}

// startAsNobody starts the program as an ordinary user. The returned function stops it and returns its log.
func startAsNobody(t *testing.T, w *peers.Wtptui) (end func() string) {
	t.Helper()
	cmd := w.ServeCommand()
	runAsNobody(t, w, cmd)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	peers.Eventually(t, waitLong, "the program to answer", func() error {
		if _, stderr, code := w.RunCode(t, "ls"); code != 0 {
			return errors.New(stderr)
		}
		return nil
	})
	return func() string {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err, _ := receive(t, ended, "the end of wtptui"); err != nil {
			t.Errorf("it ended with %v", err)
		}
		return log.String()
	}
}

// A folder that the program may not read is reported at its site, and all others work. Nothing of it is lost, even if
// the database is: when the folder is readable again, the next start has all that was there.
func TestUnreadableFolderIsReportedAndLosesNothing(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	const pinned = "0155f9d5a004019efae1323d9abfc8ef5ea70d8a"
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprint("database lost: ", lost), func(t *testing.T) {
			w := peers.NewWtptui(t, bin, "--tracker", "none", "--doh", "https://127.0.0.1:1/dns-query")
			if err := os.CopyFS(w.DataDir, os.DirFS(schema2Dir)); err != nil {
				t.Fatal(err)
			}
			end := startAsNobody(t, w)
			waitUpgraded(t, w, "before")
			end()
			if lost {
				if err := os.Remove(databasePath(w)); err != nil {
					t.Fatal(err)
				}
			}
			folder := filepath.Join(w.DataDir, "sites", pinned)
			if err := os.Chmod(folder, 0); err != nil {
				t.Fatal(err)
			}
			end = startAsNobody(t, w)
			want := strings.Replace(upgradedSiteList, "Pinned: seeding pinned", "Pinned: error pinned", 1)
			if lost {
				want = strings.Replace(upgradedSiteList, "Pinned: seeding pinned", pinned+": found", 1)
			}
			peers.Eventually(t, waitLong, "what is said of a folder without rights", func() error {
				if got := listSitesText(t, w); got != want {
					return fmt.Errorf("%s\nwant%s", got, want)
				}
				return nil
			})
			site, _ := w.Find(t, pinned)
			log := end()
			if !strings.Contains(log, "a data folder cannot be read") || !strings.Contains(log, "permission denied") {
				t.Errorf("the log does not say what is wrong:\n%s", log)
			}
			if !lost && !strings.Contains(site.Error, "make it") {
				t.Errorf("the site says %q", site.Error)
			}
			if err := os.Chmod(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			end = startAsNobody(t, w)
			waitUpgraded(t, w, "with rights again")
			end()
		})
	}
}

// On a read-only file system, the start ends with one line that says what to do, and nothing is lost.
func TestReadOnlyDataFolderIsRefused(t *testing.T) {
	t.Parallel()
	disk := mountSmallDisk(t, 2)
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none", "--doh", "https://127.0.0.1:1/dns-query")
	w.DataDir = filepath.Join(disk, "data")
	if err := os.CopyFS(w.DataDir, os.DirFS(schema2Dir)); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // with a folder of the version before, and one of this version
		remount(syscall.MS_RDONLY)
		_, stderr, code := w.RunCode(t, "serve", "--listen", "127.0.0.1:0")
		if code != 1 || !isOneLine(stderr) || !strings.Contains(stderr, w.DataDir) ||
			!strings.Contains(stderr, "make it writable") {
			t.Errorf("exit code %d, said %q", code, stderr)
		}
		remount(0)
		w.Start(t)
		waitUpgraded(t, w, "once it can be written to")
		w.Terminate(t)
	}
}
