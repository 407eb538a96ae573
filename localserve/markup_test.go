package localserve

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
)

// TestWtpAddressesAreRewritten promises that a page loads files by its own site's addresses, and links to other sites.
// Parts of other sites are not rewritten but noted.
func TestWtpAddressesAreRewritten(t *testing.T) {
	page := `<link rel=stylesheet href="wtp://` + domain +
		`/a.css"><img src="WTP://Docs.Example.org/a.png"><a href="wtp://other.example/x"></a>` +
		`<script src="wtp://other.example/x.js"></script>`
	sheet := `@import "wtp://` + domain + `/b.css"; p{background:url(wtp://other.example/a.png)}`
	m := &memorySite{Files: map[string]string{
		"index.html": page, "a.css": sheet, "b.css": "p{}", "a.svg": `<svg><image href="wtp://` + domain + `/a.png"/></svg>`,
		"b.xhtml": `<html><img src="wtp://` + domain + `/a.png"/></html>`, "a.js": `import "wtp://` + domain + `/b.js"`,
	}}
	s := startServer(t, Config{Opener: openerOf(m)})
	local := "http://" + label + ".localhost:" + s.port
	tests := map[string]string{
		"/": `<link rel=stylesheet href="` + local + `/a.css"><img src="` + local +
			`/a.png"><a href="http://other-example.localhost:` + s.port +
			`/x"></a><script src="wtp://other.example/x.js"></script>`,
		"/a.css": `@import "` + local + `/b.css"; p{background:url(wtp://other.example/a.png)}`,
		"/b.css": "p{}",
		"/a.js":  m.Files["a.js"],
		"/a.svg": `<svg><image href="` + local + `/a.png"/></svg>`, "/b.xhtml": `<html><img src="` + local +
			`/a.png"/></html>`,
	}
	for range 2 {
		for path, want := range tests {
			got := s.get(path)
			if got.status != 200 || got.body != want || got.header.Get("Content-Length") != fmt.Sprint(len(want)) {
				t.Errorf("%s: %d %q", path, got.status, got.body)
			}
			part := s.get(path, "Range: bytes=2-20", "If-Range: "+got.header.Get("ETag"))
			if part.status != 206 && len(want) > 2 || part.body != want[2:min(21, len(want))] {
				t.Errorf("%s, a part: %d %q", path, part.status, part.body)
			}
		}
	}
	m.Mu.Lock()
	defer m.Mu.Unlock()
	slices.Sort(m.Notes)
	const text = " names parts of other wtp sites, which browsers do not load: wtp://other.example/"
	if want := []string{"/" + text + "x.js", "/a.css" + text + "a.png"}; !slices.Equal(m.Notes, want) {
		t.Errorf("noted %q, want %q", m.Notes, want)
	}
}

// TestRewrittenAddressesDependOnOrigin promises that the same file is rewritten differently for two sites and two
// ports.
func TestRewrittenAddressesDependOnOrigin(t *testing.T) {
	files := map[string]string{
		"index.html": `<img src="wtp://docs.example.org/a.png"><img src="wtp://other.example/a.png">`,
	}
	s := startServer(t, Config{
		Opener: &memoryOpener{
			Sites: map[string]engine.Content{domain: &memorySite{Files: files}, "other.example": &memorySite{Files: files}},
		},
	})
	for range 2 {
		for site, foreign := range map[string]string{domain: "other.example", "other.example": domain} {
			got := s.request("GET", engine.OriginLabel(site), "/").body
			localURL := "http://" + engine.OriginLabel(site) + ".localhost"
			if !strings.Contains(got, localURL) || !strings.Contains(got, "wtp://"+foreign) {
				t.Errorf("%s: %s", site, got)
			}
		}
	}
}

// TestStyleSheetsAndModulesRaiseReferences promises that files that a style sheet or a module names are requested
// before the browser does so.
func TestStyleSheetsAndModulesRaiseReferences(t *testing.T) {
	files := map[string]string{
		"css/a.css": `@import "b.css"; @font-face{src:url(/f.woff2)} p{background:url(../p.png)}`, "css/b.css": "",
		"f.woff2": "f", "p.png": "p",
		"js/a.mjs": `import "./b.mjs"; import("./c.mjs"); export * from "/d.mjs"`, "js/b.mjs": "", "js/c.mjs": "",
		"d.mjs": "d", "missing": "m",
	}
	tests := map[string][]string{
		"/css/a.css": {"1 css/b.css", "2 f.woff2", "3 p.png"},
		"/js/a.mjs":  {"3 js/b.mjs", "3 d.mjs"},
	}
	for path, want := range tests {
		m := &memorySite{Files: files, Hold: map[string]map[int64]chan struct{}{"missing": {0: make(chan struct{})}}}
		s := startServer(t, Config{Opener: openerOf(m)})
		if s.request("HEAD", label, path); len(m.Raised) > 0 {
			t.Errorf("HEAD %s raised %v", path, m.Raised)
		}
		if path == "/js/a.mjs" {
			if s.get(path, "Range: bytes=3-5"); len(m.Raised) > 0 {
				t.Errorf("a range of %s raised %v", path, m.Raised)
			}
		}
		if got := s.get(path); got.body != files[path[1:]] || !slices.Equal(m.Raised, want) {
			t.Errorf("%s: %q, raised %v, want %v", path, got.body, m.Raised, want)
		}
		delete(m.Hold, "missing")
		m.Raised = nil
		if s.get(path); m.Raised != nil {
			t.Errorf("%s of a site that is complete raised %v", path, m.Raised)
		}
	}
}

// TestIncompleteStyleSheet promises that a style sheet is sent when it is complete.
func TestIncompleteStyleSheet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		m := &memorySite{
			Files: map[string]string{"a.css": `@import "wtp://` + domain + `/b.css";`, "b.css": "b"},
			Hold:  map[string]map[int64]chan struct{}{"a.css": {20: free}},
		}
		p, _ := startPiped(t, openerOf(m))
		time.AfterFunc(20*time.Second, func() { close(free) })
		got, took := p.get(t, "/a.css")
		want := `@import "http://` + label + `.localhost:7780/b.css";`
		if got.body != want || got.header.Get("Content-Length") != fmt.Sprint(len(want)) || took != 20*time.Second {
			t.Errorf("%q after %s, %v", got.body, took, got.header)
		}
		if !slices.Equal(m.Raised, []string{"1 b.css"}) {
			t.Errorf("raised %v", m.Raised)
		}
	})
}
