package localserve

import (
	"strings"
	"testing"

	"wtptui/engine"
)

func TestHost(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home"})
	tests := []struct {
		host   string
		status int
	}{
		{label + ".localhost:PORT", 200},
		{strings.ToUpper(label) + ".LocalHost:PORT", 200},
		{"localhost:PORT", 200},
		{"127.0.0.1:PORT", 200},
		{"[::1]:PORT", 200},

		{"evil.com", 421},
		{"evil.com:PORT", 421},
		{"127.0.0.1.evil.com:PORT", 421},
		{"localhost.evil.com:PORT", 421},
		{"evil.com.localhost:PORT", 421},
		{"x.y.localhost:PORT", 421},
		{"127.0.0.1.localhost:PORT", 421},
		{"nolabelofasite.localhost:PORT", 421},
		{".localhost:PORT", 421},
		{"localhost", 421},
		{"localhost:1", 421},
		{"localhost:0PORT", 421},
		{"localhost:", 421},
		{label + ".localhost", 421},
		{label + ".localhost:80", 421},
		{label + ".localhost.:PORT", 421}, // another origin to a browser
		{"localhost.:PORT", 421},
		{"user@localhost:PORT", 400}, // net/http's own
		{"127.1:PORT", 421},
		{"127.0.0.2:PORT", 421},
		{"2130706433:PORT", 421},
		{"0.0.0.0:PORT", 421},
		{"[::]:PORT", 421},
		{"[::ffff:127.0.0.1]:PORT", 421},
		{"[0:0:0:0:0:0:0:1]:PORT", 421},
		{"::1:PORT", 421},
		{"", 400},
	}
	for _, tt := range tests {
		got := s.raw("GET / HTTP/1.1\r\nHost: " + tt.host + "\r\nConnection: close\r\n\r\n")
		if got.status != tt.status {
			t.Errorf("Host %q: status %d, want %d", tt.host, got.status, tt.status)
		}
	}
}

func TestMissingAndRepeatedHost(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home"})
	for name, request := range map[string]string{
		"missing":           "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
		"missing, HTTP/1.0": "GET / HTTP/1.0\r\n\r\n",
		"doubled":           "GET / HTTP/1.1\r\nHost: localhost:PORT\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n",
		"doubled, other":    "GET / HTTP/1.1\r\nHost: localhost:PORT\r\nHost: evil.com\r\nConnection: close\r\n\r\n",
	} {
		if got := s.raw(request); got.status != 400 {
			t.Errorf("%s: status %d, want 400", name, got.status)
		}
	}
}

// TestAbsoluteForm promises that a target in absolute form overrides the Host header (RFC 9112, section 3.2.2), and is
// checked like it.
func TestAbsoluteForm(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home"})
	for target, status := range map[string]int{
		"http://" + label + ".localhost:PORT/":      200,
		"http://" + label + ".localhost:PORT":       200,
		"http://" + label + ".localhost/":           421,
		"http://evil.com/":                          421,
		"http://localhost:PORT@evil.com/":           421,
		"http://" + label + ".localhost:PORT//x/":   400,
		"http://" + label + ".localhost:PORT/..%2f": 400,
	} {
		got := s.raw("GET " + target + " HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n")
		if got.status != status {
			t.Errorf("%s: status %d, want %d", target, got.status, status)
		}
	}
}

func TestForwardedHeadersAreIgnored(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home", "docs/index.html": "docs"})
	forged := []string{
		"X-Forwarded-Host: evil.com", "X-Forwarded-Proto: https", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Port: 1",
		"X-Original-URL: /docs/", "X-Rewrite-URL: /docs/", "X-HTTP-Method-Override: DELETE", "Forwarded: host=evil.com",
	}
	if got := s.get("/", forged...); got.status != 200 || got.body != "home" {
		t.Errorf("/: %d %q", got.status, got.body)
	}
	if got := s.get("/docs", forged...); got.status != 301 || got.header.Get("Location") != "/docs/" {
		t.Errorf("/docs: %d to %q", got.status, got.header.Get("Location"))
	}
	evil := s.raw("GET / HTTP/1.1\r\nHost: evil.com\r\nX-Forwarded-Host: localhost:PORT\r\nConnection: close\r\n\r\n")
	if evil.status != 421 {
		t.Errorf("a forwarded host that is ours: status %d, want 421", evil.status)
	}
}

func TestMethods(t *testing.T) {
	s, m := startSite(t, map[string]string{"index.html": "home"})
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
		got := s.request(method, label, "/", "Content-Length: 0")
		if got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
	preflight := s.request("OPTIONS", label, "/", "Origin: http://evil.com", "Access-Control-Request-Method: GET",
		"Access-Control-Request-Private-Network: true")
	if preflight.status != 405 {
		t.Errorf("preflight: status %d, want 405", preflight.status)
	}
	if got := s.raw("OPTIONS * HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n"); got.status != 405 {
		t.Errorf("OPTIONS *: status %d, want 405", got.status)
	}
	if got := s.raw("CONNECT " + label + ".localhost:PORT HTTP/1.1\r\nHost: " + label +
		".localhost:PORT\r\nConnection: close\r\n\r\n"); got.status != 405 {
		t.Errorf("CONNECT: status %d, want 405", got.status)
	}
	if got := s.raw(requestText("GET", label, "/", "Content-Length: 3") + "abc"); got.status != 400 {
		t.Errorf("GET with a body: status %d, want 400", got.status)
	}
	if len(m.Requests) != 0 {
		t.Errorf("the site was asked: %v", m.Requests)
	}
}

func TestBadTargets(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home", "a/b.txt": "b", `odd\name.txt`: "odd", "..x": "dots"})
	tests := []struct {
		target string
		status int
	}{
		{"//evil.com/", 400},
		{"//evil.com", 400},
		{"/%2Fevil.com/", 400},
		{"///", 200},
		{`/\evil.com/`, 400},
		{`/a\b.txt`, 400},
		{"/%00", 400},
		{"/a%00.html", 400},
		{"/..", 400},
		{"/../index.html", 400},
		{"/a/../index.html", 400},
		{"/a/%2e%2e/index.html", 400},
		{"/a/.%2E/index.html", 400},
		{"/a%2f..%2findex.html", 400},
		{"/a%5c..%5cindex.html", 400},
		{"/a/..", 400},
		{"/%", 400},
		{"/%zz", 400},
		{"/%4", 400},
		{"index.html", 400},
		{"*", 400},

		{"/?next=//evil.com/..", 200}, // a query is the page's own affair
		{"/..x", 200},
		{"/odd%5Cname.txt", 200}, // a byte of the name
		{"/%5Cevil.com/", 404},
		{"/a//b.txt", 200},
		{"/./index.html", 404},
	}
	for _, tt := range tests {
		got := s.get(tt.target)
		if got.status != tt.status {
			t.Errorf("%s: status %d, want %d", tt.target, got.status, tt.status)
		}
		if loc := got.header.Get("Location"); loc != "" {
			t.Errorf("%s: redirects to %s", tt.target, loc)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home", "dir/x.txt": "x"})
	for name, got := range map[string]reply{
		"file": s.get("/"), "listing": s.get("/dir/"), "redirect": s.get("/dir"), "missing": s.get("/no"),
		"bare":       s.request("GET", "", "/"),
		"cross-site": s.get("/", foreignImg...), "method": s.request("POST", label, "/"),
		"host": s.request("GET", "x.y", "/"),
	} {
		h := got.header
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", name)
		}
		if v := h.Get("Cross-Origin-Resource-Policy"); v != "same-origin" {
			t.Errorf("%s: CORP %q", name, v)
		}
		if v := h.Get("Content-Security-Policy"); !strings.Contains(v, "frame-ancestors") {
			t.Errorf("%s: CSP %q", name, v)
		}
		for k := range h {
			if strings.HasPrefix(k, "Access-Control-") || k == "Last-Modified" || k == "Server" {
				t.Errorf("%s: header %s", name, k)
			}
		}
	}
	if v := s.get("/").header.Get("Content-Security-Policy"); v != "treat-as-public-address; frame-ancestors 'self'" {
		t.Errorf("a site's CSP: %q", v)
	}
}

// TestCrossSiteResponseRevealsNothing promises that the response to another website does not depend on whether a site
// is known.
func TestCrossSiteResponseRevealsNothing(t *testing.T) {
	long := "xn--" + strings.Repeat("a", 50) + ".example"
	m := &memorySite{Files: map[string]string{"index.html": "home"}}
	o := &memoryOpener{Sites: map[string]engine.Content{domain: m, long: m}}
	s := startServer(t, Config{Opener: o})
	shapes := [][]string{
		foreignImg,
		{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"}, // another site of ours
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "Origin: http://evil.com"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe", "Accept: text/html"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: object"},
		{"Sec-Fetch-Site: cross-site"},
		{"Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"},
		{"Origin: http://evil.com"}, // a browser without Fetch Metadata
		{"Origin: null"},
		{"Origin: http://localhost:PORT"},
	}
	for _, headers := range shapes {
		known := s.get("/", headers...)
		others := []string{hash, "unknown-example-org", engine.OriginLabel(long), strings.Repeat("a", 52), "nolabel"}
		for _, other := range others {
			got := s.request("GET", other, "/", headers...)
			known.header.Del("Date")
			got.header.Del("Date")
			if known.status != 403 || got.status != known.status || got.body != known.body ||
				len(got.header) != len(known.header) {
				t.Errorf("%v: known %d, %s %d, bodies equal: %t", headers, known.status, other, got.status, got.body == known.body)
			}
		}
	}
	if len(o.Opened()) != 0 {
		t.Errorf("opened: %v", o.Opened())
	}
}

// TestSandboxedFrameLoadsItsParts promises that a sandboxed frame loads parts of its own site if the browser sends a
// Referer, and that no other frame does.
func TestSandboxedFrameLoadsItsParts(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home", "a.css": "p {}"})
	frame := []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: style", "Origin: null"}
	tests := map[string]int{
		"http://" + label + ".localhost:PORT/": 200, "http://" + label + ".localhost:1/": 403, "http://" + hash +
			".localhost:PORT/": 403,
		"http://localhost:PORT/": 403, "http://evil.example/": 403, "https://" + label + ".localhost:PORT/": 403, "": 403,
	}
	for ref, status := range tests {
		got := s.get("/a.css", append([]string{"Referer: " + ref}, frame...)...)
		if corp := got.header.Get("Cross-Origin-Resource-Policy"); got.status != status ||
			(corp == "cross-origin") != (status == 200) {
			t.Errorf("a frame of %q: %d, CORP %q", ref, got.status, corp)
		}
	}
	own := "Referer: http://" + label + ".localhost:PORT/"
	for _, other := range [][]string{
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "Origin: null"},
		{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: script", "Origin: null"},
	} {
		if got := s.get("/a.css", append([]string{own}, other...)...); got.status != 403 {
			t.Errorf("%v: %d", other, got.status)
		}
	}
}

// TestSameOriginRequestsAreAllowed promises that requests of the person and of the site itself are served.
func TestSameOriginRequestsAreAllowed(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home"})
	for _, headers := range [][]string{
		nil, typed, followed, scripted, ownImg,
		{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"},
		{
			"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty",
			"Origin: http://" + label + ".localhost:PORT",
		},
		{"Origin: http://" + label + ".localhost:PORT"},
	} {
		if got := s.get("/", headers...); got.status != 200 || got.body != "home" {
			t.Errorf("%v: status %d", headers, got.status)
		}
	}
}
