package localserve

import (
	"strings"
	"testing"
)

// conformanceSite has the files that TestConformance requests.
var conformanceSite = map[string]string{
	"index.html":                 "<!doctype html><title>home</title>",
	"ascii.txt":                  "hello application/vnd.ipld.car\n",
	"docs/index.html":            "docs",
	"docs/page.html":             "page",
	"list/one.txt":               "1",
	"list/sub/two.txt":           "2",
	"ą/ę/file-źł.txt":            "I am a txt file on path with utf8\n",
	"list/ü & <b>.txt":           "escaped",
	"100%.txt":                   "percent",
	"a b.txt":                    "space",
	"a+b.txt":                    "plus",
	"q?.txt":                     "question",
	"h#.txt":                     "hash",
	"back\\slash.txt":            "backslash",
	"semi;colon.txt":             "semicolon",
	"empty.txt":                  "",
	"app.wasm":                   "\x00asm",
	"mod.mjs":                    "export {}",
	"site.webmanifest":           "{}",
	"f.woff2":                    "wOF2",
	"p.avif":                     "....ftypavif",
	"pic.svg":                    "<svg xmlns='http://www.w3.org/2000/svg'/>",
	"style.css":                  "a{}",
	"UPPER.HTML":                 "upper",
	"noext":                      "just words",
	"page":                       "<!doctype html><p>a page",
	"evil.unknown":               "<!doctype html><script>",
	"text.txt":                   "<!doctype html><script>",
	"latin.html":                 "<meta charset=latin1>\xfc",
	".well-known/security.txt":   "Contact: x",
	"deep/er/est/nested/file.js": "1",
	"clash":                      "the file",
	"clash.html":                 "the page",
}

// TestConformance follows the groups of IPFS's gateway-conformance suite that apply to a static site: path-gateway
// (unixfs, listings, names), subdomain-gateway, proxy-gateway, ranges, validators (if-none-match), HEAD, types, 404.
func TestConformance(t *testing.T) {
	s, m := startSite(t, conformanceSite)
	tag := func(path string) string { return `"` + m.Entry(path, conformanceSite[path]).Tag + `"` }
	ascii := conformanceSite["ascii.txt"]
	tests := []struct {
		group, request string // method and target
		headers        []string
		status         int
		want           map[string]string // headers; "" means absent, a leading "~" means contains
		body           string            // "*" means any
	}{
		{"redirects", "GET /docs", nil, 301, map[string]string{"Location": "/docs/"}, "*"},
		{"redirects", "GET /docs?a=b%20c&d", nil, 301, map[string]string{"Location": "/docs/?a=b%20c&d"}, "*"},
		{"redirects", "HEAD /docs", nil, 301, map[string]string{"Location": "/docs/"}, ""},
		{"redirects", "GET /%C4%85/%C4%99", nil, 301, map[string]string{"Location": "/%C4%85/%C4%99/"}, "*"},
		{"redirects", "GET /docs/", nil, 200, map[string]string{"Content-Type": htmlType}, "docs"},
		{"redirects", "GET /docs/index.html", nil, 200, nil, "docs"},
		{"redirects", "GET /docs/page", nil, 200, nil, "page"},
		{"redirects", "GET /docs/page/", nil, 404, nil, "*"},
		{"redirects", "GET /clash", nil, 200, nil, "the file"},
		{"redirects", "GET //docs", nil, 400, map[string]string{"Location": ""}, "*"},
		{"redirects", "GET /docs/../ascii.txt", nil, 400, nil, "*"},
		{"redirects", "GET /docs/%2e%2e/ascii.txt", nil, 400, nil, "*"},

		{"ranges", "GET /ascii.txt", nil, 200, map[string]string{"Accept-Ranges": "bytes", "Content-Length": "31"}, ascii},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=6-16"},
			206,
			map[string]string{"Content-Range": "bytes 6-16/31", "Content-Length": "11"},
			ascii[6:17],
		},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=-3"},
			206,
			map[string]string{"Content-Range": "bytes 28-30/31"},
			ascii[28:],
		},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=6-"},
			206,
			map[string]string{"Content-Range": "bytes 6-30/31"},
			ascii[6:],
		},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=0-999"},
			206,
			map[string]string{"Content-Range": "bytes 0-30/31"},
			ascii,
		},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=-999"},
			206,
			map[string]string{"Content-Range": "bytes 0-30/31"},
			ascii,
		},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=6-16,0-4"},
			206,
			map[string]string{"Content-Type": "~multipart/byteranges"},
			"*",
		},
		{
			"ranges", "GET /ascii.txt", []string{"Range: bytes=31-"}, 416, map[string]string{"Content-Range": "bytes */31"}, "*",
		},
		{"ranges", "GET /ascii.txt", []string{"Range: bytes=-0"}, 416, nil, "*"},
		{"ranges", "GET /empty.txt", []string{"Range: bytes=0-"}, 200, nil, ""},
		{"ranges", "GET /ascii.txt", []string{"Range: lines=1-2"}, 200, map[string]string{"Content-Range": ""}, ascii},
		{"ranges", "GET /docs/", []string{"Range: bytes=1-2"}, 206, map[string]string{"Content-Range": "bytes 1-2/4"}, "oc"},
		{"ranges", "GET /ascii.txt", []string{"Range: bytes=6-16", "If-Range: " + tag("ascii.txt")}, 206, nil, ascii[6:17]},
		{"ranges", "GET /ascii.txt", []string{"Range: bytes=6-16", `If-Range: "other"`}, 200, nil, ascii},
		{"ranges", "GET /ascii.txt", []string{"Range: bytes=6-16", "If-Range: W/" + tag("ascii.txt")}, 200, nil, ascii},
		{
			"ranges", "GET /ascii.txt",
			[]string{"Range: bytes=6-16", "If-Range: Wed, 21 Oct 2099 07:28:00 GMT"},
			200, nil,
			ascii,
		},
		{"ranges", "HEAD /ascii.txt", []string{"Range: bytes=6-16"}, 206, map[string]string{"Content-Length": "11"}, ""},

		{
			"validators", "GET /ascii.txt", nil, 200,
			map[string]string{"ETag": tag("ascii.txt"), "Cache-Control": "no-cache", "Last-Modified": ""},
			ascii,
		},
		{
			"validators", "GET /ascii.txt",
			[]string{"If-None-Match: " + tag("ascii.txt")},
			304,
			map[string]string{"ETag": tag("ascii.txt"), "Content-Length": ""},
			"",
		},
		{"validators", "GET /ascii.txt", []string{"If-None-Match: W/" + tag("ascii.txt")}, 304, nil, ""},
		{"validators", "GET /ascii.txt", []string{`If-None-Match: "x", ` + tag("ascii.txt")}, 304, nil, ""},
		{"validators", "GET /ascii.txt", []string{"If-None-Match: *"}, 304, nil, ""},
		{"validators", "GET /ascii.txt", []string{`If-None-Match: "x"`}, 200, nil, ascii},
		{
			"validators", "GET /ascii.txt",
			[]string{`If-None-Match: "x"`, "If-Modified-Since: Wed, 21 Oct 2099 07:28:00 GMT"},
			200, nil, ascii,
		},
		{"validators", "GET /docs/", []string{"If-None-Match: *"}, 304, nil, ""},
		{"validators", "HEAD /ascii.txt", []string{"If-None-Match: *"}, 304, nil, ""},
		{"validators", "GET /list/", nil, 200, map[string]string{"ETag": "~list-", "Cache-Control": "no-cache"}, "*"},

		{
			"listings", "GET /list/", nil, 200,
			map[string]string{"Content-Type": utf8HTML, "Content-Security-Policy": "~default-src 'none'"},
			"*",
		},
		{"listings", "GET /list/", nil, 200, nil, `~href="./%C3%BC%20&amp;%20%3Cb%3E.txt"`},
		{"listings", "GET /list/", nil, 200, nil, "~ü &amp; &lt;b&gt;.txt"},
		{"listings", "GET /list/sub/", nil, 200, nil, `~href="../"`},
		{"listings", "GET /list", nil, 301, map[string]string{"Location": "/list/"}, "*"},
		{"listings", "HEAD /list/", nil, 200, map[string]string{"Content-Type": utf8HTML}, ""},

		{"names", "GET /%C4%85/%C4%99/file-%C5%BA%C5%82.txt", nil, 200, nil, "I am a txt file on path with utf8\n"},
		{"names", "GET /list/%C3%BC%20&%20%3Cb%3E.txt", nil, 200, nil, "escaped"},
		{"names", "GET /100%25.txt", nil, 200, nil, "percent"},
		{"names", "GET /a%20b.txt", nil, 200, nil, "space"},
		{"names", "GET /a+b.txt", nil, 200, nil, "plus"},
		{"names", "GET /a%2Bb.txt", nil, 200, nil, "plus"},
		{"names", "GET /q%3F.txt", nil, 200, nil, "question"},
		{"names", "GET /h%23.txt", nil, 200, nil, "hash"},
		{"names", "GET /back%5Cslash.txt", nil, 200, nil, "backslash"},
		{"names", "GET /semi;colon.txt", nil, 200, nil, "semicolon"},
		{"names", "GET /.well-known/security.txt", nil, 200, nil, "Contact: x"},
		{"names", "GET /deep/er/est/nested/file.js?v=1", nil, 200, nil, "1"},
		{"names", "GET /ASCII.TXT", nil, 404, nil, "*"},
		{"names", "GET /%ZZ", nil, 400, nil, "*"},
		{"names", "GET /a%00.txt", nil, 400, nil, "*"},

		{
			"encodings", "GET /app.wasm", nil, 200,
			map[string]string{"Content-Type": "application/wasm", "X-Content-Type-Options": "nosniff"},
			"*",
		},
		{"encodings", "GET /mod.mjs", nil, 200, map[string]string{"Content-Type": "text/javascript"}, "*"},
		{"encodings", "GET /site.webmanifest", nil, 200, map[string]string{"Content-Type": "application/manifest+json"}, "*"},
		{"encodings", "GET /f.woff2", nil, 200, map[string]string{"Content-Type": "font/woff2"}, "*"},
		{"encodings", "GET /p.avif", nil, 200, map[string]string{"Content-Type": "image/avif"}, "*"},
		{"encodings", "GET /pic.svg", nil, 200, map[string]string{"Content-Type": "image/svg+xml"}, "*"},
		{"encodings", "GET /style.css", nil, 200, map[string]string{"Content-Type": "text/css"}, "*"},
		{"encodings", "GET /UPPER.HTML", nil, 200, map[string]string{"Content-Type": htmlType}, "upper"},
		{"encodings", "GET /noext", nil, 200, map[string]string{"Content-Type": textType}, "*"},
		{"encodings", "GET /page", nil, 200, map[string]string{"Content-Type": htmlType}, "*"},
		{"encodings", "GET /evil.unknown", nil, 200, map[string]string{"Content-Type": htmlType}, "*"},
		{"encodings", "GET /text.txt", nil, 200, map[string]string{"Content-Type": textType}, "*"},
		{"encodings", "GET /latin.html", nil, 200, map[string]string{"Content-Type": "text/html"}, "*"},
		{
			"encodings", "GET /ascii.txt",
			[]string{"Accept-Encoding: gzip, br"},
			200,
			map[string]string{"Content-Encoding": "", "Content-Length": "31"},
			ascii,
		},
		{"encodings", "GET /empty.txt", nil, 200, map[string]string{"Content-Length": "0"}, ""},

		{"404", "GET /missing", nil, 404, map[string]string{"Content-Type": plainText, "Cache-Control": "no-store"}, "*"},
		{"404", "GET /missing", []string{"Accept: text/html"}, 404, map[string]string{"Content-Type": utf8HTML}, "*"},
		{"404", "HEAD /missing", nil, 404, nil, ""},
		{"404", "GET /docs/missing", nil, 404, nil, "*"},
		{"404", "GET /ascii.txt/", nil, 404, nil, "*"},

		{"methods", "POST /", nil, 405, map[string]string{"Allow": "GET, HEAD"}, "*"},
		{"methods", "PUT /ascii.txt", nil, 405, map[string]string{"Allow": "GET, HEAD"}, "*"},
		{"methods", "DELETE /ascii.txt", nil, 405, nil, "*"},
		{
			"methods", "OPTIONS /",
			[]string{"Origin: http://evil.example", "Access-Control-Request-Method: GET"},
			405,
			map[string]string{"Access-Control-Allow-Origin": ""},
			"*",
		},
		{"methods", "HEAD /ascii.txt", nil, 200, map[string]string{"Content-Length": "31", "ETag": tag("ascii.txt")}, ""},
	}
	for _, tt := range tests {
		method, target, _ := strings.Cut(tt.request, " ")
		got := s.request(method, label, target, tt.headers...)
		name := tt.group + ": " + tt.request + " " + strings.Join(tt.headers, ", ")
		checkReply(t, name, got, tt.status, tt.want, tt.body)
	}
}

// TestOwn404Conformance promises that a site's own page for missing paths is sent whole, with the status 404.
func TestOwn404Conformance(t *testing.T) {
	s, _ := startSite(t, map[string]string{
		"index.html": "home", "404.html": "<p>own 404", "a/404.html": "not this one",
	})
	for _, target := range []string{"/missing", "/a/missing", "/missing/"} {
		checkReply(t, "404: "+target, s.get(target, `If-None-Match: *`, "Range: bytes=0-1"), 404,
			map[string]string{"Content-Type": htmlType, "ETag": ""}, "<p>own 404")
	}
}

func checkReply(t *testing.T, name string, got reply, status int, headers map[string]string, body string) {
	t.Helper()
	if got.status != status {
		t.Errorf("%s: status %d, want %d", name, got.status, status)
		return
	}
	for key, want := range headers {
		v := got.header.Get(key)
		if part, ok := strings.CutPrefix(want, "~"); ok && strings.Contains(v, part) || v == want {
			continue
		}
		t.Errorf("%s: %s is %q, want %q", name, key, v, want)
	}
	if part, ok := strings.CutPrefix(body, "~"); ok && strings.Contains(got.body, part) {
		return
	}
	if body != "*" && got.body != body {
		t.Errorf("%s: body %q, want %q", name, got.body, body)
	}
}

// TestProxyConformance promises that the server is an HTTP proxy for its own names, for browsers that do not resolve
// names below localhost, and for no other names.
func TestProxyConformance(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home", "docs/index.html": "docs"})
	site, bare := "http://"+label+".localhost:PORT", "http://localhost:PORT"
	tests := []struct {
		request  string
		status   int
		body     string
		location string
	}{
		{"GET " + site + "/ HTTP/1.1", 200, "home", ""},
		{"GET " + site + " HTTP/1.1", 200, "home", ""},
		{"GET " + site + "/docs?x HTTP/1.1", 301, "*", "/docs/?x"},
		{"HEAD " + site + "/ HTTP/1.1", 200, "", ""},
		{"GET " + site + "/ HTTP/1.0", 200, "home", ""},
		{"GET " + bare + "/ HTTP/1.1", 200, "*", ""},
		{"GET " + bare + "/wtp/" + domain + "/docs/ HTTP/1.1", 307, "*", site + "/docs/"},
		{"GET http://example.org/ HTTP/1.1", 421, "*", ""},
		{"GET http://127.0.0.1:1/ HTTP/1.1", 421, "*", ""},
		{"GET http://" + label + ".localhost/ HTTP/1.1", 421, "*", ""},
		{"GET http://x." + label + ".localhost:PORT/ HTTP/1.1", 421, "*", ""},
		{"GET https://" + label + ".localhost:PORT/ HTTP/1.1", 421, "*", ""},
		{"GET ftp://" + label + ".localhost:PORT/ HTTP/1.1", 421, "*", ""},
		{"POST " + site + "/ HTTP/1.1", 405, "*", ""},
		{"CONNECT " + label + ".localhost:PORT HTTP/1.1", 405, "*", ""},
		{"CONNECT example.org:443 HTTP/1.1", 421, "*", ""},
	}
	for _, tt := range tests {
		// What a proxy is told about the connection changes nothing, nor does a Host that differs (RFC 9112, section 3.2.2).
		got := s.raw(tt.request +
			"\r\nHost: example.org\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nConnection: " +
			"close\r\n\r\n")
		location := strings.ReplaceAll(tt.location, "PORT", s.port)
		if got.status != tt.status || tt.body != "*" && got.body != tt.body || got.header.Get("Location") != location {
			t.Errorf("%s: %d %q to %q", tt.request, got.status, got.body, got.header.Get("Location"))
		}
		if via := got.header.Get("Via"); via != "" {
			t.Errorf("%s: Via %q", tt.request, via)
		}
	}
}

// TestRedirectsConformance follows the suite's group on _redirects. Unlike there, invalid rules only affect addresses
// that no valid rule matches.
func TestRedirectsConformance(t *testing.T) {
	examples := map[string]string{
		"index.html": "my index", "one.html": "my one", "two.html": "my two", "404.html": "my 404", "410.html": "my 410",
		"451.html":                        "my 451",
		"articles/2022/01/01/hello-world": "hello world", "redirected-splat/one.html": "redirected splat one",
		"_redirects": `/redirect-one /one.html
/301-redirect-one /one.html 301
/302-redirect-two /two.html 302
/200-index /index.html 200
/posts/:year/:month/:day/:title /articles/:year/:month/:day/:title 301
/splat/* /redirected-splat/:splat 301
/not-found/* /404.html 404
/gone/* /410.html 410
/unavail/* /451.html 451
/* /index.html 200
`,
	}
	rules := func(text string) map[string]string {
		return map[string]string{"_redirects": text, "found.html": "my found"}
	}
	good := ""
	for _, code := range []string{"200", "301", "302", "303", "307", "308", "404", "410", "451"} {
		good += "/a" + code + " /b" + code + " " + code + "\n"
	}
	wrong := map[string]string{"Content-Type": plainText, "Location": ""}
	tests := []struct {
		files  map[string]string
		path   string
		status int
		want   map[string]string
		body   string
	}{
		{examples, "/redirect-one", 301, map[string]string{"Location": "/one.html"}, ""},
		{examples, "/301-redirect-one", 301, map[string]string{"Location": "/one.html"}, ""},
		{examples, "/302-redirect-two", 302, map[string]string{"Location": "/two.html"}, ""},
		{examples, "/200-index", 200, nil, "my index"},
		{
			examples, "/posts/2022/01/01/hello-world", 301,
			map[string]string{"Location": "/articles/2022/01/01/hello-world"},
			"",
		},
		{examples, "/splat/one.html", 301, map[string]string{"Location": "/redirected-splat/one.html"}, ""},
		{examples, "/not-found/has-no-redirects-entry", 404, map[string]string{"Cache-Control": "no-cache"}, "my 404"},
		{examples, "/gone/has-no-redirects-entry", 410, nil, "my 410"},
		{examples, "/unavail/has-no-redirects-entry", 451, nil, "my 451"},
		{examples, "/catch-all", 200, map[string]string{"ETag": "~-"}, "my index"},
		{
			rules("/redirect-one /one.html\r\n/200-index /index.html 200\r\n"), "/redirect-one", 301,
			map[string]string{"Location": "/one.html"},
			"",
		},
		{rules(good), "/a301", 301, map[string]string{"Location": "/b301"}, ""},
		{rules("/a /b 999\n"), "/found.html", 200, nil, "my found"},
		{
			rules("/a /b 999\n"), "/a", 500, wrong,
			`~could not parse _redirects: line 1: parsing status "999": status code 999 is not supported`,
		},
		{rules("# forced\n/a /b 301!\n/c /d\n"), "/not-found", 500, wrong, "~could not parse _redirects: line 2: "},
		{rules("# forced\n/a /b 301!\n/c /d\n"), "/c", 301, map[string]string{"Location": "/d"}, ""},
		{
			rules(strings.Repeat("/from /to 301\n", 5000)), "/not-found", 500, wrong,
			"~could not parse _redirects: a redirects file size cannot exceed 65536 bytes",
		},
	}
	for _, tt := range tests {
		s, _ := startSite(t, tt.files)
		checkReply(t, tt.path, s.get(tt.path), tt.status, tt.want, tt.body)
	}
	s, _ := startSite(t, examples)
	tag := s.get("/missing-page").header.Get("ETag")
	checkReply(t, "with If-None-Match", s.get("/missing-page", "If-None-Match: "+tag), 304,
		map[string]string{"ETag": tag}, "")
}
