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

// listStaged returns what is being assembled in the data folder: the folders, and how many files they have.
func listStaged(t *testing.T, w *peers.Wtptui) (folders []string, files int) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(w.DataDir, "sites", "incoming-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		files += len(entries)
	}
	return folders, files
}

// After a kill while a folder is copied or hashed, the next start has all of the former version or all of the new one,
// and publishing again works.
func TestKillWhilePublishingLeavesOneWholeVersion(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "site")
	const files = 400
	version := func(v int) {
		for i := range files {
			putFile(t, dir, fmt.Sprintf("%03d.txt", i), strings.Repeat(fmt.Sprintf("version %d of %d\n", v, i), 2000))
		}
		putFile(t, dir, "index.html", fmt.Sprintf("version %d", v))
	}
	version(0)
	w := startWtptui(t, "--tracker", "none")
	former := publish(t, w, dir, "--name", "site.example").Infohash
	for v, until := range []int{1, files / 2, files + 1} {
		version(v + 1)
		cmd := w.Command("publish", dir, "--name", "site.example")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		peers.Eventually(t, waitLong, "the copy to be under way", func() error {
			select {
			case <-ended:
				return nil // It was too quick to be killed on its way, which the rest holds for as well.
			default:
			}
			if _, n := listStaged(t, w); n < until {
				return fmt.Errorf("%d files", n)
			}
			return nil
		})
		w.Kill()
		receive(t, ended, "the end of the publish verb, whose engine was killed")
		w.Start(t)
		if folders, _ := listStaged(t, w); len(folders) > 0 {
			t.Errorf("left after the start: %v", folders)
		}
		site := w.WaitSeeding(t, waitLong, "site.example")
		status, page, err := w.Get(t.Context(), site.LocalURL, "index.html")
		if err != nil || status != 200 || string(page) != fmt.Sprintf("version %d", v+1) && site.InfoHash != former {
			t.Errorf("after the kill: %d, %q, %v, infohash %s, was %s", status, page, err, site.InfoHash, former)
		}
		former = publish(t, w, dir).Infohash
		checkSameSite(t, w, waitLong, w.WaitSeeding(t, waitLong, "site.example").LocalURL, dir)
	}
}

func putFile(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600))
	if err != nil {
		t.Fatal(err)
	}
}

// If the disk is full, or becomes full during publishing, nothing changes, and the error says so.
func TestFullDiskWhilePublishingChangesNothing(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none")
	w.DataDir = mountSmallDisk(t, 12)
	w.Start(t)
	small := makeSmallSite(t)
	before := publish(t, w, small, "--name", "site.example")
	large := filepath.Join(t.TempDir(), "large")
	putFile(t, large, "index.html", strings.Repeat("x", 20<<20))
	many := filepath.Join(t.TempDir(), "many") // It looks small, and takes a block for each file.
	for i := range 4000 {
		putFile(t, many, fmt.Sprintf("%02d/%03d", i/100, i), "x")
	}
	for dir, says := range map[string]string{large: "no room", many: "full"} {
		_, stderr, code := w.RunCode(t, "publish", dir, "--name", "site.example")
		last := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]
		if code != 1 || !strings.Contains(last, says) {
			t.Errorf("exit code %d, %q", code, last)
		}
		if folders, _ := listStaged(t, w); len(folders) > 0 {
			t.Errorf("left: %v", folders)
		}
	}
	site := w.WaitSeeding(t, waitLong, "site.example")
	if site.InfoHash != before.Infohash {
		t.Errorf("the site is %+v, was %+v", site, before)
	}
	checkSameSite(t, w, waitLong, site.LocalURL, small)
}

// A folder that is not writable is published like any other. If a folder is deleted, its site stays as it is.
func TestReadOnlyAndDeletedFoldersStayPublished(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	dir := makeSmallSite(t)
	for _, path := range []string{dir, filepath.Join(dir, "sub")} {
		if err := os.Chmod(path, 0o555); err != nil { // Nobody may write to it: that is the test.
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
	}
	p := publish(t, w, dir)
	copied := filepath.Join(t.TempDir(), "copy")
	w.Run(t, "export", p.Host, copied)
	for _, path := range []string{filepath.Join(dir, "sub"), dir} {
		if err := errors.Join(os.Chmod(path, 0o755), os.RemoveAll(path)); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr, code := w.RunCode(t, "publish", dir)
	if code != 2 || !isOneLine(stderr) || !strings.Contains(stderr, "there is no folder") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	checkSameSite(t, w, waitLong, w.WaitSeeding(t, waitLong, p.Host).LocalURL, copied)
}
