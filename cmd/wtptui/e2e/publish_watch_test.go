package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

const (
	rebuilds   = 10
	pageAssets = 4
)

// swapInVersion replaces a site's folder by a new version, as a site generator does that writes elsewhere and swaps:
// for a moment there is no folder, but never a part of one, however slow the machine is.
func swapInVersion(t *testing.T, dir string, version int) {
	t.Helper()
	next := dir + ".next"
	putFile(t, next, "index.html", fmt.Sprintf("version %d", version))
	for i := range pageAssets {
		putFile(t, next, fmt.Sprintf("assets/%d.txt", i), fmt.Sprintf("version %d", version)+strings.Repeat(" ", 50_000))
	}
	putFile(t, next, "assets/same.txt", "always the same")
	former := dir + ".former"
	if err := os.Rename(dir, former); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(next, dir), os.RemoveAll(former)); err != nil {
		t.Fatal(err)
	}
}

// A folder that is rebuilt ten times while its site is read becomes ten versions, one line each. No request of the
// reader fails, and no page contains parts of two versions.
func TestReaderOfAWatchedFolderSeesNoMixedVersions(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	dir := filepath.Join(t.TempDir(), "public")
	swapInVersion(t, dir, 0)
	lines := startWatch(t, w, dir, "--name", "site.example")
	first, _ := receive(t, lines, "the first version")
	if first.Host != "site.example" || first.Files != pageAssets+2 {
		t.Fatalf("the first version: %+v", first)
	}
	reader := startPageReader(t, w, first.LocalURL)
	former := first.Infohash
	for v := 1; v <= rebuilds; v++ {
		swapInVersion(t, dir, v)
		p, ok := receive(t, lines, fmt.Sprintf("version %d", v))
		if !ok {
			t.Fatalf("the watch ended before version %d", v)
		}
		if p.Previous != former || p.Host != first.Host || len(p.Changed) != pageAssets+1 {
			t.Errorf("version %d: %s after %s, was %s; changed %v", v, p.Infohash, p.Previous, former, p.Changed)
		}
		former = p.Infohash
		reader.waitVersion(t, v)
	}
	if pages := reader.stop(); pages < rebuilds {
		t.Errorf("only %d pages were read", pages)
	}
	if sites := w.List(t); len(sites) != 2 { // with the welcome site
		t.Errorf("the sites are %+v", sites)
	}
}

// startWatch runs `wtptui publish --watch` until the test ends and returns a channel of its versions.
func startWatch(t *testing.T, w *peers.Wtptui, dir string, flags ...string) <-chan publication {
	t.Helper()
	cmd := w.Command(append([]string{"publish", "--watch", "--json", dir}, flags...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan publication, 100)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(lines)
		scanner := bufio.NewScanner(out)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			var p publication
			if err := json.Unmarshal(scanner.Bytes(), &p); err != nil {
				t.Errorf("%v: %s", err, scanner.Text())
			}
			lines <- p
		}
	})
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // It may have ended.
		reading.Wait()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the watch wrote to stderr:\n%s", output.String())
		}
	})
	return lines
}

// pageReader reads pages of a site: each is an index and its resources, all at once, and then it pauses.
type pageReader struct {
	cancel  context.CancelFunc
	done    sync.WaitGroup
	version atomic.Int64 // of the page that was read last
	pages   atomic.Int64
}

func startPageReader(t *testing.T, w *peers.Wtptui, local string) *pageReader {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &pageReader{cancel: cancel}
	r.done.Go(func() {
		for ctx.Err() == nil {
			if err := r.readPage(ctx, w, local); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			select {
			case <-time.After(800 * time.Millisecond): // A site moves when it has not been read for half a second.
			case <-ctx.Done():
			}
		}
	})
	t.Cleanup(func() { r.stop() })
	return r
}

// samePageInterval is how soon requests have to follow each other to belong to one page, with some margin.
const samePageInterval = 400 * time.Millisecond

// readPage reads one page.
func (r *pageReader) readPage(ctx context.Context, w *peers.Wtptui, local string) error {
	version := -1
	names := []string{"index.html", "assets/same.txt"}
	for i := range pageAssets {
		names = append(names, fmt.Sprintf("assets/%d.txt", i))
	}
	asked := time.Now()
	slow := false // The machine kept the reader from reading on for so long that the site may have moved meanwhile.
	for _, name := range names {
		former := asked
		asked = time.Now()
		status, body, err := w.Get(ctx, local, name)
		if err != nil || status != 200 {
			return fmt.Errorf("GET %s: status %d, %w", name, status, err)
		}
		slow = slow || time.Since(former) > samePageInterval
		if name == "assets/same.txt" {
			continue
		}
		var v int
		if _, err := fmt.Sscanf(string(body), "version %d", &v); err != nil {
			return fmt.Errorf("GET %s: %.40q: %w", name, body, err)
		}
		if version >= 0 && v != version {
			if slow {
				return nil
			}
			return fmt.Errorf("a page of version %d has %s of version %d", version, name, v)
		}
		version = v
	}
	r.version.Store(int64(version))
	r.pages.Add(1)
	return nil
}

// waitVersion waits until the reader has read a page of that version.
func (r *pageReader) waitVersion(t *testing.T, version int) {
	t.Helper()
	peers.Eventually(t, waitLong, fmt.Sprintf("a page of version %d", version), func() error {
		if v := r.version.Load(); v != int64(version) {
			return fmt.Errorf("version %d", v)
		}
		return nil
	})
}

func (r *pageReader) stop() (pages int64) {
	r.cancel()
	r.done.Wait()
	return r.pages.Load()
}
