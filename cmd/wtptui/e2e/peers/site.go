package peers

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// What SiteFolder and SmallSiteFolder make.
const (
	SiteFiles      = 958              // In all its folders.
	SmallSiteFiles = 58               // The same of the small one.
	SiteTitle      = "The Old Manual" // Of the first page.
)

// SiteFolder makes a site as a manual is, the same bytes every time: 958 files and 28 MB of pages that link to each
// other, pictures, a style sheet, a script and a few large files. Its folder syntax is a small site of its own.
func SiteFolder(t testing.TB) string {
	t.Helper()
	return siteFolder(t, SiteFiles, (*manual).writeAll)
}

// SmallSiteFolder makes a site of 58 files and 3 MB that has something of each kind in SiteFolder's, for tests that do
// not depend on the number and size of the files: a browser takes a second for each megabyte.
func SmallSiteFolder(t testing.TB) string {
	t.Helper()
	return siteFolder(t, SmallSiteFiles, (*manual).writeSmallSite)
}

func siteFolder(t testing.TB, files int, write func(*manual)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "manual")
	m := newManual(dir)
	write(m)
	if m.err == nil && m.files != files {
		m.err = fmt.Errorf("%d files, not %d", m.files, files)
	}
	if m.err != nil {
		t.Fatalf("peers: make a site: %v", m.err)
	}
	return dir
}

// RealSites returns existing sites, by name, from npm packages that are pinned by version and hash: one that a site
// generator wrote, and one without a first page whose folders have blanks in their names. They must not be written to.
// It needs NPMSites.
func RealSites(t testing.TB) map[string]string {
	t.Helper()
	Require(t, NPMSites)
	return findRealSites(t)
}

func tryNPMSites(t testing.TB) { findRealSites(t) }

func findRealSites(t testing.TB) map[string]string {
	t.Helper()
	generated := filepath.Join(npmPackage(t, "dygraphs"), "_site")
	if _, err := os.Stat(filepath.Join(generated, "index.html")); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"generated": generated, "blanks": filepath.Join(npmPackage(t, "paper"), "examples")}
}

// Files lists the regular files below dir as slash-separated paths relative to it, in lexical order.
func Files(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatalf("peers: list %s: %v", dir, err)
	}
	return files
}

// SameFiles reports an error for each file that only one of the two folders has or that differs by a single byte.
func SameFiles(t testing.TB, got, want string) {
	t.Helper()
	extra := make(map[string]bool)
	for _, name := range Files(t, got) {
		extra[name] = true
	}
	for _, name := range Files(t, want) {
		delete(extra, name)
		wantBytes, err := os.ReadFile(filepath.Join(want, name))
		if err != nil {
			t.Fatal(err)
		}
		gotBytes, err := os.ReadFile(filepath.Join(got, name))
		switch {
		case err != nil:
			t.Errorf("%s is missing: %v", name, err)
		case string(gotBytes) != string(wantBytes):
			t.Errorf("%s differs: %d bytes, want %d", name, len(gotBytes), len(wantBytes))
		}
	}
	for name := range extra {
		t.Errorf("%s should not be there", name)
	}
}

// magnetLink returns a magnet link of a v1 infohash.
func magnetLink(infohash string, trackers []string) string {
	link := "magnet:?xt=urn:btih:" + infohash
	for _, tr := range trackers {
		link += "&tr=" + url.QueryEscape(tr)
	}
	return link
}
