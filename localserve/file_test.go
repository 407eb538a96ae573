package localserve

import (
	"strings"
	"testing"
	"testing/synctest"
)

func TestPaths(t *testing.T) {
	s, _ := startSite(t, map[string]string{
		"index.html":         "home",
		"about.html":         "about",
		"plain":              "plain",
		"docs/index.html":    "docs",
		"docs/page.html":     "docs page",
		"docs.html":          "docs beside the folder",
		"files/a.txt":        "a",
		"files/sub/b.txt":    "b",
		"café/é.txt":         "composed",
		"cafe\u0301/x.txt":   "decomposed",
		"100%/50%.txt":       "percent",
		"a b+c/d&e.txt":      "blanks",
		"x":                  "small",
		"X":                  "big",
		"CON":                "device",
		"a:b":                "colon",
		"\xff\xfe.bin":       "no UTF-8",
		"q?.txt":             "question",
		"h#.txt":             "hash",
		"page.html/deep.txt": "a folder with a file's name",
		"both/x":             "file and folder",
		"both/x/y":           "below a file",
		"e/index.html/z":     "index is a folder",
		"old/index.htm":      "old",
		"xhtml/index.xhtml":  "xhtml",
		"upper/INDEX.HTML":   "upper",
		"iis/Default.htm":    "iis",
		"pick/default.htm":   "iis",
		"pick/INDEX.HTML":    "upper",
		"pick/index.htm":     "htm",
		"read.php?topic=9":   "nine",
	})
	tests := []struct {
		target   string
		status   int
		body     string // or, for a redirect, its location
		contains bool
	}{
		{"/", 200, "home", false},
		{"/index.html", 200, "home", false},
		{"/about.html", 200, "about", false},
		{"/about", 200, "about", false},
		{"/about?q=1", 200, "about", false},
		{"/about/", 404, "", true},
		{"/plain", 200, "plain", false},
		{"/plain/", 404, "", true},
		{"/docs/", 200, "docs", false},
		{"/docs/page", 200, "docs page", false},
		{"/docs.html", 200, "docs beside the folder", false},
		{"/docs", 301, "/docs/", false},
		{"/docs?q=%2F&r", 301, "/docs/?q=%2F&r", false},
		{"/docs?", 301, "/docs/?", false},
		{"/files/sub", 301, "/files/sub/", false},
		{"/files%2Fsub", 301, "/files/sub/", false},
		{"/caf%C3%A9", 301, "/caf%C3%A9/", false},
		{"/100%25", 301, "/100%25/", false},
		{"/a%20b+c", 301, "/a%20b+c/", false},
		{"/page.html", 301, "/page.html/", false},
		{"/caf%C3%A9/%C3%A9.txt", 200, "composed", false},
		{"/café/é.txt", 200, "composed", false},
		{"/cafe%CC%81/x.txt", 200, "decomposed", false},
		{"/caf%C3%A9/x.txt", 404, "", true},
		{"/100%25/50%25.txt", 200, "percent", false},
		{"/a%20b+c/d&e.txt", 200, "blanks", false},
		{"/a+b+c/d&e.txt", 404, "", true},
		{"/x", 200, "small", false},
		{"/X", 200, "big", false},
		{"/ABOUT.html", 404, "", true},
		{"/CON", 200, "device", false},
		{"/a:b", 200, "colon", false},
		{"/%FF%FE.bin", 200, "no UTF-8", false},
		{"/q%3F.txt", 200, "question", false},
		{"/h%23.txt", 200, "hash", false},
		{"/both/x", 200, "file and folder", false},
		{"/both/x/y", 200, "below a file", false},
		{"/docs//", 200, "docs", false},
		{"/docs//page.html", 200, "docs page", false},
		{"//docs/page.html", 200, "docs page", false},
		{"//docs", 400, "", true},
		{"//files/", 400, "", true},
		{"//evil.example/x", 400, "", true},
		{"/old/", 200, "old", false},
		{"/xhtml/", 200, "xhtml", false},
		{"/upper/", 200, "upper", false},
		{"/upper", 301, "/upper/", false},
		{"/iis/", 200, "iis", false},
		{"/pick/", 200, "htm", false},
		{"/read.php?topic=9", 200, "nine", false},
		{"/read.php?topic=8", 404, "", true},
		{"/x?topic=9", 200, "small", false},
		{"/files/", 200, "a.txt", true},
		{"/e/", 200, "index.html", true},
		{"/nothing", 404, "no file /nothing", true},
	}
	for _, tt := range tests {
		got := s.get(tt.target, "Accept: text/html")
		body := got.body
		if tt.status == 301 {
			body = got.header.Get("Location")
		}
		if got.status != tt.status || tt.contains && !strings.Contains(body, tt.body) || !tt.contains && body != tt.body {
			t.Errorf("%s: %d %q, want %d %q", tt.target, got.status, body, tt.status, tt.body)
		}
	}
}

func TestSites404Page(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home", "404.html": "lost?"})
	got := s.get("/no/such", "Range: bytes=0-1", `If-None-Match: *`)
	if got.status != 404 || got.body != "lost?" || got.header.Get("ETag") != "" ||
		got.header.Get("Content-Type") != htmlType {
		t.Errorf("%d %q, ETag %q, %s", got.status, got.body, got.header.Get("ETag"), got.header.Get("Content-Type"))
	}
	if got := s.request("HEAD", label, "/no/such"); got.status != 404 || got.header.Get("Content-Length") != "5" {
		t.Errorf("HEAD: %d, Content-Length %s", got.status, got.header.Get("Content-Length"))
	}
	if got := s.get("/404.html"); got.status != 200 || got.body != "lost?" {
		t.Errorf("asked for by name: %d %q", got.status, got.body)
	}
}

func TestSingleFileTorrent(t *testing.T) {
	s, _ := startSite(t, map[string]string{"film.mp4": "moving"})
	if got := s.get("/film.mp4"); got.body != "moving" {
		t.Errorf("the file: %d %q", got.status, got.body)
	}
	if got := s.get("/"); got.status != 200 || !strings.Contains(got.body, `href="./film.mp4"`) {
		t.Errorf("the root: %d %s", got.status, got.body)
	}
	s, _ = startSite(t, map[string]string{"index.html": "alone"})
	if got := s.get("/"); got.body != "alone" {
		t.Errorf("a single index.html: %d %q", got.status, got.body)
	}
}

// TestNavigationGetsLoadingPageForSites404 promises that a navigation waits for the site's 404 page as for any page.
func TestNavigationGetsLoadingPageForSites404(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("404.html", 0)
		p, _ := startPiped(t, openerOf(m))
		got, took := p.get(t, "/nothing", typed...)
		checkLoading(t, got, took, "Waiting for 404.html (4 B).")
		close(free)
		if got, _ := p.get(t, "/nothing",
			append([]string{"Range: bytes=1-2", "If-None-Match: *", "If-Match: x"}, typed...)...); got.status != 404 ||
			got.body != "lost" {
			t.Errorf("%d %q", got.status, got.body)
		}
	})
}
