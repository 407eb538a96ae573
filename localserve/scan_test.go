package localserve

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/net/html"
)

// scanned is what becomes of a page that is sent from port 7780.
func scanned(t testing.TB, page string) (string, *scan) {
	t.Helper()
	var s Server
	p := newScan(strings.NewReader(page), encodingOf([]byte(page)), s.originOf("7780"), references{})
	out, err := io.ReadAll(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), p
}

func TestLinksAreRewritten(t *testing.T) {
	const local = "http://other-example.localhost:7780"
	tests := map[string]string{
		`<a href="wtp://other.example/x?y=1&amp;z#f">`:            `<a href="` + local + `/x?y=1&amp;z#f">`,
		`<A  Class=x  HREF = 'WTP://Other.Example'  >t</A >`:      `<A  Class=x  HREF = '` + local + `'  >t</A >`,
		`<a href=wtp://other.example/x/>`:                         `<a href=` + local + `/x/>`,
		`<a href=wtp://other.example>`:                            `<a href=` + local + `>`,
		"<a href=' \n\twtp://other.example?q '>":                  "<a href=' \n\t" + local + "?q '>",
		"<a href='wtp://other.example \n'>":                       "<a href='" + local + " \n'>",
		`<area href="wtp://other.example/x">`:                     `<area href="` + local + `/x">`,
		`<form action="wtp://other.example/x" method=get>`:        `<form action="` + local + `/x" method=get>`,
		`<base href="wtp://other.example/x/">`:                    `<base href="` + local + `/x/">`,
		`<button formaction="wtp://other.example/">`:              `<button formaction="` + local + `/">`,
		`<a title="wtp://a.b/" href="wtp://other.example/"/>`:     `<a title="wtp://a.b/" href="` + local + `/"/>`,
		`<a href="wtp://other.example/" href="wtp://a.b/">`:       `<a href="` + local + `/" href="wtp://a.b/">`,
		`<a href="wtp://` + strings.ToUpper(hash) + `/x">`:        `<a href="http://` + hash + `.localhost:7780/x">`,
		`<a href="wtp://my-site.other.example/">`:                 `<a href="http://my--site-other-example.localhost:7780/">`,
		`<a href="wtp://bücher.example/x">`:                       `<a href="http://localhost:7780/wtp/xn--bcher-kva.example/x">`,
		"<meta charset=latin1><a href='wtp://b\xfccher.example'>": "<meta charset=latin1><a href='http://localhost:7780/wtp/xn--bcher-kva.example'>",
		`<svg><a href="wtp://other.example/">`:                    `<svg><a href="` + local + `/">`,
	}
	for page, want := range tests {
		got, p := scanned(t, page)
		if got != want || p.links != 1 {
			t.Errorf("%s\ngot  %s (%d links)\nwant %s", page, got, p.links, want)
		}
	}
}

// What is no link to a site that can be opened here passes byte for byte: the system's handler may know it.
func TestAllElseIsUntouched(t *testing.T) {
	for _, page := range []string{
		"",
		"plain wtp://other.example/ text",
		`<a href="/relative">`, `<a href="//other.example/">`, `<a href="https://other.example/">`, `<a href="#wtp://other.example">`,
		`<img src="wtp://other.example/x.png">`, `<script src=wtp://other.example/x.js></script>`, `<link href="wtp://other.example/">`,
		`<script>x = '<a href="wtp://other.example/">'</script>`, `<style>a:after{content:'<a href="wtp://other.example/">'}</style>`,
		`<!-- <a href="wtp://other.example/"> -->`, `<textarea><a href="wtp://other.example/"></textarea>`, `<title><a href="wtp://other.example/"></title>`,
		`<a href="wtp://">`, `<a href="wtp:///x">`, `<a href="wtp://nodots/">`, `<a href="wtp://user@other.example/">`, `<a href="wtp://other.example:80/">`,
		`<a href="wtp://--config=x">`, `<a href="wtp:other.example">`, `<a href="web+wtp://other.example">`, `<a data-href="wtp://other.example/">`,
		`<p href="wtp://other.example/">`, `</a href="wtp://other.example/">`, `<a href="wtp://other.example/`, `<a`, `<`, "<a\x00href=\r\n>", "\xff\xfe<\x00a\x00",
		"<meta charset=iso-2022-jp><a href=wtp://other.example/>", "<plaintext><a href='wtp://other.example/'>",
		"<a " + manyAttributes() + "href='wtp://other.example/'>",
		strings.Repeat("x", 2*maxToken) + `<a href="wtp://other.example/">`,
		`<a title="` + strings.Repeat("x", 2*maxToken) + `" href="wtp://other.example/">`,
	} {
		if got, p := scanned(t, page); got != page || p.links != 0 {
			t.Errorf("%.200q became %.200q (%d links)", page, got, p.links)
		}
	}
}

func manyAttributes() string {
	var b strings.Builder
	for i := range maxAttributes {
		fmt.Fprintf(&b, "x%d ", i)
	}
	return b.String()
}

func TestTitleOfPage(t *testing.T) {
	tests := map[string]string{
		"<title>Night Radio</title>":                              "Night Radio",
		"<head><TITLE lang=en>\n a &amp;  b\n</TITLE>":            "a & b",
		"<title></title><title>second</title>":                    "second",
		"<title>first</title><svg><title>icon</title>":            "first",
		"<meta charset=windows-1251><title>\xcf\xf0\xe8</title>":  "При",
		"<title>" + strings.Repeat("ü", 600) + "</title>":         strings.Repeat("ü", maxTitle/2),
		"<!-- <title>no</title> --><script>'<title>no'</script>x": "",
	}
	for page, want := range tests {
		if _, p := scanned(t, page); p.title != want {
			t.Errorf("%.80q: title %q, want %q", page, p.title, want)
		}
	}
}

func TestReferencesInOrderOfNeed(t *testing.T) {
	m := &memory{files: map[string]string{}}
	for _, f := range []string{
		"blog/index.html", "style.css", "blog/app.js", "a.png", "b.png", "f.woff2", "g.woff2", "next/index.html", "clip.mp4", "poster.jpg", "m.webmanifest", "mod.mjs", "data.json",
	} {
		m.files[f] = "x"
	}
	v := visit{target: target{label: label, port: "7780", path: "/blog/"}, host: domain, content: m}
	page := `<a href="/next">next</a><img src=/a.png srcset="../b.png 2x"><script src="app.js?v=1"></script>
		<style>@font-face{src:url('/f.woff2')}</style><link rel="preload" as=font href="/g.woff2"><link rel="stylesheet" href="//` + label + `.localhost:7780/style.css">
		<video src=/clip.mp4 poster=/poster.jpg></video><link rel=manifest href="/m.webmanifest"><link rel=modulepreload href="/mod.mjs">
		<a href="wtp://` + domain + `/data.json">, <a href="https://elsewhere.example/style.css">, <img src="/style.css"><img src="missing.png"><a href="#x">`
	p := newScan(strings.NewReader(page), encodingOf(nil), nil, v.references())
	if _, err := io.Copy(io.Discard, p); err != nil {
		t.Fatal(err)
	}
	p.refs.raise()
	want := []string{"style.css", "blog/app.js", "mod.mjs", "a.png", "b.png", "poster.jpg", "f.woff2", "g.woff2", "clip.mp4", "m.webmanifest", "next/index.html", "data.json"}
	if !slices.Equal(m.raised, want) {
		t.Errorf("raised %v\nwant   %v", m.raised, want)
	}
}

func TestReferencesFollowBase(t *testing.T) {
	m := &memory{files: map[string]string{"a/x.css": "x", "x.css": "y"}}
	v := visit{target: target{label: label, port: "7780", path: "/"}, host: domain, content: m}
	p := newScan(strings.NewReader(`<base href="/a/"><base href="/b/"><link rel=stylesheet href="x.css">`), encodingOf(nil), nil, v.references())
	if _, err := io.Copy(io.Discard, p); err != nil {
		t.Fatal(err)
	}
	p.refs.raise()
	if !slices.Equal(m.raised, []string{"a/x.css"}) {
		t.Errorf("raised %v", m.raised)
	}
}

// Whatever the page: what is not a link to a site passes untouched, in whatever portions it comes, and a second pass
// finds nothing more to do.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{
		"", "<a href=wtp://a.b/>", `<a href="wtp://a.b/x">`, "<a href='wtp://a.b", "<script><a href=wtp://a.b></script>", "<!--><a href=wtp://a.b/>", "<a/href=wtp://a.b>",
		"<meta charset=shift_jis><a href=wtp://\x83\x5c.b/>", "\xfe\xff\x00<", "<a href=wtp://a.b/ href=wtp://c.d/>", "<a =wtp://a.b/ href==x>", "<title>wtp://", "<\x00a href=wtp://a.b>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, page string) {
		out, p := scanned(t, page)
		if !strings.Contains(strings.ToLower(page), "wtp://") && out != page || p.links == 0 && out != page {
			t.Fatalf("%q became %q", page, out)
		}
		again, q := scanned(t, out)
		if again != out || q.links != 0 {
			t.Fatalf("%q becomes %q when it is rewritten again", out, again)
		}
		var s Server
		slow := newScan(iotest.OneByteReader(strings.NewReader(page)), encodingOf([]byte(page)), s.originOf("7780"), references{})
		var portions bytes.Buffer
		if _, err := slow.WriteTo(&portions); err != nil || portions.String() != out {
			t.Fatalf("%q in portions becomes %q, else %q (%v)", page, portions.String(), out, err)
		}
		// Taken back, the links are all that has changed.
		if a, b := tokens(page), tokens(out); len(a) != len(b) {
			t.Fatalf("%q has %d tokens, %q has %d", page, len(a), out, len(b))
		}
	})
}

func tokens(page string) []html.TokenType {
	z := html.NewTokenizer(strings.NewReader(page))
	var out []html.TokenType
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out
		}
		out = append(out, kind)
	}
}
