package engine

import (
	"strings"
	"testing"
)

func TestWTPURLFromWeb(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.org":               "wtp://example.org/",
		"https://example.org/a/b?c=d#e":     "wtp://example.org/a/b?c=d#e",
		"HTTPS://Example.ORG./\n":           "wtp://example.org/",
		"http://www.example.org/x":          "wtp://www.example.org/x",
		"https://example.org:443/x":         "wtp://example.org/x",
		"http://example.org:80?q":           "wtp://example.org/?q",
		"https://bücher.example/ü":          "wtp://xn--bcher-kva.example/%C3%BC",
		"https://example.org/x.torrent.txt": "wtp://example.org/x.torrent.txt",
	} {
		got, ok := WTPURLFromWeb(in)
		if !ok || got != want {
			t.Errorf("WTPURLFromWeb(%q) = %q, %v; want %q", in, got, ok, want)
		}
		_, err := ParseAddress(in)
		if msg := Message(err); KindOf(err) != Invalid || msg != "that is a web address; as a wtp site it would be "+want {
			t.Errorf("ParseAddress(%q) says %q", in, msg)
		}
		if a, err := ParseAddress(want); err != nil || a.String() != want {
			t.Errorf("what is offered, %s, is %v, %v", want, a, err)
		}
	}
	for in, says := range map[string]string{
		"https://example.org:8080/":       "no port",
		"https://me:word@example.org/":    "no user name",
		"https://192.0.2.1/":              "IP address",
		"https://[2001:db8::1]/":          "IP address",
		"https://localhost/":              "this computer",
		"http://localhost:3000/x":         "this computer",
		"https://router/":                 "not a domain",
		"https://example.org/s.torrent":   "download it",
		"https://example.org/S.TORRENT?x": "download it",
		"https://":                        "missing",
		"https://example.org/\na":         "line break",
		"example.org/x":                   "",
		"http://example-org.localhost:1/": "",
		"ftp://example.org/":              "not a wtp address",
	} {
		if got, ok := WTPURLFromWeb(in); ok {
			t.Errorf("WTPURLFromWeb(%q) = %q", in, got)
		}
		if _, err := ParseAddress(in); !strings.Contains(Message(err), says) || says == "" && err != nil {
			t.Errorf("ParseAddress(%q): %v, want %q", in, err, says)
		}
	}
}

func TestParseName(t *testing.T) {
	for in, want := range map[string]string{
		"example.org": "example.org", "Example.org/\n": "example.org", "wtp://example.org/": "example.org",
		"WTP://example.org":                  "example.org",
		"http://example-org.localhost:7780/": "example.org", "bücher.example": "xn--bcher-kva.example",
	} {
		if got, err := ParseName(in); err != nil || got != want {
			t.Errorf("ParseName(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, says := range map[string]string{
		"https://example.org/blog/": "it would be wtp://example.org/",
		"wtp://example.org/blog":    "nothing else",
		"example.org/blog":          "not a domain",
		"":                          "missing",
		"file:///tmp/a.torrent":     "nothing else",
		"http://" + OriginLabel("xn--p1ai.рф") + ".localhost/": "nothing else",
	} {
		if got, err := ParseName(in); KindOf(err) != Invalid || !strings.Contains(Message(err), says) {
			t.Errorf("ParseName(%q) = %q, %v; want %q", in, got, err, says)
		}
	}
}
