package home

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/files/filestest"
)

// plainRoot is the root of the first home without TLS.
const plainRoot = "http://" + mine

// startExampleHome starts a home whose first site has files of several kinds, and rules.
func startExampleHome(t *testing.T) *testServer {
	t.Helper()
	return startServer(t, map[string]string{
		"index.html": `<title>Mine</title><a href="wtp://` + mine + `/a">a</a><a href="wtp://` + hash + `/b?c">b</a>` +
			`<a href="wtp://other.example/">other</a>`,
		"about.html": "about", "dir/index.html": "dir", "list/<b>.txt": "x", "clip.mp4": "0123456789", "404.html": "lost?",
		"_redirects": "/old /about.html 301\n/site wtp://" + hash + "/x\n/foreign wtp://other.example/x\n" +
			"/web https://web.example/\n/api/* /about.html 200\n",
		"_headers": "/about.html\n  X-Robots-Tag: noindex\n",
	}, map[string]string{"index.html": "second"}, nil)
}

// TestSiteIsServedAtItsName promises the responses of the loopback server, without the headers that only make sense
// there.
func TestSiteIsServedAtItsName(t *testing.T) {
	s := startExampleHome(t)
	tests := []struct {
		path     string
		status   int
		body     string // all of it, or with ~ in front a part of it
		location string
	}{
		{path: "/", status: 200, body: `<title>Mine</title><a href="https://mine.example/a">a</a>` +
			`<a href="https://second.example/b?c">b</a><a href="wtp://other.example/">other</a>`},
		{path: "/about", status: 200, body: "about"},
		{path: "/api/v1", status: 200, body: "about"},
		{path: "/dir", status: 301, location: "/dir/"},
		{path: "/dir/", status: 200, body: "dir"},
		{path: "/list/", status: 200, body: "~&lt;b&gt;.txt"},
		{path: "/nothing", status: 404, body: "lost?"},
		{path: "/old", status: 301, location: "/about.html"},
		{path: "/site", status: 301, location: "https://second.example/x"},
		{path: "/foreign", status: 404, body: "~wtp://other.example/x"},
		{path: "/web", status: 301, location: "https://web.example/"},
	}
	for _, tt := range tests {
		got := s.get(plainRoot+tt.path, "Accept: text/html")
		part, isPart := strings.CutPrefix(tt.body, "~")
		if got.status != tt.status || got.header.Get("Location") != tt.location ||
			isPart && !strings.Contains(got.body, part) || !isPart && tt.body != "" && got.body != tt.body {
			t.Errorf("%s: %d to %q, %q", tt.path, got.status, got.header.Get("Location"), got.body)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", tt.path)
		}
	}
	if got := s.get("http://" + second + "/"); got.body != "second" {
		t.Errorf("the second name: %q", got.body)
	}
}

// TestPartsAndValidatorsOfSite promises that ranges and conditional requests are answered.
func TestPartsAndValidatorsOfSite(t *testing.T) {
	s := startExampleHome(t)
	got := s.get(plainRoot+"/clip.mp4", "Range: bytes=2-4")
	if got.status != 206 || got.body != "234" || got.header.Get("Content-Type") != "video/mp4" {
		t.Errorf("a range: %d %q", got.status, got.body)
	}
	if again := s.get(plainRoot+"/clip.mp4", "If-None-Match: W/"+got.header.Get("ETag")); again.status != 304 {
		t.Errorf("a tag that a proxy made weak: %d", again.status)
	}
}

// TestSiteHasNoHeadersOfLocalPages promises that the headers that guard a reader's own computer are not sent. They have
// no meaning here, and would forbid what the Web allows.
func TestSiteHasNoHeadersOfLocalPages(t *testing.T) {
	s := startExampleHome(t)
	got := s.get(plainRoot+"/about.html", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image")
	for _, name := range []string{
		"Content-Security-Policy", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy",
	} {
		if got.header.Get(name) != "" {
			t.Errorf("%s: %s", name, got.header.Get(name))
		}
	}
	if got.status != 200 || got.header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("%d, X-Robots-Tag %q", got.status, got.header.Get("X-Robots-Tag"))
	}
}

// TestNothingElseIsServed promises that the server has nothing but the sites at their names.
func TestNothingElseIsServed(t *testing.T) {
	s := startServer(t, map[string]string{"index.html": "home", "a/b.txt": "b"}, nil, nil)
	for _, host := range []string{
		"localhost", "127.0.0.1", "[::1]", "secret.example", "secret-example.localhost", hash + ".localhost", hash,
		"mine.example.", "www.mine.example", "mine.example.evil.example", "evil.example", "mine.example:x",
		"mine.example:80:80",
		"mine", "minE.example\u212a", "user@mine.example",
	} {
		got := s.requestRaw("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
		if got.status != 421 && got.status != 400 || strings.Contains(got.body, "home") ||
			strings.Contains(got.body, "secret") {
			t.Errorf("%s: %d %q", host, got.status, got.body)
		}
	}
	for _, host := range []string{"mine.example", "MINE.example", "mine.example:8443"} {
		if got := s.get("http://"+mine+"/", "Host: "+host); got.status != 200 {
			t.Errorf("%s: %d", host, got.status)
		}
	}
	const to = " HTTP/1.1\r\nHost: mine.example\r\n\r\n"
	tests := []struct {
		request string
		status  int
	}{
		{"POST /" + to, 405},
		{"OPTIONS *" + to, 405},
		{"CONNECT mine.example:443 HTTP/1.1\r\nHost: mine.example\r\n\r\n", 405},
		{"PROPFIND /" + to, 405},
		{"GET /../../etc/passwd" + to, 400},
		{"GET /a/%2e%2e/b.txt" + to, 400},
		{`GET /a\..\b` + to, 400},
		{"GET /%00" + to, 400},
		{"GET //evil.example/" + to, 400},
		{"GET /api" + to, 404},
		{"GET /metrics" + to, 404},
		{"GET /debug/pprof/" + to, 404},
		{"GET /debug/vars" + to, 404},
		{"GET /wtp/secret.example/" + to, 404},
		{"GET /?uri=wtp://secret.example/" + to, 200}, // The site's own page, whatever its query.
		{"GET http://mine.example/" + to, 200},
		{"GET http://secret.example/" + to, 421},
		{"GET file:///etc/passwd" + to, 421},
		{"GET / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: mine.example\r\nHost: secret.example\r\n\r\n", 400},
		{"GET / HTTP/1.0\r\n\r\n", 421},
		{"GET / HTTP/1.1\r\nHost: mine.example\r\nX-Forwarded-Host: secret.example\r\n" +
			"Forwarded: host=secret.example\r\n\r\n", 200},
		{"GET / HTTP/1.1\r\nHost: mine.example\r\nContent-Length: 4\r\n\r\nbody", 400},
		{"GET / HTTP/1.1\r\nHost: mine.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 200},
	}
	for _, tt := range tests {
		if got := s.requestRaw(tt.request); got.status != tt.status || got.status == 200 && got.body != "home" {
			t.Errorf("%q: %d %q, want %d", tt.request, got.status, got.body, tt.status)
		}
	}
	if opened := s.opener.Opened(); len(opened) == 0 || strings.Contains(strings.Join(opened, " "), "secret") {
		t.Errorf("opened %v", opened)
	}
}

// requestRaw sends a request that no client library would send.
func (s *testServer) requestRaw(request string) reply {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		s.t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.t.Fatalf("%q: %v", request, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatalf("%q: %v", request, err)
	}
	return reply{status: res.StatusCode, header: res.Header, body: string(body)}
}

// TestSiteTakenOff promises that all requests for such a site fail with 410, and that browsers delete its data.
func TestSiteTakenOff(t *testing.T) {
	s := startServer(t, map[string]string{"index.html": "home", "worker.js": "addEventListener('fetch', f)"}, nil,
		func(c *Config) {
			c.Contact = "<abuse@mine.example>"
		})
	s.opener.takeOff(mine)
	for _, path := range []string{"/", "/worker.js", "/nothing", "/?q"} {
		got := s.get("http://"+mine+path, "Accept: text/html", `If-None-Match: *`, "Cookie: a=b; c=d")
		if cookies := strings.Join(got.header["Set-Cookie"],
			"\n"); cookies != "a=; Path=/; Max-Age=0\nc=; Path=/; Max-Age=0" {
			t.Errorf("%s: cookies %q", path, cookies)
		}
		if got.status != 410 || got.header.Get("Clear-Site-Data") != `"cache", "storage"` ||
			!strings.Contains(got.header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
		if !strings.Contains(got.body, "&lt;abuse@mine.example&gt;") {
			t.Errorf("%s does not say whom to ask: %s", path, got.body)
		}
	}
	got := s.get("http://"+mine+"/worker.js", "Service-Worker: script")
	if got.status != 200 || !strings.Contains(got.body, "registration.unregister") ||
		got.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("the script of a worker: %d %v %s", got.status, got.header, got.body)
	}
	if opened := s.opener.Opened(); len(opened) > 0 {
		t.Errorf("opened %v", opened)
	}
	got = s.get("http://" + second + "/")
	if got.status != 200 || got.header.Get("Clear-Site-Data") != "" {
		t.Errorf("the other home: %d", got.status)
	}
}

// TestSiteNotReady promises that a request waits for a site, and then fails with 504.
func TestSiteNotReady(t *testing.T) {
	s := startServer(t, nil, nil, func(c *Config) { c.StallTimeout = 20 * time.Millisecond })
	s.opener.BeforeOpen = func(ctx context.Context) error {
		<-ctx.Done()
		return &engine.Error{Op: "test", Kind: engine.NotReady, Msg: "Looking for peers.", Err: ctx.Err()}
	}
	got := s.get("http://"+mine+"/", "Accept: text/html", "Sec-Fetch-Dest: document")
	if got.status != 504 || got.header.Get("Retry-After") == "" ||
		!strings.Contains(got.body, "still downloading the site") {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

// TestRequestsAreObservedAndLogged promises that records and logs have no address of the visitor, unless that is
// configured.
func TestRequestsAreObservedAndLogged(t *testing.T) {
	for policy, want := range map[LogPolicy]string{
		LogNothing: "", LogRequests: "path=/a?b", LogAddresses: "address=127.0.0.1",
	} {
		log, told := &logBuffer{}, make(chan engine.Request, 1)
		s := startServer(t, map[string]string{"a": "0123"}, nil, func(c *Config) {
			c.Log, c.RequestLog = log.logger(), policy
			c.Observe = func(name string, r engine.Request, _ bool) {
				if name != mine {
					t.Errorf("a request to %s", name)
				}
				told <- r
			}
		})
		s.get("http://" + mine + "/a?b")
		if r := enginetest.Receive(t, told, "the request"); r.Status != 200 || r.Bytes != 4 || r.Path != "/a?b" {
			t.Errorf("%s: told of %+v", policy, r)
		}
		s.client.CloseIdleConnections()
		if err := s.srv.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if text := log.String(); !strings.Contains(text, want) || (want == "") != (text == "") ||
			policy != LogAddresses && strings.Contains(text, "127.0.0.1") {
			t.Errorf("%s: logged %q", policy, text)
		}
	}
}

// TestLinksFollowHomes promises that links lead to sites that are served now, and that a browser does not keep a page
// with other links.
func TestLinksFollowHomes(t *testing.T) {
	s := startServer(t, map[string]string{
		"index.html": `<a href="wtp://` + hash + `/">b</a>`, "_redirects": "/b wtp://" + hash + "/\n/own wtp://" + mine +
			"/x\n",
	}, map[string]string{"index.html": "second"}, nil)
	const root = "http://" + mine
	before := s.get(root + "/")
	if want := `<a href="https://second.example/">b</a>`; before.body != want {
		t.Errorf("before: %q", before.body)
	}
	if got := s.get(root+"/", "If-None-Match: "+before.header.Get("ETag")); got.status != 304 {
		t.Errorf("asked again: %d", got.status)
	}
	s.opener.takeOff(second)
	if got := s.get(root+"/", "If-None-Match: "+before.header.Get("ETag")); got.body != `<a href="wtp://`+hash+`/">b</a>` {
		t.Errorf("after: %d %q", got.status, got.body)
	}
	if got := s.get(root + "/b"); got.status != 404 || !strings.Contains(got.body, "wtp://"+hash) {
		t.Errorf("a rule: %d to %q", got.status, got.header.Get("Location"))
	}
	got := s.get(root + "/own")
	if got.status != 302 && got.status != 301 || got.header.Get("Location") != "https://mine.example/x" {
		t.Errorf("a rule to its own address: %d to %q", got.status, got.header.Get("Location"))
	}
}

// TestSiteTakenOffWhileSending promises that a response is aborted when its site is taken off.
func TestSiteTakenOffWhileSending(t *testing.T) {
	film := strings.Repeat("x", 1<<20)
	s := startServer(t, nil, nil, nil)
	free := make(chan struct{})
	site := &filestest.Site{
		Files: map[string]string{"film.mp4": film}, Hold: map[string]map[int64]chan struct{}{"film.mp4": {100: free}},
	}
	s.opener.Sites[mine] = site
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+mine+"/film.mp4", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.ReadFull(res.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	s.opener.takeOff(mine)
	close(free)
	if rest, err := io.ReadAll(res.Body); err == nil || len(rest) > 0 {
		t.Errorf("%d bytes more, %v", len(rest), err)
	}
}

// TestRequestsAreLimitedByAddress promises that one address leaves slots to others, however many requests its
// connections carry.
func TestRequestsAreLimitedByAddress(t *testing.T) {
	s := startTLS(t, map[string]string{"index.html": "home"}, func(c *Config) { c.MaxPerAddress = 4 })
	waiting, free := make(chan struct{}, 4), make(chan struct{})
	s.opener.BeforeOpen = func(ctx context.Context) error {
		waiting <- struct{}{}
		select {
		case <-free:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	held := make(chan reply, 4)
	for range 4 {
		go func() { held <- s.get("https://" + mine + "/") }()
	}
	for range 4 {
		enginetest.Receive(t, waiting, "a request to wait")
	}
	if got := s.get("https://" + mine + "/"); got.status != 429 {
		t.Errorf("a fifth request: %d", got.status)
	}
	close(free)
	for range 4 {
		if got := enginetest.Receive(t, held, "an answer"); got.status != 200 {
			t.Errorf("held: %d", got.status)
		}
	}
	if got := s.get("https://" + mine + "/"); got.status != 200 {
		t.Errorf("afterwards: %d", got.status)
	}
}

// TestAddressBehindAProxy promises that the visitor's address is the one that the proxy states, and not one that the
// request claimed before.
func TestAddressBehindAProxy(t *testing.T) {
	log, told := &logBuffer{}, make(chan engine.Request, 1)
	s := startServer(t, map[string]string{"a": "0123"}, nil, func(c *Config) {
		c.Log, c.RequestLog = log.logger(), LogAddresses
		c.Observe = func(_ string, r engine.Request, _ bool) { told <- r }
	})
	s.get("http://"+mine+"/a", "X-Forwarded-For: 203.0.113.1, 198.51.100.7")
	enginetest.Receive(t, told, "the request")
	if err := s.srv.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "address=198.51.100.7") {
		t.Errorf("logged %q", text)
	}
}
