package engine

import (
	"strings"
	"testing"
)

func TestParsePublicURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://me.github.io/site":        "https://me.github.io/site/",
		"https://www.example.org":          "https://www.example.org/",
		"https://example.org/a/index.html": "https://example.org/a/",
		"http://localhost:8000/":           "http://localhost:8000/",
		"http://a.localhost/":              "http://a.localhost/",
		"http://127.0.0.1:8000/repo":       "http://127.0.0.1:8000/repo/",
		"http://[::1]/":                    "http://[::1]/",
		"https://example.org/a%20b":        "https://example.org/a%20b/",
		"":                                 "",
		"none":                             "",
		"example.org":                      "",
		"http://example.org/":              "",
		"https:///a":                       "",
		"https://user:word@example.org/":   "",
		"https://example.org/?a":           "",
		"https://example.org/?":            "",
		"https://example.org/#a":           "",
		"https://example.org/\x1b[2J":      "",
		"wtp://example.org/":               "",
		"javascript:alert(1)":              "",
		"https://example.org/" + strings.Repeat("a", 2000): "",
	} {
		got, err := ParsePublicURL(in)
		if got != want || (err == nil) != (want != "") || err != nil && KindOf(err) != Invalid {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestPublicPageURL(t *testing.T) {
	s := Site{LocalURL: "http://a.localhost:7780/", PublicURL: "https://a.example/"}
	for local, want := range map[string]string{
		"":                                   "https://a.example/",
		"http://a.localhost:7780/":           "https://a.example/",
		"http://a.localhost:7780/x/%23?q":    "https://a.example/x/%23?q",
		"http://other.localhost:7780/a.html": "https://a.example/",
	} {
		if got := s.PublicPageURL(local); got != want {
			t.Errorf("%s: %s, want %s", local, got, want)
		}
	}
	if got := (Site{LocalURL: s.LocalURL}).PublicPageURL(s.LocalURL + "x"); got != "" {
		t.Errorf("a site without one has %s", got)
	}
	if got := (Site{PublicURL: s.PublicURL}).PublicPageURL("x"); got != s.PublicURL {
		t.Errorf("what is served to nobody here has %s", got)
	}
}
