package localserve

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// newHandler returns a server without a listener, for one known site, at port 7780.
func newHandler(files map[string]string) *Server {
	return New(Config{Opener: openerOf(&memorySite{Files: files})})
}

// serveRequest parses a request like net/http and returns the response; nil if net/http would refuse the request.
func serveRequest(srv *Server, request string) *httptest.ResponseRecorder {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
	if err != nil {
		return nil
	}
	ctx := withPort(r.Context(), newPipeListener().Addr())
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r.WithContext(ctx))
	return w
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"/", "/docs", "/docs/", "//evil.com/", "/..%2f", "/%00", `/\evil`, "/a b", "/%ff?x=//evil", "/docs?//evil.com",
		"/%2f%2fevil", "/;@evil.com", "http://evil.com/",
		"http://docs-example-org.localhost:7780/docs", "/docs#x", "/.%2e/", "/%5c%5cevil", "*", "",
	} {
		f.Add(seed)
	}
	srv := newHandler(map[string]string{
		"docs/index.html": "docs", "index.html": "home", "%/x": "x", "evil.com/x": "y", `\evil/x`: "z",
	})
	f.Fuzz(func(t *testing.T, target string) {
		w := serveRequest(srv, "GET "+target+" HTTP/1.1\r\nHost: docs-example-org.localhost:7780\r\n\r\n")
		if w == nil {
			return
		}
		switch w.Code {
		case 200, 301, 400, 404, 421, 405: // 405 if the target makes another method of it
		default:
			t.Errorf("status %d", w.Code)
		}
		loc := w.Header().Get("Location")
		if (w.Code == 301) != (loc != "") {
			t.Fatalf("status %d, Location %q", w.Code, loc)
		}
		if loc == "" {
			return
		}
		// Wherever it leads, it is a folder of this origin.
		base := &url.URL{Scheme: "http", Host: "docs-example-org.localhost:7780", Path: "/"}
		u, err := base.Parse(loc)
		if err != nil || u.Host != base.Host || !strings.HasPrefix(loc, "/") || strings.HasPrefix(loc, "//") ||
			strings.ContainsAny(loc, "\\\r\n") || !strings.HasSuffix(u.Path, "/") {
			t.Errorf("redirects to %q (%v)", loc, err)
		}
	})
}

// FuzzRedirects promises that a rule with a target in the site never redirects out of it, and that no rule file causes
// a panic.
func FuzzRedirects(f *testing.F) {
	for _, rules := range []string{
		"/* /:splat 302", "/a/* /x:splat", "/:a/:b /:b:a 307", "/* /:splat/ 308",
		"/* /%2F:splat", `/* /%2F"`, "/a* /b 301", ":a /:a", "/* //:splat", "/* /\\:splat",
	} {
		for _, path := range []string{
			"/a/b", "/a//evil.com", "/a/%2f%2fevil.com", "/a/%5cevil.com", "/x%0d%0a",
			"/%3a//evil.com", "/:splat", "/http:evil.com/x",
		} {
			f.Add(rules, path)
		}
	}
	f.Fuzz(func(t *testing.T, rules, target string) {
		for line := range strings.Lines(rules) {
			if to := strings.Fields(line); len(to) > 1 && (!strings.HasPrefix(to[1], "/") || strings.HasPrefix(to[1], "//")) {
				return // It may lead anywhere.
			}
		}
		srv := newHandler(map[string]string{"_redirects": rules})
		w := serveRequest(srv, "GET "+target+" HTTP/1.1\r\nHost: docs-example-org.localhost:7780\r\n\r\n")
		if w == nil || w.Header().Get("Location") == "" {
			return
		}
		loc := w.Header().Get("Location")
		base := &url.URL{Scheme: "http", Host: "docs-example-org.localhost:7780", Path: "/"}
		u, err := base.Parse(loc)
		path, _, _ := strings.Cut(loc, "?")
		if err != nil || u.Host != base.Host || !strings.HasPrefix(loc, "/") || strings.HasPrefix(loc, "//") ||
			strings.Contains(path, `\`) || strings.ContainsAny(loc, "\r\n\t") {
			t.Errorf("%q leads %q to %q (%v)", rules, target, loc, err)
		}
	})
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{
		"localhost:7780", "127.0.0.1:7780", "[::1]:7780", "docs-example-org.localhost:7780",
		"DOCS-example-org.LOCALHOST:7780", "x.y.localhost:7780",
		"localhost.:7780", "evil.com", "127.0.0.1.evil.com:7780", "localhost:77800", ":7780", ".localhost:7780",
		"\u212a.localhost:7780", "",
	} {
		f.Add(seed)
	}
	srv := newHandler(map[string]string{"index.html": "home"})
	f.Fuzz(func(t *testing.T, host string) {
		label, ok := parseHost(host, "7780")
		if ok {
			name := "localhost"
			if label != "" {
				name = label + ".localhost"
			}
			spelt := strings.ToLower(host)
			if spelt != name+":7780" && (label != "" || spelt != "127.0.0.1:7780" && spelt != "[::1]:7780") || label != "" &&
				!isLabel(label) || !utf8.ValidString(host) {
				t.Errorf("%q is taken for %q", host, label)
			}
		}
		w := serveRequest(srv, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		if w == nil {
			return
		}
		if w.Code == 200 && !ok && strings.TrimSpace(host) == host {
			t.Errorf("%q is answered", host)
		}
	})
}

func FuzzRange(f *testing.F) {
	for _, seed := range []string{
		"bytes=6-16", "bytes=-3", "bytes=0-0,5-6", "bytes=99-", "bytes=5-3", "items=1-2",
		"bytes=", "bytes=0-,0-", "bytes=-0", "bytes=9223372036854775807-", "bytes= 1 - 2 , ",
	} {
		f.Add(seed, "")
		f.Add(seed, `"x"`)
	}
	srv := newHandler(map[string]string{"d.bin": digits})
	f.Fuzz(func(t *testing.T, ranges, ifRange string) {
		request := "GET /d.bin HTTP/1.1\r\nHost: docs-example-org.localhost:7780\r\nRange: " + ranges + "\r\n"
		if ifRange != "" {
			request += "If-Range: " + ifRange + "\r\n"
		}
		w := serveRequest(srv, request+"\r\n")
		if w == nil {
			return
		}
		body := w.Body.String()
		switch w.Code {
		case 200:
			if body != digits {
				t.Errorf("200 %q", body)
			}
		case 206:
			checkRange(t, w, body)
		case 416, 400, 403, 304, 412, 429: // the fuzzer may add headers
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}

// checkRange compares a single range with the file. Of several ranges it only checks the total size.
func checkRange(t *testing.T, w *httptest.ResponseRecorder, body string) {
	t.Helper()
	where, single := strings.CutPrefix(w.Header().Get("Content-Range"), "bytes ")
	if !single {
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "multipart/byteranges") {
			t.Errorf("206 without Content-Range: %v", w.Header())
		}
		return
	}
	span, size, _ := strings.Cut(where, "/")
	first, last, _ := strings.Cut(span, "-")
	a, err1 := strconv.Atoi(first)
	b, err2 := strconv.Atoi(last)
	if err1 != nil || err2 != nil || size != "36" || a > b || b >= len(digits) || body != digits[a:b+1] {
		t.Errorf("%q of %q", body, where)
	}
}
