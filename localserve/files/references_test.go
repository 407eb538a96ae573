package files

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/localserve/files/filestest"
	"wtptui/localserve/markup"
)

// newSiteRequest returns a request for a page of an incomplete site.
func newSiteRequest(m *filestest.Site, path string) *siteRequest {
	m.Hold = map[string]map[int64]chan struct{}{"": {0: make(chan struct{})}}
	m.Files[""] = ""
	return &siteRequest{origin: testOrigin{}, path: path, host: domain, content: m}
}

// raisedFiles returns the files that are requested when a page of a site is scanned.
func raisedFiles(m *filestest.Site, path, page string) []string {
	refs := newSiteRequest(m, path).references()
	markup.NewScanner(markup.HTML, markup.Options{OnReference: refs.add, OnBase: refs.setBase}).Scan([]byte(page))
	refs.raisePending()
	return m.Raised
}

func TestReferencesAreRaisedByUrgency(t *testing.T) {
	m := &filestest.Site{Files: map[string]string{}}
	for _, f := range []string{
		"blog/index.html", "style.css", "blog/app.js", "a.png", "b.png", "f.woff2", "g.woff2", "next/index.html", "clip.mp4",
		"poster.jpg", "m.webmanifest", "mod.mjs", "data.json",
	} {
		m.Files[f] = "x"
	}
	page := `<script src="app.js?v=1"></script><link rel=modulepreload href="/mod.mjs">
		<a href="/next">next</a><img src=/a.png srcset="../b.png 2x">
		<style>@font-face{src:url('/f.woff2')}</style><link rel="preload" as=font href="/g.woff2">
		<link rel="stylesheet" href="//docs.example.org/style.css">
		<video src=/clip.mp4 poster=/poster.jpg></video><link rel=manifest href="/m.webmanifest">
		<a href="wtp://` + domain + `/data.json">, <a href="https://elsewhere.example/style.css">, 
		<img src="/style.css"><img src="missing.png"><a href="#x">`
	want := []string{
		"1 blog/app.js", "1 style.css", "2 f.woff2", "2 g.woff2", "3 mod.mjs", "3 a.png", "3 b.png", "3 poster.jpg",
		"5 clip.mp4", "5 m.webmanifest",
		"7 next/index.html", "7 data.json",
	}
	if got := raisedFiles(m, "/blog/", page); !slices.Equal(got, want) {
		t.Errorf("raised %v\nwant   %v", got, want)
	}
}

func TestReferencesFollowBase(t *testing.T) {
	m := &filestest.Site{Files: map[string]string{"a/x.css": "x", "x.css": "y"}}
	if got := raisedFiles(m, "/",
		`<base href="/a/"><base href="/b/"><link rel=stylesheet href="x.css">`); !slices.Equal(got, []string{"1 a/x.css"}) {
		t.Errorf("raised %v", got)
	}
}

// TestReferencesUseTheHighestUrgency promises that a file is requested with the highest urgency of its references.
func TestReferencesUseTheHighestUrgency(t *testing.T) {
	m := &filestest.Site{Files: map[string]string{"a.png": "a", "b.png": "b"}}
	if got := raisedFiles(m, "/", `<a href=b.png><a href=a.png><img src=/a.png><a href=a.png>`); !slices.Equal(got,
		[]string{"3 a.png", "7 b.png"}) {
		t.Errorf("raised %v", got)
	}
}

// TestReferencesAreLimited promises that the number of requested files is limited, and that links do not displace the
// parts of the page.
func TestReferencesAreLimited(t *testing.T) {
	m := &filestest.Site{Files: map[string]string{}}
	var page strings.Builder
	for _, kind := range []struct{ before, after string }{{"<a href=", ".html>"}, {"<img src=", ".png>"}} {
		for i := range 300 {
			name := string(rune('a'+i/26)) + string(rune('a'+i%26))
			m.Files[name+strings.TrimSuffix(kind.after, ">")] = "x"
			page.WriteString(kind.before + name + kind.after)
		}
	}
	got := raisedFiles(m, "/", page.String())
	if len(got) != maxPrefetched || got[0] != "3 aa.png" || got[maxPrefetched-maxLinked] != "7 aa.html" {
		t.Errorf("%d: %v", len(got), got)
	}
}

// lookupCounter counts the lookups of files.
type lookupCounter struct {
	*filestest.Site
	lookups int
}

func (c *lookupCounter) Lookup(path string) (engine.Entry, bool) {
	c.lookups++
	return c.Site.Lookup(path)
}

// TestMissingReferencesAreLimited promises that the number of lookups of missing files is limited.
func TestMissingReferencesAreLimited(t *testing.T) {
	v := newSiteRequest(&filestest.Site{Files: map[string]string{"folder/file": "x"}}, "/")
	c := &lookupCounter{Site: v.content.(*filestest.Site)}
	v.content = c
	refs := v.references()
	for i := range 100 * maxMisses {
		refs.add("folder/?"+strconv.Itoa(i), engine.UrgencyInView)
	}
	if c.lookups > 20*maxMisses {
		t.Errorf("%d look-ups", c.lookups)
	}
}
