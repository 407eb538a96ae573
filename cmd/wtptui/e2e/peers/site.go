package peers

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// sqliteDocFiles is how many files Debian 12's sqlite3-doc has below its index.html.
const sqliteDocFiles = 958

// SiteFolder is a real site of 958 files and 28 MB: the HTML tree of Debian's sqlite3-doc. It must not be written to. It
// needs SQLiteDoc.
func SiteFolder(t testing.TB) string {
	t.Helper()
	Require(t, SQLiteDoc)
	dir, err := sqliteDoc()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(Files(t, dir)); n != sqliteDocFiles {
		t.Fatalf("peers: %s has %d files, not the %d of Debian's sqlite3-doc", dir, n, sqliteDocFiles)
	}
	return dir
}

// sqliteDoc looks where a person said, where .ci/run unpacks it, and where apt-get installs it.
func sqliteDoc() (string, error) {
	candidates := []string{"/usr/share/doc/sqlite3"}
	if cache, err := os.UserCacheDir(); err == nil {
		unpacked := filepath.Join(cache, "wtptui-ci", "sqlite3-doc", "usr", "share", "doc", "sqlite3")
		candidates = append([]string{unpacked}, candidates...)
	}
	if named := os.Getenv("WTPTUI_SQLITE_DOC"); named != "" {
		candidates = []string{named}
	}
	for _, dir := range candidates {
		if _, err := os.Stat(filepath.Join(dir, "index.html")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no index.html in %q", candidates)
}

// GitDocFolder is a real site of 538 files and 13 MB whose index.html is a symbolic link: Debian's git-doc. It must not be
// written to. It needs GitDoc.
func GitDocFolder(t testing.TB) string { return packageFolder(t, GitDoc) }

// HandbookFolder is a real site in one language of Debian's debian-handbook. It must not be written to. It needs
// DebianHandbook.
func HandbookFolder(t testing.TB) string { return packageFolder(t, DebianHandbook) }

func packageFolder(t testing.TB, tool Tool) string {
	t.Helper()
	Require(t, tool)
	dir, err := tool.folder()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// folder is where .ci/run unpacks a package's site.
func (tool Tool) folder() (string, error) {
	below := map[Tool]string{GitDoc: "git-doc", DebianHandbook: "debian-handbook/html/en-US"}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "wtptui-ci", string(tool), "usr", "share", "doc", filepath.FromSlash(below[tool]))
	_, err = os.Lstat(filepath.Join(dir, "index.html"))
	return dir, err
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

// magnet is a magnet link of a v1 infohash.
func magnet(infohash string, trackers []string) string {
	link := "magnet:?xt=urn:btih:" + infohash
	for _, tr := range trackers {
		link += "&tr=" + url.QueryEscape(tr)
	}
	return link
}
