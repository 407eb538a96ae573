package markup

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"
)

// TestAttributes checks each attribute that refers to a file. Addresses of the own site are rewritten in all of them,
// and those of other sites in links. Other addresses that belong to the page are reported.
func TestAttributes(t *testing.T) {
	tests := []struct {
		page string // with @ for an address
		does string // with another site's address: leads there, stays, or is told
	}{
		{`<a href="@">`, "leads"},
		{`<area href=@>`, "leads"},
		{`<base href='@'>`, "leads"},
		{`<form action="@" method=get>`, "leads"},
		{`<button formaction="@">`, "leads"},
		{`<input formaction="@">`, "leads"},
		{`<meta http-equiv=refresh content="60; url=@">`, "leads"},
		{`<meta content="0;URL='@'" http-equiv="Refresh">`, "leads"},
		{`<meta http-equiv=refresh content="0, @">`, "leads"},
		{`<svg><a xlink:href="@"></a></svg>`, "leads"},
		{`<link rel=stylesheet href="@">`, "told"},
		{`<link rel="shortcut icon" href="@">`, "told"},
		{`<link rel=canonical href="@">`, "stays"},
		{`<link rel=preload as=image imagesrcset="a.png 1x, @ 2x">`, "told"},
		{`<script src="@"></script>`, "told"},
		{`<img src="@">`, "told"},
		{`<img srcset="@ 1x, b.png 2x">`, "told"},
		{`<img srcset="a.png,b.png 2x,@ 3x">`, "told"},
		{`<picture><source srcset="@"></picture>`, "told"},
		{`<video><source src="@"></video>`, "told"},
		{`<video src="@">`, "told"},
		{`<video poster="@">`, "told"},
		{`<audio src="@">`, "told"},
		{`<track src="@">`, "told"},
		{`<iframe src="@"></iframe>`, "told"},
		{`<frame src="@">`, "told"},
		{`<embed src="@">`, "told"},
		{`<object data="@">`, "told"},
		{`<input type=image src="@">`, "told"},
		{`<body background="@">`, "told"},
		{`<table background="@">`, "told"},
		{`<td background="@">`, "told"},
		{`<svg><image href="@" /></svg>`, "told"},
		{`<svg><image xlink:href="@" /></svg>`, "told"},
		{`<svg><use href="@" /></svg>`, "told"},
		{`<svg><use xlink:href="@" /></svg>`, "told"},
		{`<svg><feImage href="@" /></svg>`, "told"},
		{`<svg><linearGradient xlink:href="@" /></svg>`, "told"},
		{`<svg><rect fill="url(@)"/></svg>`, "told"},
		{`<svg><rect clip-path="url('@')" /></svg>`, "told"},
		{`<svg><path marker-end="url(@)" /></svg>`, "told"},
		{`<a ping="/p @">`, "told"},
		{`<blockquote cite="@">`, "stays"},
		{`<q cite="@">`, "stays"},
		{`<del cite="@">`, "stays"},
		{`<ins cite="@">`, "stays"},
		{`<p style="background: url(@)">`, "told"},
		{`<p style='background: url("@")'>`, "told"},
		{`<p style="background: url(&quot;@&quot;)">`, "told"},
		{`<style>h1 { background: url( @ ) }</style>`, "told"},
		{`<style>@import "@";</style>`, "told"},
	}
	for _, tt := range tests {
		in := func(address string) string {
			return strings.ReplaceAll(strings.ReplaceAll(tt.page, "@import", "\x00"), "@", address)
		}
		fill := func(address string) string { return strings.ReplaceAll(in(address), "\x00", "@import") }
		if got, _ := rewrite(t, HTML, fill(own+"/x")); got != fill(ownLocal+"/x") {
			t.Errorf("the site's own: %s", got)
		}
		if got, _ := rewrite(t, HTML, fill("WTP://Own.Example/x")); got != fill(ownLocal+"/x") {
			t.Errorf("the site's own in other case: %s", got)
		}
		want := fill(other + "/x")
		if tt.does == "leads" {
			want = fill(otherLocal + "/x")
		}
		got, s := rewrite(t, HTML, fill(other+"/x"))
		if got != want {
			t.Errorf("another site's: %s", got)
		}
		if told := slices.Equal(s.ForeignParts(), []string{other + "/x"}); told != (tt.does == "told") {
			t.Errorf("%s: told about %q", tt.page, s.ForeignParts())
		}
	}
}

func TestLinksAreRewritten(t *testing.T) {
	const local = otherLocal
	tests := map[string]string{
		`<a href="wtp://other.example/x?y=1&amp;z#f">`:         `<a href="` + local + `/x?y=1&amp;z#f">`,
		`<A  Class=x  HREF = 'WTP://Other.Example'  >t</A >`:   `<A  Class=x  HREF = '` + local + `'  >t</A >`,
		`<a href=wtp://other.example/x/>`:                      `<a href=` + local + `/x/>`,
		`<a href=wtp://other.example>`:                         `<a href=` + local + `>`,
		"<a href=' \n\twtp://other.example?q '>":               "<a href=' \n\t" + local + "?q '>",
		"<a href='wtp://other.example \n'>":                    "<a href='" + local + " \n'>",
		`<a title="wtp://a.b/" href="wtp://other.example/"/>`:  `<a title="wtp://a.b/" href="` + local + `/"/>`,
		`<a href="wtp://other.example/" href="wtp://a.b/">`:    `<a href="` + local + `/" href="wtp://a.b/">`,
		`<a href="wtp:&#x2F;&#47;other.example&#x2F;x">`:       `<a href="` + local + `&#x2F;x">`,
		`<a href="wtp&#x3a;&#x2f;&#x2f;other&#x2e;example">`:   `<a href="` + local + `">`,
		`<a href="wtp://other.example&quest;q">`:               `<a href="` + local + `&quest;q">`,
		`<a href="wtp://other&period;example/">`:               `<a href="` + local + `/">`,
		`<a href="wtp://bücher.example/x">`:                    `<a href="http://bücher-example.localhost:7780/x">`,
		`<!-- -- > --><a href="wtp://other.example/">`:         `<!-- -- > --><a href="` + local + `/">`,
		`<!--><a href="wtp://other.example/">`:                 `<!--><a href="` + local + `/">`,
		`<!---><a href="wtp://other.example/">-->`:             `<!---><a href="` + local + `/">-->`,
		`<!--x--!><a href="wtp://other.example/">`:             `<!--x--!><a href="` + local + `/">`,
		`<script><!-- </script><a href="wtp://other.example">`: `<script><!-- </script><a href="` + local + `">`,
		`<script><!--><script></script><a href="wtp://other.example">`: `<script><!--><script></script><a href="` +
			local + `">`,
		`</p title=">"><a href="wtp://other.example/">`:      `</p title=">"><a href="` + local + `/">`,
		`<svg><title/></svg><a href="wtp://other.example/">`: `<svg><title/></svg><a href="` + local + `/">`,
		`<math><MATH/><SVG x><style/></SVG ></math><svg><script href=x /></svg><a href="wtp://other.example/">`: `<math>` +
			`<MATH/><SVG x><style/></SVG ></math>` +
			`<svg><script href=x /></svg><a href="` + local + `/">`,
		`<template><a href="wtp://other.example/">`:                 `<template><a href="` + local + `/">`,
		`<noscript><a href="wtp://other.example/">`:                 `<noscript><a href="` + local + `/">`,
		`<p title="` + long + `"><a href=wtp://other.example>`:      `<p title="` + long + `"><a href=` + local + `>`,
		"<script>" + long + `</script><a href=wtp://other.example>`: "<script>" + long + `</script><a href=` + local + `>`,
	}
	for page, want := range tests {
		if got, s := rewrite(t, HTML, page); got != want || len(s.Edits()) != 1 {
			t.Errorf("%.200s\ngot  %.200s (%d edits)\nwant %.200s", page, got, len(s.Edits()), want)
		}
	}
}

func TestXMLIsRewritten(t *testing.T) {
	tests := map[string]string{
		`<?xml version="1.0"?><svg><image href="@/a.png"/></svg>`: `<?xml version="1.0"?>` +
			`<svg><image href="#/a.png"/></svg>`,
		`<svg><style/><title/><script href="@/a.js"/><use xlink:href="@/b.svg#x"/>`: `<svg><style/><title/>` +
			`<script href="#/a.js"/><use xlink:href="#/b.svg#x"/>`,
		`<svg><style><![CDATA[p{fill:url(@/a.svg#x)}]]></style>`: `<svg><style>` +
			`<![CDATA[p{fill:url(#/a.svg#x)}]]></style>`,
		`<html><p><![CDATA[>< a href="@/" ><a href="@/">]]></p><a href="@/"/></html>`: `<html><p>` +
			`<![CDATA[>< a href="@/" ><a href="@/">]]></p><a href="#/"/></html>`,
		`<html><textarea/><iframe src="@/a"/><img src="@/b"/></html>`: `<html><textarea/>` +
			`<iframe src="#/a"/><img src="#/b"/></html>`,
	}
	for page, want := range tests {
		want = strings.ReplaceAll(strings.ReplaceAll(want, "#/", ownLocal+"/"), "@", own)
		if got, _ := rewrite(t, XML, strings.ReplaceAll(page, "@", own)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

var long = strings.Repeat("x", 10<<10)

// TestEverythingElseIsUntouched promises that everything but links to sites stays byte for byte.
func TestEverythingElseIsUntouched(t *testing.T) {
	for _, page := range []string{
		"",
		"plain wtp://other.example/ text, {{ <b wtp://own.example/> }}",
		`<a href="/relative">`, `<a href="//other.example/">`, `<a href="https://other.example/">`,
		`<a href="#wtp://other.example">`,
		`<script>x = '<a href="wtp://other.example/">'; import "wtp://own.example/x"</script>`,
		`<script type=text/template><a href="wtp://own.example/"></script>`,
		`<script><!-- <script></script><a href="wtp://own.example/"> --></script>`,
		`<style>a:after{content:'<a href="wtp://other.example/">'}</style>`,
		`<!-- <a href="wtp://own.example/"> -->`, `<!--[if IE]><a href="wtp://own.example/"><![endif]-->`,
		`<!doctype html "<a href=wtp://own.example>`, `<?php <a href='wtp://own.example/'`, `</ <a href=wtp://own.example>`,
		`<textarea><a href="wtp://own.example/"></textarea>`, `<title><a href="wtp://own.example/"></title>`,
		`<xmp><a href="wtp://own.example/"></xmp>`, `<iframe><a href="wtp://own.example/"></iframe>`,
		`<script src=x /><a href="wtp://own.example/">`, `<svg/><title/><a href="wtp://own.example/">`,
		`<svg></svg><title/><a href="wtp://own.example/">`,
		`<svg><title><a href="wtp://own.example/"></title></svg>`,
		`<svg><p><textarea><a href="wtp://own.example/"></textarea>`,
		`<a href="wtp://">`, `<a href="wtp:///x">`, `<a href="wtp://nodots/">`, `<a href="wtp://user@other.example/">`,
		`<a href="wtp://other.example:80/">`, `<a href="wtp://-x.y=x">`, `<a href="wtp:other.example">`,
		`<a href="&#119;tp://own.example">`, `<a href="web+wtp://other.example">`,
		`<a data-href="wtp://own.example/">`, `<p href="wtp://own.example/">`, `</a href="wtp://own.example/">`,
		`<html manifest="wtp://own.example/">`, `<meta property=og:image content="wtp://own.example/">`,
		`<meta http-equiv=refresh content="5">`, `<meta http-equiv=refresh content="">`,
		`<a href="wtp://other.example/`, `<a`, `<`, "<a\x00href=\r\n>", "\xff\xfe<\x00a\x00",
		"<plaintext><a href='wtp://own.example/'>",
		"<a " + manyAttributes() + "href='wtp://other.example/'>",
	} {
		if got, s := rewrite(t, HTML, page); got != page || len(s.Edits()) != 0 {
			t.Errorf("%.200q became %.200q (%d edits)", page, got, len(s.Edits()))
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

func TestForeignPartsAreLimited(t *testing.T) {
	_, s := rewrite(t, HTML, strings.Repeat(`<img src="wtp://other.example/`+strings.Repeat("x", 300)+`">`, 100))
	if got := s.ForeignParts(); len(got) != maxForeign || len(got[0]) != 200 {
		t.Errorf("%d addresses, the first of %d bytes", len(got), len(got[0]))
	}
}

func TestTitle(t *testing.T) {
	tests := map[string]string{
		"<title>Night Radio</title>":                              "Night Radio",
		"<head><TITLE lang=en>\n a &amp;  b\n</TITLE>":            "a & b",
		"<title></title><title>second</title>":                    "second",
		"<title>first</title><svg><title>icon</title>":            "first",
		"<title>" + strings.Repeat("ü", 600) + "</title>":         strings.Repeat("ü", maxTitle/2),
		"<!-- <title>no</title> --><script>'<title>no'</script>x": "",
		"<title>not ended":                                        "not ended",
	}
	for page, want := range tests {
		if _, s := rewrite(t, HTML, page); s.Title() != want {
			t.Errorf("%.80q: title %q, want %q", page, s.Title(), want)
		}
	}
}

func TestEncoding(t *testing.T) {
	decode := func(b []byte) string {
		out, _ := charmap.Windows1251.NewDecoder().Bytes(b)
		return string(out)
	}
	var asked string
	s := NewScanner(HTML, Options{Decode: decode, SiteRoot: func(host string) (string, bool, bool) {
		asked = host
		return "http://x.localhost", false, true
	}})
	s.Scan([]byte("<title>\xcf\xf0\xe8</title><a href=wtp://\xcf\xf0\xe8.example/>"))
	if s.Title() != "При" || asked != "При.example" || len(s.Edits()) != 1 {
		t.Errorf("title %q, host %q, %v", s.Title(), asked, s.Edits())
	}
}

// FuzzTags promises that the scanner finds the same tags as the tokenizer of golang.org/x/net/html.
func FuzzTags(f *testing.F) {
	for _, seed := range []string{
		"<a href=x>", "<!--><a>", "<!-- -- > --!><a>", "<script><!--<script></script>--></script><a>", "<a b='>'><c>",
		"<a/b=/><c>", "<textarea><a></textarea x><b>",
		"<style></style/><a>", "</a b='>'><c>", "<a =b>", "<? <a>", "<!x <a>", "<a\x00><b>", "<a b = 'c'd>",
		"<title><!--</title><a>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, page string) {
		if strings.ContainsAny(page, "\r\x00") || strings.Contains(strings.ToLower(page), "<noscript") {
			t.Skip()
		}
		var got, want []string
		s := NewScanner(HTML, Options{})
		for at, data := 0, []byte(page); at < len(data); {
			if raw := s.page.rawName; raw != "" {
				end, ok := rawEnd(data, at, raw)
				if !ok || raw == "plaintext" {
					break
				}
				at, s.page.rawName = end, ""
			}
			next := strings.IndexByte(page[at:], '<')
			if next < 0 {
				break
			}
			at += next
			end, ok := s.token(data, at)
			if !ok {
				break
			}
			if isLetter(data[at+1]) {
				got = append(got, page[at:end])
			}
			at = end
		}
		z := html.NewTokenizer(strings.NewReader(page))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			if raw := string(z.Raw()); kind == html.StartTagToken || kind == html.SelfClosingTagToken {
				want = append(want, raw)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q\ngot  %q\nwant %q", page, got, want)
		}
	})
}
