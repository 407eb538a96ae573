package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sourceTree is the path of the source tree in tests.
const sourceTree = "../../.."

// testRelease is a release.
var testRelease = release{
	Version: "1.2.3", Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Maintainer: "A <a@a.example>",
	Homepage: "https://a.example/", Releases: "https://get.a.example/v{version}",
}

// Everything that ships has one source, which exists, and a place of its own.
func TestShippedFilesHaveOneSource(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	claim := func(path string) {
		if taken[path] {
			t.Errorf("%s is there twice", path)
		}
		taken[path] = true
	}
	for _, c := range shipped {
		sources := 0
		for _, has := range []bool{c.args != nil, c.file != "", c.text != nil} {
			if has {
				sources++
			}
		}
		if sources != 1 || c.archive == "" && c.install == "" || strings.HasPrefix(c.install, "/") {
			t.Errorf("%+v", c)
		}
		if c.file != "" {
			if _, err := os.Stat(filepath.Join(sourceTree, c.file)); err != nil {
				t.Error(err)
			}
		}
		for _, system := range []string{"linux", "darwin", "windows"} {
			if c.archive != "" && inList(c.systems, system) {
				claim(system + ": " + c.archive)
			}
		}
		for _, format := range []string{deb, rpm, archlinux, apk} {
			if c.install != "" && inList(c.formats, format) {
				claim(format + ": " + c.install)
			}
		}
	}
}

// Each format and system has its files, and packages compress those that have to be compressed.
func TestContentsOfFormatsAndSystems(t *testing.T) {
	t.Parallel()
	const unit = "usr/lib/systemd/system/wtptui.service"
	docs := make(contentData, len(shipped))
	for i := range docs {
		docs[i] = []byte("some text")
	}
	for format, want := range map[string]map[string]bool{
		deb:       {unit: true, "usr/share/doc/wtptui/copyright": true, "usr/share/licenses/wtptui/LICENSE": false},
		rpm:       {unit: true, "usr/share/doc/wtptui/copyright": false, "usr/share/licenses/wtptui/LICENSE": true},
		archlinux: {unit: true, "usr/share/zsh/site-functions/_wtptui": true},
		apk:       {unit: false, "usr/share/man/man1/wtptui.1.gz": true},
	} {
		files, err := docs.packageFiles(format)
		if err != nil {
			t.Fatal(err)
		}
		has := map[string]bool{}
		for _, f := range files {
			has[f.path] = true
			if strings.HasSuffix(f.path, ".gz") != (string(f.data) != "some text") {
				t.Errorf("%s: %q", f.path, f.data)
			}
		}
		for path, there := range want {
			if has[path] != there {
				t.Errorf("%s: %s: %v", format, path, has[path])
			}
		}
	}
	for system, want := range map[string]string{
		"linux": "examples/alerts.yml", "darwin": "launchd/wtptui.plist", "windows": "completions/wtptui.ps1",
	} {
		found := false
		for _, f := range docs.archiveFiles(system) {
			found = found || f.path == want
		}
		if !found {
			t.Errorf("%s has no %s", system, want)
		}
	}
}

// Compressed files contain neither date nor name.
func TestGzipBytes(t *testing.T) {
	t.Parallel()
	data, err := gzipBytes([]byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(zip); err != nil || string(text) != "text" || !zip.ModTime.IsZero() || zip.Name != "" {
		t.Errorf("%q, %+v, %v", text, zip.Header, err)
	}
}

func TestDebianChangelog(t *testing.T) {
	t.Parallel()
	const want = "wtptui (1.2.3) unstable; urgency=medium\n\n  * Version 1.2.3.\n\n" +
		" -- A <a@a.example>  Fri, 02 Jan 2026 03:04:05 +0000\n"
	if got := debianChangelog(testRelease); got != want {
		t.Errorf("%q", got)
	}
}
