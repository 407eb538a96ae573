package sites

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wtptui/engine"
)

// mountSmallDisk mounts a file system of that many megabytes. It needs root.
func mountSmallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=700", megabytes)); err != nil {
		t.Skipf("cannot mount a small file system, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillDisk leaves that many pages of 4 KiB free. The returned function frees the rest again.
func fillDisk(t *testing.T, dir string, pages int) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var size int64
	for err == nil {
		var n int
		n, err = f.Write(make([]byte, 4096))
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Truncate(size - int64(pages)*4096); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
}

// fullDiskTests are operations on the sites of testdata/schema2, with what protects the site before and after.
var fullDiskTests = []struct {
	name   string
	act    func(f *folderFixture, host string) error
	title  string
	before string
	done   string
	// frees reports whether it gives room back, and may find what little it needs in what others have left in the
	// database.
	frees bool
}{
	{"add", func(f *folderFixture, _ string) error {
		_, err := f.Add(f.t.Context(), engine.AddRequest{Address: "new.example", Pin: true})
		return err
	}, "new.example", "", "new.example: pinned", false},
	{"publish", publishOnFullDisk, "new.example", "", "new.example: pinned mine", false},
	{
		"publish again", publishOnFullDisk, "own.example",
		"own.example: pinned mine published kept 2 versions 3", "own.example: pinned mine published kept 3 versions 4",
		false,
	},
	{"pin", doOnFullDisk(engine.Pin), "Cached", "Cached", "Cached: pinned", false},
	{"unpin", doOnFullDisk(engine.Unpin), "Pinned", "Pinned: pinned", "Pinned", false},
	{"evict", doOnFullDisk(engine.Evict), "Pinned", "Pinned: pinned", "Pinned: pinned evicted", false},
	{"undo", doOnFullDisk(engine.Undo), "Evicted", "Evicted: evicted", "Evicted", false},
	{"remove", doOnFullDisk(engine.Remove), "Pinned", "Pinned: pinned", "", true},
}

func doOnFullDisk(verb engine.Verb) func(*folderFixture, string) error {
	return func(f *folderFixture, host string) error { return f.Do(f.t.Context(), verb, host) }
}

func publishOnFullDisk(f *folderFixture, host string) error {
	dir := newFolder(f.t, map[string]string{"index.html": "<title>new</title>", "more": strings.Repeat("x", 10_000)}).dir
	_, err := f.Publish(f.t.Context(), engine.PublishRequest{Dir: dir, Name: host}, nil)
	return err
}

// With any amount of free space, each operation either succeeds or fails with an error that names the remedy. No
// protected site is lost. Once there is room, everything goes on by itself, and is there after a restart.
func TestFullDiskRefusesOrDoesAndLosesNothing(t *testing.T) {
	disk := mountSmallDisk(t, 2)
	for _, test := range fullDiskTests {
		t.Run(test.name, func(t *testing.T) {
			refused := 0
			for _, pages := range []int{0, 1, 2, 3, 4, 6, 8, 12, 16} {
				dir := filepath.Join(disk, "data")
				if err := os.CopyFS(dir, os.DirFS(schema2Dir)); err != nil {
					t.Fatal(err)
				}
				f := openFolderFixture(t, dir, upgradeTime)
				f.clock.Advance(0)
				host := f.hostsByTitle()[test.title]
				if host == "" {
					host = test.title
				}
				empty := fillDisk(t, disk, pages)
				added := f.fillDatabase()
				err := test.act(f, host)
				may := []string{test.done}
				if err != nil {
					refused++
					may = append(may, test.before) // Some of it is written once there is room.
					if msg := strings.ToLower(engine.Message(err)); !strings.Contains(msg, "full") &&
						!strings.Contains(msg, "no room") || !strings.Contains(msg, "free some") {
						t.Errorf("%d pages: it says %q", pages, msg)
					}
				}
				f.clock.Advance(stateWriteInterval)
				f.check(fmt.Sprint(pages, " pages: another site's page"), f.getFile("own.example", "index.html"),
					"<title>Copied</title>three\n")
				empty()
				f.clock.Advance(2 * stateWriteInterval)
				f.clock.Advance(stateWriteInterval) // less than an eviction can be undone for
				for _, when := range []string{"", ", after a restart", ", with the database lost"} {
					if when != "" {
						f.close()
					}
					if when == ", with the database lost" {
						removeFile(t, dir, "wtptui.db")
					}
					if when != "" {
						f = openFolderFixture(t, dir, upgradeTime)
					}
					f.checkFullDisk(fmt.Sprint(pages, " pages, ", err, when), test.title, may, added)
				}
				f.close()
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
			if refused == 0 && !test.frees {
				t.Error("the disk was never too full")
			}
		})
	}
}

// A disk that stays full is logged once: the log may be on it as well.
func TestFullDiskIsLoggedOnce(t *testing.T) {
	disk := mountSmallDisk(t, 2)
	dir := filepath.Join(disk, "data")
	if err := os.CopyFS(dir, os.DirFS(schema2Dir)); err != nil {
		t.Fatal(err)
	}
	f := openFolderFixture(t, dir, upgradeTime)
	f.writeStateFiles()
	empty := fillDisk(t, disk, 0)
	f.fillDatabase()
	_ = f.Do(t.Context(), engine.Pin, f.hostsByTitle()["Cached"])
	f.clock.Advance(stateWriteInterval)
	for _, want := range []string{
		"what has changed is not saved yet: the disk ", "the sites' folders do not say yet what they are: the disk ",
	} {
		if lines := f.shownWarnings(); !strings.Contains(lines, want) ||
			!strings.Contains(lines, "is full: free some space") {
			t.Errorf("warnings %s, want %q", lines, want)
		}
	}
	for range 100 {
		f.clock.Advance(stateWriteInterval)
	}
	lines := 0
	for line := range strings.Lines(f.log.String()) {
		if strings.Contains(line, "full") || strings.Contains(line, "no space") {
			lines++
		}
	}
	if lines == 0 || lines > 5 {
		t.Errorf("it is logged %d times: %s", lines, f.log)
	}
	empty()
	f.clock.Advance(maxRetryPause)
	f.check("warnings when there is room", f.shownWarnings(), "")
	f.close()
	removeFile(t, dir, "wtptui.db")
	f = openFolderFixture(t, dir, upgradeTime)
	f.check("what was pinned on a full disk", f.protectionOf("Cached"), "Cached: pinned")
}

// fillDatabase adds sites until there is no room for another one, and returns how many there are.
func (f *folderFixture) fillDatabase() (added int) {
	f.t.Helper()
	for long := strings.Repeat("a", 60); ; added++ {
		address := fmt.Sprintf("%s.%s.%s.n%d.example", long, long, long, added)
		if _, err := f.Add(f.t.Context(), engine.AddRequest{Address: address, Pin: true}); err != nil {
			return added
		}
	}
}

// checkFullDisk checks that one site is in one of the expected states, and all others are as before.
func (f *folderFixture) checkFullDisk(what, title string, may []string, added int) {
	f.t.Helper()
	var others []string
	found, fillers := "", 0
	for line := range strings.Lines(f.protections() + "\n") {
		line = strings.TrimSpace(line)
		switch name, _, _ := strings.Cut(line, ":"); {
		case name == title:
			found = line
		case strings.HasPrefix(name, "aaaa"):
			fillers++
		default:
			others = append(others, line)
		}
	}
	if !slices.Contains(may, found) {
		f.t.Errorf("%s: it is %q, want one of %q", what, found, may)
	}
	var kept []string
	for line := range strings.Lines(upgradedProtections + "\n") {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), ":"); name != title {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	f.check(what+": the other sites", strings.Join(others, "\n"), strings.Join(kept, "\n"))
	if fillers != added && fillers != added+1 {
		f.t.Errorf("%s: there are %d sites that were added, want %d", what, fillers, added)
	}
}
