package home

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestPlainWebsite promises that the redirect to the plain website does not loop, and never redirects to another host.
func TestPlainWebsite(t *testing.T) {
	s, _ := startLoader(t, loaderFiles, nil)
	const at = root + "/wtptui-loader/plain?"
	const cookie = "Cookie: wtptui-plain=1"
	for to, want := range map[string]string{
		"/about.html?a=b&c=d#part": "/about.html?a=b&c=d#part", "": "/", "/": "/", "/a b/ü": "/a%20b/%C3%BC",
		"/a%2Fb":      "/a%2Fb",
		"/?q=\"<a b>": "/?q=%22%3Ca%20b%3E", "/:8080": "/:8080", "/%5Cevil.example": "/%5Cevil.example",
		"/%2Fevil.example":    "/%2Fevil.example",
		"/?to=//evil.example": "/?to=//evil.example",
	} {
		first := s.get(at+"to="+url.QueryEscape(to), visitHeaders()...)
		if c := first.header.Get("Set-Cookie"); first.status != 302 ||
			c != "wtptui-plain=1; Path=/; Max-Age=86400; Secure; SameSite=Lax" {
			t.Errorf("%q: %d, cookie %q", to, first.status, c)
		}
		next := first.header.Get("Location")
		if !strings.HasPrefix(next, "/wtptui-loader/plain?to=") || !strings.HasSuffix(next, "&c=1") {
			t.Errorf("%q: to %q", to, next)
			continue
		}
		if got := s.get(root+next, visitHeaders(cookie)...); got.status != 302 || got.header.Get("Location") != want {
			t.Errorf("%q: %d to %q", to, got.status, got.header.Get("Location"))
		}
		got := s.get(root+next, visitHeaders()...)
		src := `<iframe src="` + strings.ReplaceAll(want, "&", "&amp;") + `">`
		if got.status != 200 || !strings.Contains(got.body, src) || got.header.Get("Set-Cookie") != "" ||
			!strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%q, no cookies: %d %s", to, got.status, got.body)
		}
	}
	for _, to := range []string{
		"//evil.example", `/\evil.example`, `\\evil.example`, "https:", "https://evil.example/", "javascript:alert(1)",
		"evil", "?x", "#x",
		"/\t/evil.example", "/\n/evil", "\t//evil", " //evil", "/a\r\nSet-Cookie: x=y", "///", "/a\x00", "/%zz", `/a\b`,
		".//evil.example",
	} {
		for _, c := range []string{"", "&c=1"} {
			got := s.get(at+"to="+url.QueryEscape(to)+c, visitHeaders(cookie)...)
			if got.status != 400 || got.header.Get("Location") != "" || got.header.Get("Set-Cookie") != "" {
				t.Errorf("%q: %d to %q", to, got.status, got.header.Get("Location"))
			}
		}
	}
}

// FuzzLoaderPath promises that no path redirects to another host, or returns anything but a file of the site.
func FuzzLoaderPath(f *testing.F) {
	for _, path := range []string{
		"/", "/wtptui-worker.js", "/wtptui-loader/site.json", "/wtptui-loader/plain?to=//evil.example",
		"/wtptui-loader/plain?c=1&to=/\"",
		"/wtptui-loader/files/" + version + "/name/index.html", "/wtptui-loader/files/" + version + "/../../secret",
		"/x?\"><script>",
		"/wtptui-loader/files/" + version + "/a%2Fb/%2e%2e", "//wtptui-loader/main.js", "/about.html?%22",
		"/wtptui-loader/plain?to=/%0d%0ax",
	} {
		for _, kind := range []byte{0, 1, 2, 3} {
			f.Add(path, kind)
		}
	}
	s, _ := startLoader(f, loaderFiles, nil)
	f.Fuzz(func(t *testing.T, target string, kind byte) {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		r.URL, r.RequestURI, r.Host = u, target, mine
		headers := [][]string{
			nil, visitHeaders(), frameHeaders(), visitHeaders("Cookie: wtptui-plain=1"),
			{"Service-Worker: script"},
		}[int(kind)%5]
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		s.srv.http.Handler.ServeHTTP(w, r)
		to := w.Header().Get("Location")
		if to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t")) {
			t.Errorf("%q leads to %q", target, to)
		}
		body := w.Body.String()
		if strings.Contains(body, "secret") && !strings.Contains(target, "secret") || strings.Contains(body, "<script>\"") {
			t.Errorf("%q: %s", target, body)
		}
		if i := strings.Index(body, `<iframe id="site" src="`); i >= 0 {
			src, _, _ := strings.Cut(body[i+len(`<iframe id="site" src="`):], `"`)
			if !strings.HasPrefix(src, "/") || strings.HasPrefix(src, "//") || strings.ContainsAny(src, "<>\\") {
				t.Errorf("%q: the frame shows %q", target, src)
			}
		}
		if w.Code >= 500 {
			t.Errorf("%q: %d", target, w.Code)
		}
	})
}
