package loader

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	oldHash = "0123456789abcdef0123456789abcdef01234567"
	newHash = "abababababababababababababababababababab"
)

// readTree returns the files of a folder by path.
func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWriteFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "site")
	if err := WriteFolder(dir, Site{Infohash: oldHash, Title: "Mine"}, []byte("old torrent")); err != nil {
		t.Fatal(err)
	}
	all := readTree(t, dir)
	if len(all) != len(Files())+5 { // index.html, 404.html, .nojekyll, site.json and the torrent
		t.Errorf("%d files", len(all))
	}
	if page := all["index.html"]; page != all["404.html"] || page != all[FramePath] ||
		!strings.Contains(page, "<title>Mine</title>") {
		t.Errorf("the pages: %s", page)
	}
	if _, ok := all[".nojekyll"]; !ok || all[TorrentPath(oldHash)] != "old torrent" ||
		!strings.Contains(all[SitePath], oldHash) {
		t.Errorf("%v %s", ok, all[SitePath])
	}
	writeFile(t, dir, "wtptui-loader/gone.js", "of an older version")
	writeFile(t, dir, "wtptui-loader/main.js.part", "cut short")
	writeFile(t, dir, "CNAME", "example.org")
	writeFile(t, dir, "robots.txt", "mine")
	writeFile(t, dir, "wtptui-loader/sub/x", "mine")
	if err := WriteFolder(dir, Site{Infohash: newHash}, []byte("new torrent")); err != nil {
		t.Fatal(err)
	}
	again := readTree(t, dir)
	for name, want := range map[string]string{
		"CNAME": "example.org", "robots.txt": "mine", "wtptui-loader/sub/x": "mine", TorrentPath(newHash): "new torrent",
	} {
		if again[name] != want {
			t.Errorf("%s: %q", name, again[name])
		}
	}
	for _, name := range []string{"wtptui-loader/gone.js", "wtptui-loader/main.js.part", TorrentPath(oldHash)} {
		if _, ok := again[name]; ok {
			t.Errorf("%s is still there", name)
		}
	}
}

// TestForeignFoldersAreRefused promises that folders with other files are not changed.
func TestForeignFoldersAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		files []string
		ok    bool
	}{
		"empty":              {nil, true},
		"a repository":       {[]string{".git/config", ".gitignore", "CNAME"}, true},
		"a website":          {[]string{"index.html"}, false},
		"other files":        {[]string{"notes.txt"}, false},
		"other worker":       {[]string{"wtptui-worker.js"}, false},
		"interrupted":        {[]string{"wtptui-loader/main.js", "wtptui-worker.js", "index.html"}, true},
		"interrupted, mixed": {[]string{"wtptui-loader/main.js", "notes.txt"}, false},
		"a file's name":      {[]string{"wtptui-loader"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range tt.files {
				writeFile(t, dir, f, "mine")
			}
			err := WriteFolder(dir, Site{Infohash: newHash}, nil)
			if (err == nil) != tt.ok {
				t.Fatalf("%v", err)
			}
			var foreign *FolderError
			if tt.ok || name == "a file's name" {
				return
			}
			if all := readTree(t, dir); !errors.As(err, &foreign) || len(all) != len(tt.files) {
				t.Errorf("%v; there are %d files", err, len(all))
			}
		})
	}
	writeFile(t, t.TempDir(), "x", "")
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, filepath.Dir(file), "file", "")
	if err := WriteFolder(file, Site{Infohash: newHash}, nil); err == nil {
		t.Error("a file is no folder")
	}
}

// TestWriteFolderFailureKeepsOldVersion promises that a failure leaves the old version intact.
func TestWriteFolderFailureKeepsOldVersion(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFolder(dir, Site{Infohash: oldHash}, nil); err != nil {
		t.Fatal(err)
	}
	before := readTree(t, dir)
	blocked := filepath.Join(dir, filepath.FromSlash(TorrentPath(newHash)))
	if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o755); err != nil { // No file can take its place.
		t.Fatal(err)
	}
	if err := WriteFolder(dir, Site{Infohash: newHash}, nil); err == nil {
		t.Fatal("it went well")
	}
	after := readTree(t, dir)
	if after[SitePath] != before[SitePath] || len(after) != len(before) {
		t.Errorf("%d files of %d; site.json is %s", len(after), len(before), after[SitePath])
	}
	if err := os.RemoveAll(blocked); err != nil {
		t.Fatal(err)
	}
	if err := WriteFolder(dir, Site{Infohash: newHash}, nil); err != nil {
		t.Errorf("again: %v", err)
	}
}
