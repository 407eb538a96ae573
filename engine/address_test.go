package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	hash     = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	inBase32 = "SUPK2MOQTZAET7A7EHYTPYRT3UCYT7F5"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]Address{
		"wtp://" + hash + "/blog/":            {Host: hash, Path: "/blog/"},
		"wtp://" + strings.ToUpper(hash):      {Host: hash},
		"wtp://" + inBase32 + "/x?a=b&c#d":    {Host: hash, Path: "/x", Query: "a=b&c", Fragment: "d"},
		strings.ToLower(inBase32):             {Host: hash},
		"  " + hash + "\n":                    {Host: hash},
		"wtp://tomjwatson.com/blog/vim-tips/": {Host: "tomjwatson.com", Path: "/blog/vim-tips/"},
		"WTP://TomJWatson.COM.":               {Host: "tomjwatson.com"},
		"example.org/a b/ü?q=ü": {
			Host: "example.org", Path: "/a%20b/%C3%BC", Query: "q=%C3%BC",
		},
		"bücher.example":                                       {Host: "xn--bcher-kva.example"},
		"wtp://my_site.example.org/%41":                        {Host: "my_site.example.org", Path: "/%41"},
		"./site.torrent":                                       {TorrentFile: "./site.torrent"},
		"file:///tmp/a%20b.torrent":                            {TorrentFile: "/tmp/a b.torrent"},
		"http://" + hash + ".localhost:7780/a?b#c":             {Host: hash, Path: "/a", Query: "b", Fragment: "c"},
		"http://my--site-example-org.localhost:1/":             {Host: "my-site.example.org", Path: "/"},
		"http://" + OriginLabel("xn--p1ai.рф") + ".localhost/": {OriginLabel: OriginLabel("xn--p1ai.рф"), Path: "/"},
		"http://localhost:7780/wtp/example.org/a%2Fb?c":        {Host: "example.org", Path: "/a%2Fb", Query: "c"},
		"http://127.0.0.1/?uri=wtp%3A%2F%2Fexample.org/p":      {Host: "example.org", Path: "/p"},
		"magnet:?xt=urn:btih:" + hash +
			"&dn=A+site&tr=udp%3A%2F%2Fx%3A1&tr.1=wss://y&ws=https://w/&xs=http://evil/&x.pe=1.2.3.4:5": {
			Host: hash, Name: "A site", Trackers: []string{"udp://x:1", "wss://y"}, WebSeeds: []string{"https://w/"},
			Peers: []string{"1.2.3.4:5"},
		},
		"magnet:?xt=urn:btih:" + hash + "&dn=a;b":            {Host: hash, Name: "a;b"},
		"MAGNET:?xt=urn:btmh:1220aa&xt=urn:btih:" + inBase32: {Host: hash},
	} {
		got, err := ParseAddress(in)
		if err != nil {
			t.Errorf("ParseAddress(%q): %v", in, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseAddress(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestParseAddressErrors(t *testing.T) {
	for _, in := range []string{
		"", " ", "localhost", "nodots", "wtp://", "wtp:///path", "https://example.org/", "ftp://x.y/", "http://example.org/",
		"wtp://user@example.org/", "wtp://example.org:80/", "wtp://127.0.0.1/", "wtp://[::1]/",
		"1.2.3", "0x7f.1", "wtp://a..b/",
		"wtp://-a.example/", "wtp://a-.example/", "wtp://exa mple.org/", "wtp://" + strings.Repeat("a", 64) + ".org/",
		"wtp://example.org/%zz", "wtp://example.org/\x1b[31m", "wtp://example.org/a\nb", "wtp://--config=x", hash[:39],
		hash + "0",
		"magnet:?dn=x", "magnet:?xt=urn:btih:zz", "magnet:?xt=urn:btmh:1220aa", "magnet:", "magnet:?", "magnet:?xt=%zz",
		"http://" + strings.Repeat("a-", 20) + ".localhost/", "wtp://example.org/" + strings.Repeat("a", MaxAddressLength),
		"\xff\xfe.org",
	} {
		a, err := ParseAddress(in)
		if err == nil {
			t.Errorf("ParseAddress(%.60q) took it as %+v", in, a)
			continue
		}
		if KindOf(err) != Invalid || !strings.Contains(Message(err), "wtp://") ||
			strings.ContainsAny(Message(err), "\n\x1b") {
			t.Errorf("ParseAddress(%.60q) says %q", in, Message(err))
		}
	}
}

// What is written can be read, and nothing that is read can be written in two ways.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{
		"wtp://" + hash + "/a?b#c", "bücher.example/ü", "magnet:?xt=urn:btih:" + inBase32, "http://a-b.localhost:1/x",
		"x.torrent",
		"http://localhost/wtp/a.b/c", "http://localhost/?uri=wtp://a.b/c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a, err := ParseAddress(in)
		if err != nil {
			if KindOf(err) != Invalid {
				t.Fatalf("kind %q", KindOf(err))
			}
			return
		}
		if a.TorrentFile != "" || a.OriginLabel != "" {
			return
		}
		out := a.String()
		if strings.ContainsFunc(out, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			t.Fatalf("String gave %q", out)
		}
		b, err := ParseAddress(out)
		if err != nil {
			if len(out) > MaxAddressLength {
				return // escaping made it longer
			}
			t.Fatalf("ParseAddress(%q), from %q: %v", out, in, err)
		}
		if b.String() != out || b.Host != a.Host {
			t.Fatalf("%q became %q", out, b.String())
		}
	})
}

func TestAddressForms(t *testing.T) {
	a := Address{Host: "example.org", Path: "/p%20q", Query: "a=b", Fragment: "c"}
	if got := a.String(); got != "wtp://example.org/p%20q?a=b#c" {
		t.Errorf("String: %s", got)
	}
	if got := a.Resolve("http://example-org.localhost:7780/"); got != "http://example-org.localhost:7780/p%20q?a=b#c" {
		t.Errorf("Resolve: %s", got)
	}
	if got := (Address{Host: hash}).Resolve("http://x/"); got != "http://x/" {
		t.Errorf("Resolve: %s", got)
	}
}
