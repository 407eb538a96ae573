package localserve

import (
	"strings"
	"testing"
)

// TestPageEncodings promises that addresses and titles are decoded in the encoding of the page, if that is a superset
// of ASCII.
func TestPageEncodings(t *testing.T) {
	tests := []struct{ page, want, title string }{
		{
			"<meta charset=latin1><title>\xfc</title><a href='wtp://b\xfccher.example'>",
			"<meta charset=latin1><title>\xfc</title><a href='http://localhost:PORT/wtp/xn--bcher-kva.example'>", "ü",
		},
		{
			"<meta charset=windows-1251><title>\xcf\xf0\xe8</title><a href=wtp://other.example>",
			"<meta charset=windows-1251><title>\xcf\xf0\xe8</title><a href=http://other-example.localhost:PORT>", "При",
		},
		{
			"<title>\xc9t\xe9</title><a href=wtp://other.example>",
			"<title>\xc9t\xe9</title><a href=http://other-example.localhost:PORT>", "Été",
		},
		{
			"<meta charset=iso-2022-jp><a href=wtp://other.example>", "<meta charset=iso-2022-jp><a href=wtp://other.example>",
			"",
		},
		{"\xff\xfe<title>x</title><a href=wtp://other.example>", "\xff\xfe<title>x</title><a href=wtp://other.example>", ""},
	}
	for _, tt := range tests {
		s, m := startSite(t, map[string]string{"index.html": tt.page})
		if got := s.get("/"); got.body != s.fillPort(tt.want) || m.Title != tt.title {
			t.Errorf("%q became %q, title %q", tt.page, got.body, m.Title)
		}
	}
}

// TestOwnersCharset promises that the charset set by the site's owner takes precedence over the page's own.
func TestOwnersCharset(t *testing.T) {
	const page = "<meta charset=utf-8><title>\xcf\xf0\xe8</title><a href='wtp://\xef\xf0\xe8.example/'>"
	for charset, title := range map[string]string{"windows-1251": "При", "no-such-charset": "", "utf-16le": ""} {
		s, m := startSite(t, map[string]string{
			"index.html": page, "_headers": "/*\n  Content-Type: text/html; charset=" + charset + "\n",
		})
		got := s.get("/")
		if m.Title != title || strings.Contains(got.body, "xn--h1and.example") != (title != "") {
			t.Errorf("%s: %q, title %q", charset, got.body, m.Title)
		}
	}
	// XML says itself what it is in.
	s, _ := startSite(t, map[string]string{
		"a.svg": `<svg><a href="wtp://при.example/"/></svg>`, "_headers": "/*\n  Content-Type: x/y; charset=utf-16le\n",
	})
	if got := s.get("/a.svg"); !strings.Contains(got.body, "xn--h1and.example") {
		t.Errorf("a drawing: %q", got.body)
	}
	// The same file is read anew where its owner has another one for it.
	s, _ = startSite(t, map[string]string{
		"a.html": page, "b.html": page, "_headers": "/b.html\n  Content-Type: text/html; charset=windows-1251\n",
	})
	for range 2 {
		if a, b := s.get("/a.html"), s.get("/b.html"); strings.Contains(a.body, "xn--h1and.example") ||
			!strings.Contains(b.body, "xn--h1and.example") {
			t.Errorf("%q and %q", a.body, b.body)
		}
	}
}
