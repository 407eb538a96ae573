package mirror

import (
	"net/url"
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	for _, tc := range []struct {
		base, name string
		path       []string // nil for a single file
		want       string   // empty if there is none
	}{
		{"http://h/pub/", "site", []string{"index.html"}, "http://h/pub/site/index.html"},
		{"http://h/pub", "site", []string{"index.html"}, "http://h/pub/site/index.html"},
		{"http://h", "site", []string{"a", "b"}, "http://h/site/a/b"},
		{"  https://h:8080/pub/ ", "site", []string{"a"}, "https://h:8080/pub/site/a"},
		{"http://h/pub/#top", "site", []string{"a"}, "http://h/pub/site/a"},
		{"http://h/my%20files/", "my site", []string{"a b.txt"}, "http://h/my%20files/my%20site/a%20b.txt"},
		{"http://h/get.php?dir=", "site", []string{"a"}, "http://h/get.php?dir=/site/a"},
		{"http://u:p@h/", "site", []string{"a"}, "http://u:p@h/site/a"},
		{"http://[::1]/", "site", []string{"a"}, "http://[::1]/site/a"},

		{"http://h/", "s", []string{"what?.html"}, "http://h/s/what%3F.html"},
		{"http://h/", "s", []string{"c#.html"}, "http://h/s/c%23.html"},
		{"http://h/", "s", []string{"100%.html"}, "http://h/s/100%25.html"},
		{"http://h/", "s", []string{"%41.html"}, "http://h/s/%2541.html"},
		{"http://h/", "s", []string{"a+b&c=d;e,f"}, "http://h/s/a%2Bb%26c%3Dd%3Be%2Cf"},
		{"http://h/", "s", []string{"größe", "日本.html"}, "http://h/s/gr%C3%B6%C3%9Fe/%E6%97%A5%E6%9C%AC.html"},
		{"http://h/", "s", []string{"\xff\xfe"}, "http://h/s/%FF%FE"},
		{"http://h/", "s", []string{`a\b`, "c:d", "e|f"}, "http://h/s/a%5Cb/c%3Ad/e%7Cf"},
		{"http://h/", "s", []string{"-_.~", ".hidden", "a..b", "..."}, "http://h/s/-_.~/.hidden/a..b/..."},
		{"http://h/", "s", []string{"a/b"}, "http://h/s/a%2Fb"},

		{"http://h/", "s", []string{"..", "x"}, ""},
		{"http://h/", "s", []string{".", "x"}, ""},
		{"http://h/", "s", []string{"", "x"}, ""},
		{"http://h/", "s", []string{}, ""},
		{"http://h/", "..", []string{"x"}, ""},
		{"http://h/", "", []string{"x"}, ""},

		{"http://h/film.mkv", "other name", nil, "http://h/film.mkv"},
		{"http://h/pub/", "my film.mkv", nil, "http://h/pub/my%20film.mkv"},
		{"http://h", "film.mkv", nil, "http://h/film.mkv"},
		{"http://h/get?id=7", "film.mkv", nil, "http://h/get?id=7"},
		{"http://h/film.mkv", "..", nil, "http://h/film.mkv"},

		{"ftp://h/pub/", "s", []string{"x"}, ""},
		{"http:///pub/", "s", []string{"x"}, ""},
		{"pub/", "s", []string{"x"}, ""},
		{"http://h/%zz/", "s", []string{"x"}, ""},
		{"", "s", []string{"x"}, ""},
	} {
		u, err := newURLs(tc.base, tc.name, tc.path != nil)
		got, ok := "", false
		if err == nil {
			got, ok = u.file(tc.path)
		}
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%q, %q, %q: got %q, %v (%v), want %q", tc.base, tc.name, tc.path, got, ok, err, tc.want)
		}
	}
}

// FuzzURLs checks that a server which decodes a URL finds the file, below the URL of the mirror.
func FuzzURLs(f *testing.F) {
	f.Add("http://h/pub/", "site", "a/b c/ü?#%.html")
	f.Add("https://h", "..", "../x")
	f.Add("http://h/x?y", "", "/")
	f.Fuzz(func(t *testing.T, base, name, path string) {
		u, err := newURLs(base, name, true)
		if err != nil {
			return
		}
		parts := strings.Split(path, "/")
		got, ok := u.file(parts)
		if !ok {
			return
		}
		parsed, err := url.Parse(got)
		if err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		root, err := url.Parse(u.base)
		if err != nil {
			t.Fatal(err)
		}
		where, below := parsed.Path, root.Path
		if root.RawQuery != "" || root.ForceQuery {
			where, err = url.QueryUnescape(parsed.RawQuery)
			if err != nil {
				return // The base itself has a query that is not escaped.
			}
			below, _ = url.QueryUnescape(root.RawQuery)
		}
		if want := below + name + "/" + path; where != want {
			t.Errorf("%q leads to %q, want %q", got, where, want)
		}
		if parsed.Host != root.Host || parsed.Scheme != root.Scheme || parsed.Fragment != "" {
			t.Errorf("%q is not below %q", got, u.base)
		}
	})
}
