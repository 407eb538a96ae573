package publish

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"wtptui/engine"
)

// Secrets are put together here, so that no scanner takes this file for a leak.
var (
	pem = "-----BEGIN " + "RSA PRIVATE KEY-----\n" + strings.Repeat("MIIEowIBAAKCAQEA", 8) +
		"\n-----END RSA PRIVATE KEY-----\n"
	aws    = "AKIA" + "Z3MK7QX2WV5T6JPN"
	github = "ghp_" + strings.Repeat("a1B2", 9)
	slack  = "xoxb-" + "123456789012-abcdefghij"
)

// makeHostileFolder makes a folder with an example of everything that the check finds.
func makeHostileFolder(t *testing.T) string {
	t.Helper()
	dir := writeTree(t, "site", map[string]string{
		"index.html": `<a href="http://localhost:1313/">x</a><script src="https://cdn.example/x.js"></script>` +
			`<a href="https://other.example/">`,
		"own.html":             `<a href="https://example.org/a">a</a> <a href="/b">b</a>`,
		"plain.html":           `<p>hello <a href="/b">b</a>`,
		".git/config":          "[remote]",
		".env":                 "PASSWORD=x",
		".hidden/x":            "x",
		".well-known/security": "Contact: me",
		".wtpignore":           "*.draft\n/build/\n",
		"a.draft":              "x",
		"build/x":              "x",
		"id_rsa":               "x",
		"key.txt":              pem,
		"manual.txt":           "-----BEGIN " + "RSA PRIVATE KEY-----\n...\n" + "AKIA" + "IOSFODNN7EXAMPLE",
		"aws.js":               "var k = '" + aws + "'",
		"deep/gh.json":         `{"t":"` + github + `"}`,
		"slack.txt":            slack,
		"store.p12":            "x",
		"notes.txt~":           "x",
		"Thumbs.db":            "x",
		"node_modules/a.js":    "x",
		"Case/x":               "1",
		"case/x":               "2",
		"cafe\u0301":           "1",
		"caf\u00e9":            "2",
		"con.txt":              "x",
		"a:b":                  "x",
		"end.":                 "x",
		"target.txt":           "inside",
		"unwanted.txt":         "x",
	})
	linkHostileFiles(t, dir)
	return dir
}

// linkHostileFiles adds symbolic links to the folder, some of which leave it. It skips the test where there are none.
func linkHostileFiles(t *testing.T, dir string) {
	t.Helper()
	outside := filepath.Join(filepath.Dir(dir), "outside.txt")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"in.txt": "target.txt", "out.txt": "../outside.txt", "abs.txt": outside,
		"nothing": "nowhere", "folder": "Case",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("needs symbolic links: ", err)
		}
	}
}

// The folder has an example of everything that the check finds.
func TestCheckHostileFolder(t *testing.T) {
	dir := makeHostileFolder(t)
	want := map[string]string{
		"index.html": "foreign-asset:note localhost-link:note ", "own.html": "absolute-link:note ",
		".git": "repository:leave out ", ".env": "secret:leave out ", ".hidden": "dotfile:leave out ",
		"id_rsa": "secret:refuse ", "key.txt": "secret:refuse ", "aws.js": "secret:refuse ", "deep/gh.json": "secret:refuse ",
		"slack.txt": "secret:refuse ", "store.p12": "secret:refuse ", "notes.txt~": "leftover:leave out ",
		"Thumbs.db":    "leftover:leave out ",
		"node_modules": "leftover:leave out ", "case": "case-clash:refuse ", "caf\u00e9": "case-clash:refuse ",
		"con.txt": "windows-name:note ", "a:b": "windows-name:note ", "end.": "windows-name:note ",
		"in.txt": "symlink:leave out ", "out.txt": "symlink:leave out ", "abs.txt": "symlink:leave out ",
		"nothing": "symlink:leave out ",
		"folder":  "symlink:leave out ", ".wtpignore": "ignored:leave out ",
	}
	addSpecialFiles(t, dir, want)
	p := check1(t, open(t, dir), Rules{Domain: "example.org", LeaveOut: []string{"unwanted.txt"}})
	got := findingCodes(p)
	for path, code := range want {
		if got[path] != code {
			t.Errorf("%s: %q, want %q", path, got[path], code)
		}
		delete(got, path)
	}
	for path, code := range got {
		t.Errorf("%s: %q, want nothing", path, code)
	}
	checkNotPublished(t, p, []string{
		".git", ".env", ".hidden", ".wtpignore", "a.draft", "build", "notes", "Thumbs",
		"node_mod", "in.txt", "out.txt", "abs.txt", "folder", "unwanted", "pipe", "socket",
	})
	for _, f := range p.Findings {
		for _, secret := range []string{aws, github, slack, "MIIEow"} {
			if strings.Contains(f.Why, secret) {
				t.Errorf("%s: the finding tells the secret: %s", f.Path, f.Why)
			}
		}
	}
}

// checkNotPublished checks that no file is published whose path begins with one of the prefixes.
func checkNotPublished(t *testing.T, p *Plan, prefixes []string) {
	t.Helper()
	for _, path := range filePaths(p) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(path, prefix) {
				t.Errorf("%s would be published", path)
			}
		}
	}
}

func TestCheckKeeps(t *testing.T) {
	dir := writeTree(t, "site", map[string]string{
		"index.html": "x", ".git/config": "x", ".hidden/y": "y", "id_rsa": "k", "target.txt": "inside",
	})
	if err := os.Symlink("target.txt", filepath.Join(dir, "in.txt")); err != nil {
		t.Skip("needs symbolic links: ", err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "out.txt")); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	p := check1(t, f, Rules{Keep: []string{".hidden", "id_rsa", "in.txt", "out.txt"}})
	if got := strings.Join(filePaths(p), " "); got != ".hidden/y id_rsa in.txt index.html target.txt" {
		t.Errorf("published: %s", got)
	}
	if len(p.Refused()) != 0 {
		t.Errorf("refused: %v", p.Refused())
	}
	if p.Files[2].Size != 6 {
		t.Errorf("the link's file: %+v", p.Files[2])
	}
	hash1(t, f, p, nil)
}

func TestCheckNothing(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"empty": {}, "only dots": {".x": "x"},
		"all ignored": {"a": "x", ".wtpignore": "*"},
	} {
		_, err := open(t, writeTree(t, "site", files)).Check(t.Context(), Rules{Now: afterLastChange()}, nil)
		if engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	folder := open(t, writeTree(t, "site", map[string]string{"a": "x", ".wtpignore": "ok\n[x"}))
	_, err := folder.Check(t.Context(), Rules{Now: afterLastChange()}, nil)
	expectKind(t, err, engine.Invalid)
	if !strings.Contains(err.Error(), "line 2") {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	file := filepath.Join(writeTree(t, "site", map[string]string{"f": "x"}), "f")
	for _, dir := range []string{"relative", "/", "/nowhere/at/all", file} {
		_, err := Open(dir)
		if engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestCheckUnreadable(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte("x")}, "a": {Data: []byte("x")}, "dir/b": {Data: []byte("x")}}
	p := check1(t, OpenEmbedded(deny{files, "a"}, "site"), Rules{})
	if got := findingCodes(p)["a"]; got != "unreadable:refuse " {
		t.Errorf("a file: %s", got)
	}
	p = check1(t, OpenEmbedded(deny{files, "dir"}, "site"), Rules{})
	if got := findingCodes(p)["dir"]; got != "unreadable:refuse " {
		t.Errorf("a folder: %s", got)
	}
	_, err := OpenEmbedded(deny{files, "."}, "site").Check(t.Context(), Rules{Now: afterLastChange()}, nil)
	expectKind(t, err, engine.Unavailable)
}

func TestCheckVanishes(t *testing.T) {
	dir := writeTree(t, "site", map[string]string{"index.html": "x"})
	f := open(t, dir)
	p := check1(t, f, Rules{})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, err := Hash(t.Context(), p, opener(f, p), nil, nil)
	expectKind(t, err, engine.Conflict)
	if _, err = f.Check(t.Context(), Rules{Now: afterLastChange()}, nil); err == nil {
		t.Error("a folder that has gone can be checked")
	}
}

func TestCheckLimits(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 120 {
		files[fmt.Sprintf("%03d.html", i)] = &fstest.MapFile{Data: []byte(`<a href="http://localhost/">`)}
	}
	p := check1(t, OpenEmbedded(files, "site"), Rules{MaxFiles: 100, MaxSize: 1000})
	got := findingCodes(p)
	for _, code := range []string{"no-index:note", "many-files:note", "large-site:note", "localhost-link:note"} {
		if !strings.Contains(got[""], code) {
			t.Errorf("%q lacks %s", got[""], code)
		}
	}
	if len(p.Findings) != maxNotes+4 {
		t.Errorf("%d findings", len(p.Findings))
	}
}

// The limits of visitors are reported with their numbers.
func TestCheckVisitorsLimits(t *testing.T) {
	const unasked = "more than the 2.0 KB that visitors take without being asked"
	const cache = "more than the 5.0 KB of their whole cache"
	files := fstest.MapFS{"index.html": {Data: make([]byte, 6000)}, "b.html": {Data: make([]byte, 1000)}}
	for _, tc := range []struct {
		rules Rules
		want  string // empty if there is nothing to allow
	}{
		{Rules{MaxFiles: 2, MaxSize: 7000, CacheSize: 7000}, ""},
		{Rules{MaxFiles: 1}, "many-files 2 files are more than the 1 that visitors take without being asked"},
		{Rules{MaxSize: 2048}, "large-site 6.8 KB is " + unasked},
		{Rules{MaxSize: 2048, CacheSize: 5120}, "large-site 6.8 KB is " + unasked + ", and " + cache},
		{Rules{CacheSize: 5120}, "large-site 6.8 KB is " + cache},
	} {
		got := ""
		for _, f := range check1(t, OpenEmbedded(files, "site"), tc.rules).Findings {
			got += f.Code + " " + f.Why
		}
		if tc.want != "" {
			tc.want += ": each of them has to allow the site"
		}
		if got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.rules, got, tc.want)
		}
	}
}

// Files that were published before are not read again.
func TestCheckKnown(t *testing.T) {
	f := open(t, writeTree(t, "site", map[string]string{"index.html": "x", "key.txt": pem}))
	p := check1(t, f, Rules{Known: func(f File) bool { return f.Path == "key.txt" }})
	if len(p.Findings) != 0 {
		t.Error(p.Findings)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(pem, "example.org")
	f.Add(`<a href="http://[::1]/"><img src=//x/y><base href=http://example.org>`, "example.org")
	f.Fuzz(func(t *testing.T, text, domain string) {
		(&secretSearch{}).search([]byte(text), 0, len(text))
		for _, l := range findLinks([]byte(text), domain) {
			if engine.Clean(l.why) != l.why {
				t.Errorf("not clean: %q", l.why)
			}
		}
	})
}
