package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/docs/document"
)

const moduleRoot = "../../../.."

// Each topic is a page. Each page is well-formed HTML without scripts and without anything from other servers, and its
// links within the site have targets. The same source results in the same bytes.
func TestSiteIsCompleteAndSelfContained(t *testing.T) {
	files, err := buildSite(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	again, err := buildSite(moduleRoot)
	if err != nil || !maps.EqualFunc(files, again, bytes.Equal) {
		t.Errorf("a second time the bytes differ, %v", err)
	}
	pages := map[string]parsedPage{}
	for _, name := range append(slices.Clone(docs.Topics), "index") {
		data, ok := files[name+".html"]
		if !ok {
			t.Fatalf("%s has no page", name)
		}
		pages[name+".html"] = parsePage(t, name, data)
	}
	for name, p := range pages {
		for _, link := range p.links {
			checkLink(t, files, pages, name, link)
		}
	}
	if len(pages["index.html"].links) < len(docs.Topics)+5 {
		t.Errorf("the index leads only to %q", pages["index.html"].links)
	}
}

// parsedPage is what the tests check of a page.
type parsedPage struct {
	ids   map[string]bool
	links []string // of every kind
}

// voidElements are the elements without an end tag.
var voidElements = []string{"meta", "link", "img", "br", "hr", "input"}

// parsePage parses a page. Its elements must be properly nested.
func parsePage(t *testing.T, name string, data []byte) parsedPage {
	t.Helper()
	p := parsedPage{ids: map[string]bool{}}
	var open []string
	for z := html.NewTokenizer(bytes.NewReader(data)); ; {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) || len(open) > 0 {
				t.Errorf("%s: %v, %q are open at its end", name, z.Err(), open)
			}
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range token.Attr {
				p.checkAttribute(t, name, token.Data, a)
			}
			if token.Data == "script" || token.Data == "style" {
				t.Errorf("%s has a %s", name, token.Data)
			}
			if !slices.Contains(voidElements, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%s: </%s> with %q open", name, token.Data, open)
			}
			open = open[:len(open)-1]
		case html.CommentToken:
			t.Errorf("%s has a comment: %s", name, token.Data)
		}
	}
}

func (p *parsedPage) checkAttribute(t *testing.T, name, element string, a html.Attribute) {
	t.Helper()
	switch a.Key {
	case "id":
		if p.ids[a.Val] {
			t.Errorf("%s has two elements %s", name, a.Val)
		}
		p.ids[a.Val] = true
	case "href", "src":
		p.links = append(p.links, a.Val)
		if document.External(a.Val) && element != "a" {
			t.Errorf("%s fetches %s from another server", name, a.Val)
		}
	case "style":
		t.Errorf("%s has a style of its own: %s", name, a.Val)
	default:
		if strings.HasPrefix(a.Key, "on") {
			t.Errorf("%s has a script in %s", name, a.Key)
		}
	}
}

func checkLink(t *testing.T, files map[string][]byte, pages map[string]parsedPage, from, link string) {
	t.Helper()
	if document.External(link) {
		return
	}
	target, anchor, _ := strings.Cut(link, "#")
	if target == "" {
		target = from
	}
	target = path.Clean(target)
	if _, ok := files[target]; !ok {
		t.Errorf("%s leads to %s, which is not there", from, link)
	}
	if anchor != "" && !pages[target].ids[anchor] {
		t.Errorf("%s leads to %s, and there is no such section", from, link)
	}
}

func TestPage(t *testing.T) {
	text, err := os.ReadFile("../markdown/testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	p := newPage("sample", string(text)+"\n## Lists\n\n## `wtp_key=` and more!\n")
	for _, want := range []string{
		`<a href="settings.html#listen">settings</a>`, `<a href="keys.html">keys</a>`, `<a href="#lists">`,
		`<a href="https://example.org/a/b?c=d">`, `<h2 id="lists">`, `<h2 id="lists-1">`, `<h2 id="wtp_key-and-more">`,
		`<td><code>--a|b</code></td>`, `<pre><code class="language-toml">`,
	} {
		if !strings.Contains(string(p.Body), want) {
			t.Errorf("no %s in\n%s", want, p.Body)
		}
	}
	for _, wrong := range []string{"<h1", "generated", "<!--"} {
		if strings.Contains(string(p.Body), wrong) {
			t.Errorf("%s in\n%s", wrong, p.Body)
		}
	}
	if n := len(p.Contents); n != 4 || p.Contents[3] != (entry{Link: "#wtp_key-and-more", Title: "wtp_key= and more!"}) {
		t.Errorf("the contents are %+v", p.Contents)
	}
}

// An earlier site is replaced. A folder with anything else is left alone.
func TestWriteSiteReplacesOnlyASite(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "docs")
	for _, files := range []map[string][]byte{
		{"index.html": []byte(generator + "a"), "old.html": nil},
		{"index.html": []byte(generator + "b"), "pictures/a.png": nil},
	} {
		if err := writeSite(out, files); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(out, "index.html"))
	if _, oldErr := os.Stat(filepath.Join(out, "old.html")); err != nil || string(data) != generator+"b" || oldErr == nil {
		t.Errorf("%q, %v, %v", data, err, oldErr)
	}
	if err := writeSite(dir, nil); err == nil {
		t.Error("a folder with something else was emptied")
	}
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
	home := filepath.Join(dir, "public_html")
	if err := os.MkdirAll(home, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "index.html"), []byte("<title>mine</title>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeSite(home, nil); err == nil {
		t.Error("another site was emptied")
	}
}
