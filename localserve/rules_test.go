package localserve

import (
	"bytes"
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"testing"

	"wtptui/engine"
)

func TestRedirects(t *testing.T) {
	files := map[string]string{
		"index.html": "home", "200.html": "any", "none.html": "none", "after/index.html": "after", "after/who.html": "who",
		"after/x.html":    "x",
		"assets/real.txt": "real", "list/a.txt": "a",
		"_redirects": "# from to status\n" +
			"/before  /after/  301\n/moved/*  /after/:splat  302\n/people/:name  /after/who.html  200\n/gone  /none.html  " +
			"410\n" +
			"this is no rule\n/assets/*  /none.html  200\n/out  https://example.com/x?y=1  302\n/bad  " +
			"javascript:alert(1)\n/host  //evil.example/x\n" +
			"/proxy  https://example.com/  200\n/nowhere  /not/there.html  200\n/own  wtp://" + domain +
			"/after/  302\n/known  wtp://" + hash + "/a?b  307\n" +
			"/odd  /after/  999\n/list/  /after/  302\n/_headers /after/ 302\n" +
			"/ü/*  /after/:splat  302\n/two/:a/:ab  /:ab/:a  302\n/caf%C3%A9  /after/who.html  200\n",
	}
	s := startServer(t, Config{
		Opener: &memoryOpener{Sites: map[string]engine.Content{domain: &memorySite{Files: files}, hash: &memorySite{}}},
	})
	tests := []struct {
		target string
		status int
		want   string // the body, or where it leads
	}{
		{"/before", 301, "/after/"},
		{"/before?q=1", 301, "/after/?q=1"},
		{"/moved/x.html", 302, "/after/x.html"},
		{"/moved//evil.example/", 302, "/after/evil.example/"},
		{"/people/ada", 200, "who"},
		{"/gone", 410, "none"},
		{"/assets/real.txt", 200, "real"},
		{"/assets/other.txt", 200, "none"},
		{"/out", 302, "https://example.com/x?y=1"},
		{"/own", 302, "http://" + label + ".localhost:PORT/after/"},
		{"/known", 307, "http://" + hash + ".localhost:PORT/a?b"},
		{"/list/", 302, "/after/"},
		{"/list", 302, "/after/"},
		{"/%C3%BC/a%3Fb%23%25%20c", 302, "/after/a%3Fb%23%25%20c"},
		{"/two/:ab/x", 302, "/x/:ab"},
		{"/caf%C3%A9", 200, "who"},
		{"/after", 301, "/after/"},
		// What is no rule, or leads nowhere, does not apply.
		{"/bad", 200, "any"},
		{"/host", 200, "any"},
		{"/proxy", 200, "any"},
		{"/nowhere", 200, "any"},
		{"/odd", 200, "any"},
		{"/_redirects", 200, "any"},
		{"/deep/link", 200, "any"},
	}
	for _, tt := range tests {
		got := s.get(tt.target, "Accept: text/html")
		was := got.body
		if got.status/100 == 3 {
			was = got.header.Get("Location")
		}
		if want := strings.ReplaceAll(tt.want, "PORT", s.port); got.status != tt.status || was != want {
			t.Errorf("%s: %d %q, want %d %q", tt.target, got.status, was, tt.status, want)
		}
	}
}

// TestRedirectAsksAboutUnknownSite promises that a redirect to a site that is not open leads to a question, since it is
// the person's to follow, and that a picture that is missing is not answered with the page for all other paths.
func TestRedirectAsksAboutUnknownSite(t *testing.T) {
	files := map[string]string{
		"index.html": "home", "200.html": "any", "_redirects": "/other wtp://other.example/x 302\n",
	}
	s := startServer(t, Config{Opener: &memoryOpener{Sites: map[string]engine.Content{domain: &memorySite{Files: files}}}})
	if got := s.get("/deep/missing.png", "Accept: image/png,*/*"); got.status != 404 {
		t.Errorf("a picture that is missing: %d", got.status)
	}
	got := s.get("/other", typed...)
	if got.status != 403 || !strings.Contains(got.body, "Open this site?") ||
		!strings.Contains(got.body, "http://other-example.localhost:") {
		t.Errorf("another site: %d %s", got.status, got.body)
	}
}

// TestRedirectTargetsAreLimited promises that the length of a redirect's target is limited.
func TestRedirectTargetsAreLimited(t *testing.T) {
	s, _ := startSite(t, map[string]string{
		"_redirects": "/x/* /" + strings.Repeat(":splat", 10000) + " 302\n/y/* https://example.com:8080/:splat/:splat\n",
	})
	path := strings.Repeat("a", 8<<10)
	if got := s.get("/x/" + path); got.status != 404 {
		t.Errorf("%d, %d bytes", got.status, len(got.header.Get("Location")))
	}
	if got := s.get("/y/" + path); got.header.Get("Location") != "https://example.com:8080/"+path+"/"+path {
		t.Errorf("a long path: %d", got.status)
	}
}

// TestRedirectToUnknownSiteIsConfirmed promises that a redirect to a site that is not open asks the person, in
// whatever form it names the site.
func TestRedirectToUnknownSiteIsConfirmed(t *testing.T) {
	long := strings.Repeat("a.", 40) + "example"
	files := map[string]string{}
	s := startServer(t, Config{
		Opener: &memoryOpener{Sites: map[string]engine.Content{domain: &memorySite{Files: files}, hash: &memorySite{}}},
	})
	for to, status := range map[string]int{
		"http://other-example.localhost:PORT/x": 403, "http://OTHER-example.LOCALHOST:0PORT/x": 403,
		"http://localhost:PORT/wtp/other.example/x":        403,
		"http://127.0.0.1:PORT/?uri=wtp://other.example/x": 403, "http://[::1]:PORT/wtp/other.example/x": 403,
		"wtp://other.example/x": 403,
		"wtp://" + long + "/":   403,
		// Browsers take these for this computer, too.
		"http://127.1:PORT/wtp/other.example/x": 502, "http://0x7f000001:PORT/wtp/other.example/x": 502,
		"http://2130706433:PORT/wtp/other.example/":      502,
		"http://\uff4cocalhost:PORT/wtp/other.example/x": 502, "http://localhost.:PORT/wtp/other.example/x": 502,
		"http://localhost:PORT/": 502,
		// It is open, or of somebody else.
		"http://" + hash + ".localhost:PORT/x": 302, "http://localhost:PORT/wtp/" + hash + "/x": 302, "http://" + label +
			".localhost:PORT/x": 302,
		"http://localhost:1/": 302, "http://other.example:PORT/": 302, "https://other.example/": 302,
		"http://" + engine.OriginLabel(strings.Repeat("b.", 40)+"example") + ".localhost:PORT/x": 302,
	} {
		to = s.fillPort(to)
		files["_redirects"] = "/go " + to + " 302\n"
		if got := s.get("/go", typed...); got.status != status || (got.header.Get("Location") != "") != (status == 302) {
			t.Errorf("%s: %d, leads to %q, want %d", to, got.status, got.header.Get("Location"), status)
		}
	}
}

// TestCompressedScriptIsUsable promises that a script that a page names with its .gz suffix runs.
func TestCompressedScriptIsUsable(t *testing.T) {
	zipped := compress(t, "plain")
	s, _ := startSite(t, map[string]string{"build.js.gz": zipped, "tables.csv.gz": zipped, "build.js.br": zipped})
	// which is not taken
	for path, coding := range map[string]string{"/build.js.gz": "gzip", "/tables.csv.gz": "", "/build.js.br": ""} {
		got := s.get(path, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script",
			"Accept-Encoding: gzip")
		if got.status != 200 || got.body != zipped || got.header.Get("Content-Encoding") != coding {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
}

// TestCompressedScriptAndDownloadHaveOwnETags promises that a browser does not use a downloaded compressed script as a
// script, nor the other way round.
func TestCompressedScriptAndDownloadHaveOwnETags(t *testing.T) {
	s, _ := startSite(t, map[string]string{"build.js.gz": compress(t, "plain")})
	used := []string{
		"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script", "Accept-Encoding: gzip",
	}
	downloaded := append([]string{"Accept-Encoding: gzip"}, typed...)
	for _, first := range [][2][]string{{used, downloaded}, {downloaded, used}} {
		tag := "If-None-Match: " + s.get("/build.js.gz", first[0]...).header.Get("ETag")
		if again, other := s.get("/build.js.gz", append(first[0], tag)...),
			s.get("/build.js.gz", append(first[1], tag)...); again.status != 304 || other.status != 200 {
			t.Errorf("%s: %d and %d", tag, again.status, other.status)
		}
	}
}

// TestRedirectsWithoutClearnet promises that a site without clearnet access cannot redirect there.
func TestRedirectsWithoutClearnet(t *testing.T) {
	m := &memorySite{
		NoClearnet: true, Files: map[string]string{"_redirects": "/out https://example.com/ 302\n/in /x 302\n"},
	}
	s := startServer(t, Config{Opener: &memoryOpener{Sites: map[string]engine.Content{domain: m}}})
	if got := s.get("/out"); got.status != 403 || got.header.Get("Location") != "" {
		t.Errorf("%d, leads to %q", got.status, got.header.Get("Location"))
	}
	if got := s.get("/in"); got.status != 302 {
		t.Errorf("within the site: %d", got.status)
	}
}

func TestOwnerHeaders(t *testing.T) {
	s, _ := startSite(t, map[string]string{
		"index.html": "<p>\xe9", "a/b.html": "b", "a/c.txt": "c", "pic.png": "p",
		"_headers": "/*\n  X-Robots-Tag: noindex\n  Cache-Control: max-age=9\n  Link: </x>; rel=preload\n  Set-Cookie: " +
			"a=b\n  Access-Control-Allow-Origin: *\n" +
			"  Content-Security-Policy: script-src 'self'; report-uri https://example.com/, img-src " +
			"'none';Report-URI\thttps://example.com/\n" +
			"/\n  Content-Type: text/html; charset=iso-8859-1\n/a/*\n  Cross-Origin-Embedder-Policy: require-corp\n  " +
			"Cross-Origin-Opener-Policy: same-origin\n" +
			"/a/:file\n  Permissions-Policy: camera=()\n/pic.png\n  Content-Type: text/html; charset=utf-8\n  " +
			"Cross-Origin-Opener-Policy: unsafe-none\n",
	})
	all := s.get("/a/b.html", typed...).header
	for name, want := range map[string]string{
		"X-Robots-Tag": "noindex", "Cache-Control": "no-cache", "Link": "", "Set-Cookie": "",
		"Access-Control-Allow-Origin":  "",
		"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin",
		"Permissions-Policy": "camera=()",
	} {
		if got := all.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	policies := strings.Join(all["Content-Security-Policy"], " | ")
	if want := sitePolicy[0] + " | script-src 'self' | img-src 'none'"; policies != want {
		t.Errorf("policies %q, want %q", policies, want)
	}
	if got := s.get("/").header; got.Get("Content-Type") != "text/html; charset=iso-8859-1" ||
		got.Get("Permissions-Policy") != "" {
		t.Errorf("/: %v", got)
	}
	if got := s.get("/pic.png", typed...).header; got.Get("Content-Type") != "image/png" ||
		got.Get("Cross-Origin-Opener-Policy") != "same-origin-allow-popups" {
		t.Errorf("/pic.png: %v", got)
	}
	for path, status := range map[string]int{"/_headers": 404, "//_headers": 400} {
		if got := s.get(path); got.status != status {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

func compress(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCompressedFiles(t *testing.T) {
	zipped := compress(t, "plain")
	s, _ := startSite(t, map[string]string{
		"drawing.svgz": zipped, "build.js.gz": zipped, "build.js.br": "brotli", "only.js.br": "brotli", "old.js.gz": zipped,
		"tables.csv.gz": zipped,
		"page.html":     "page", "page.html.gz": zipped, "bad.js.gz": "no gzip", "both.js": "plain", "both.js.gz": zipped,
	})
	tests := []struct {
		path, accept        string
		status              int
		body, ctype, coding string
		varies, tagged      bool
	}{
		{
			path: "/drawing.svgz", accept: "gzip, br", status: 200, body: zipped, ctype: "image/svg+xml", coding: "gzip",
			varies: true, tagged: true,
		},
		{path: "/drawing.svgz", accept: "identity", status: 200, body: "plain", ctype: "image/svg+xml", varies: true},
		{
			path: "/build.js", accept: "gzip, br", status: 200, body: "brotli", ctype: "text/javascript", coding: "br",
			varies: true, tagged: true,
		},
		{
			path: "/build.js", accept: "gzip, br;q=0", status: 200, body: zipped, ctype: "text/javascript", coding: "gzip",
			varies: true, tagged: true,
		},
		{path: "/build.js", accept: "", status: 200, body: "plain", ctype: "text/javascript", varies: true},
		{
			path: "/old.js", accept: "*", status: 200, body: zipped, ctype: "text/javascript", coding: "gzip", varies: true,
			tagged: true,
		},
		{path: "/only.js", accept: "gzip", status: 404, ctype: plainText, body: "*"},
		{path: "/build.js.gz", accept: "gzip", status: 200, body: zipped, ctype: "application/gzip", tagged: true},
		{path: "/tables.csv", accept: "gzip", status: 404, ctype: plainText, body: "*"},
		{path: "/page.html", accept: "gzip", status: 200, body: "page", ctype: htmlType, tagged: true},
		// It is here, and needs no unpacking.
		{path: "/both.js", accept: "gzip", status: 200, body: "plain", ctype: "text/javascript", tagged: true},
		{path: "/bad.js", accept: "", status: 502, ctype: plainText, body: "*"},
	}
	for _, tt := range tests {
		got := s.get(tt.path, "Accept-Encoding: "+tt.accept)
		h := got.header
		if got.status != tt.status || tt.body != "*" && got.body != tt.body || h.Get("Content-Type") != tt.ctype ||
			h.Get("Content-Encoding") != tt.coding {
			t.Errorf("%s for %q: %d %q %v", tt.path, tt.accept, got.status, got.body, h)
		}
		if (h.Get("Vary") != "") != tt.varies || (h.Get("ETag") != "") != tt.tagged {
			t.Errorf("%s for %q: Vary %q, ETag %q", tt.path, tt.accept, h.Get("Vary"), h.Get("ETag"))
		}
		if length := h.Get("Content-Length"); tt.tagged && length != strconv.Itoa(len(got.body)) {
			t.Errorf("%s for %q: Content-Length %q of %d bytes", tt.path, tt.accept, length, len(got.body))
		}
	}
}

// TestRangesOfCompressedFiles promises that a range is one of the compressed bytes.
func TestRangesOfCompressedFiles(t *testing.T) {
	zipped := compress(t, "plain")
	s, _ := startSite(t, map[string]string{"drawing.svgz": zipped})
	got := s.get("/drawing.svgz", "Accept-Encoding: gzip", "Range: bytes=1-3")
	if got.status != 206 || got.body != zipped[1:4] || got.header.Get("Content-Length") != "3" {
		t.Errorf("a part: %d %q %v", got.status, got.body, got.header)
	}
	if got := s.get("/drawing.svgz", "Accept-Encoding: gzip", "Range: bytes=0-1,3-4"); got.status != 200 ||
		got.body != zipped {
		t.Errorf("several parts: %d %q %v", got.status, got.body, got.header)
	}
	if got := s.get("/drawing.svgz", "Accept-Encoding: gzip", "Range: bytes=9999-"); got.status != 416 ||
		got.header.Get("Content-Encoding") != "" {
		t.Errorf("a part after its end: %d %v", got.status, got.header)
	}
}

// TestCharsetOfCompressedText promises that a compressed text has the charset that it would have uncompressed.
func TestCharsetOfCompressedText(t *testing.T) {
	for name, text := range map[string]string{
		"a.txt": "né", "a.html": "<p>né", "b.html": "<meta charset=utf-8>né",
		"c.html": "<p>n\xe9", "a.js": "'né'", "a.json": `"né"`,
	} {
		s, _ := startSite(t, map[string]string{name + ".gz": compress(t, text), "plain/" + name: text})
		want := s.get("/plain/" + name).header.Get("Content-Type")
		for _, accept := range []string{"gzip", "identity", "gzip"} {
			got := s.get("/"+name, "Accept-Encoding: "+accept)
			if ctype := got.header.Get("Content-Type"); ctype != want || got.status != 200 || accept == "identity" &&
				got.body != text {
				t.Errorf("%s, %s: %d %s, want %s; %q", name, accept, got.status, ctype, want, got.body)
			}
		}
	}
}
