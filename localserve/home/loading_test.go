package home

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/home/loader"
)

// version is the infohash of sites in memory.
var version = strings.Repeat("ab", 20)

const root = "https://" + mine

// visitHeaders returns the headers of a navigation.
func visitHeaders(more ...string) []string {
	return append([]string{
		"Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: none", "Accept: text/html,*/*;q=0.8",
	}, more...)
}

// frameHeaders returns the headers of a request of the loader's frame.
func frameHeaders(more ...string) []string {
	return append([]string{
		"Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe", "Sec-Fetch-Site: same-origin", "Accept: text/html,*/*;q=0.8",
	}, more...)
}

// loaderSwarms provides the results of Loader.Swarm, which can be changed at any time.
type loaderSwarms struct{ current atomic.Pointer[swarmResult] }

type swarmResult struct {
	swarm *Swarm
	ok    bool
}

func (s *loaderSwarms) set(swarm *Swarm, ok bool) { s.current.Store(&swarmResult{swarm, ok}) }

func exampleSwarm() *Swarm {
	return &Swarm{
		Infohash: version, Title: "Mine <&>", Metainfo: []byte("d4:infode"),
		Trackers: []string{"wss://mine.example/announce", "udp://mine.example:6969/announce", "ws://plain.example/"},
		WebSeeds: []string{"https://seed.example/", "http://plain.example/"},
	}
}

// startLoader starts a server of a site with TLS and the loader.
func startLoader(t testing.TB, files map[string]string, change func(*Config)) (*testServer, *loaderSwarms) {
	t.Helper()
	known := &loaderSwarms{}
	known.set(exampleSwarm(), true)
	return startTLS(t, files, func(c *Config) {
		c.Contact = "me@mine.example"
		c.Loader = &Loader{STUN: []string{"stun:stun.example:3478"}, Swarm: func(name string) (*Swarm, bool) {
			if name != mine {
				return nil, false
			}
			now := known.current.Load()
			return now.swarm, now.ok
		}}
		if change != nil {
			change(c)
		}
	}), known
}

var loaderFiles = map[string]string{
	"index.html": "<title>home</title>", "about.html": "about", "film.mp4": "0123456789", "feed.xml": "<feed/>",
	"a.txt":      "a",
	"list/x.txt": "x", "old.php": "<html>php", "plain": "no page", "sw.js": "addEventListener('fetch', f)",
	"dir/index.html": "dir",
	"_redirects":     "/old /about.html 301\n/rewritten /about.html 200\n", "_headers": "/about.html\n" +
		"  Content-Security-Policy: script-src 'self'; frame-ancestors 'none'; img-src *\n" +
		"/dir/*\n  Content-Security-Policy: Frame-Ancestors https://friend.example\n",
}

// TestNavigationGetsTheLoader promises that a navigation to a page gets the loader with that page in its frame, and
// that all other responses are those without a loader.
func TestNavigationGetsTheLoader(t *testing.T) {
	s, _ := startLoader(t, loaderFiles, nil)
	for path, isPage := range map[string]bool{
		"/": true, "/about": true, "/about.html?a=1&b": true, "/list/": true, "/nothing": true, "/old.php": true,
		"/rewritten": true,
		"/dir":       false, "/film.mp4": false, "/feed.xml": false, "/a.txt": false, "/old": false, "/plain": false,
		"//about.html": false,
	} {
		got := s.get(root+path, visitHeaders()...)
		frame := `<iframe id="site" src="` + strings.ReplaceAll(path, "&", "&amp;") + `"`
		if is := strings.Contains(got.body, frame); is != isPage {
			t.Errorf("%s: framed %v: %d %s", path, is, got.status, got.body)
		}
		if !isPage {
			continue
		}
		h := got.header
		if got.status != 200 || h.Get("Content-Type") != "text/html; charset=utf-8" || h.Get("Cache-Control") != "no-cache" ||
			h.Get("Vary") != frameVary || h.Get("ETag") != "" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Content-Security-Policy") != loader.FramePolicy(true) || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %d %v", path, got.status, h)
		}
		if !strings.Contains(got.body, "<title>Mine &lt;&amp;&gt;</title>") {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	without := s.get(root + "/")
	for name, headers := range map[string][]string{
		"a frame": frameHeaders(), "curl": nil, "an old browser": {"Accept: text/html"},
		"who wants no loader": visitHeaders("Cookie: a=b; wtptui-plain=1"), "a picture": {
			"Sec-Fetch-Dest: image",
			"Sec-Fetch-Mode: no-cors",
		},
		"no HTML":          slices.Concat(visitHeaders()[:3], []string{"Accept: application/json"}),
		"an embedded page": visitHeaders("Sec-Fetch-Dest: embed"),
	} {
		got := s.get(root+"/", headers...)
		if got.status != 200 || got.body != "<title>home</title>" || got.header.Get("Vary") != frameVary ||
			got.header.Get("Content-Security-Policy") != "" || got.header.Get("ETag") != without.header.Get("ETag") {
			t.Errorf("%s: %d %v %q", name, got.status, got.header, got.body)
		}
	}
	if got := s.request(http.MethodHead, root+"/", visitHeaders()...); got.header.Get("Content-Length") != "19" {
		t.Errorf("HEAD: %v", got.header)
	}
	again := s.get(root+"/", append(frameHeaders(), "If-None-Match: "+without.header.Get("ETag"))...)
	if again.status != 304 || again.header.Get("Vary") != frameVary {
		t.Errorf("asked again: %d %v", again.status, again.header)
	}
	if got := s.get(root + "/film.mp4"); got.header.Get("Vary") != "" {
		t.Errorf("a film: %v", got.header)
	}
}

// TestLoaderMayFramePages promises that policies against framing do not affect the loader.
func TestLoaderMayFramePages(t *testing.T) {
	s, _ := startLoader(t, loaderFiles, nil)
	const own = "script-src 'self'; frame-ancestors 'none'; img-src *"
	for _, tt := range []struct {
		path    string
		headers []string
		want    string
	}{
		{"/about.html", nil, own},
		{"/about.html", frameHeaders(), "script-src 'self'; frame-ancestors 'self'; img-src *"},
		{"/about.html", frameHeaders("Sec-Fetch-Site: cross-site"), own},
		{
			"/about.html",
			[]string{"Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: empty", "Sec-Fetch-Site: same-origin"},
			"script-src 'self'; frame-ancestors 'self'; img-src *",
		},
		{"/about.html", visitHeaders("Cookie: wtptui-plain=1"), own},
		{"/dir/", frameHeaders(), "Frame-Ancestors https://friend.example 'self'"},
	} {
		if got := s.get(root+tt.path, tt.headers...).header.Get("Content-Security-Policy"); got != tt.want {
			t.Errorf("%s %q: %q", tt.path, tt.headers, got)
		}
	}
}

func TestLoaderFiles(t *testing.T) {
	s, _ := startLoader(t, loaderFiles, nil)
	for name, content := range loader.Files() {
		if name == loader.FramePath {
			continue
		}
		got := s.get(root + "/" + name)
		tag := got.header.Get("ETag")
		if got.status != 200 || got.body != string(content) || got.header.Get("Cache-Control") != "no-cache" || tag == "" ||
			got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", name, got.status, got.header)
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if again := s.request(method, root+"/"+name, "If-None-Match: W/"+tag); again.status != 304 || again.body != "" {
				t.Errorf("%s %s again: %d", method, name, again.status)
			}
		}
		asset, _ := loader.Lookup(name)
		packed := s.get(root+"/"+name, "Accept-Encoding: br, gzip")
		if asset.Gzip == nil {
			continue
		}
		if packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("Vary") != "Accept-Encoding" ||
			packed.header.Get("ETag") == tag {
			t.Errorf("%s, compressed: %v", name, packed.header)
			continue
		}
		r, err := gzip.NewReader(strings.NewReader(packed.body))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, content) {
			t.Errorf("%s, compressed, is something else: %v", name, err)
		}
	}
	if got := s.get(root+"/wtptui-worker.js", "Service-Worker: script"); !strings.HasPrefix(got.body,
		`const VERSION = "`) ||
		!strings.HasPrefix(got.header.Get("Content-Type"), "text/javascript") {
		t.Errorf("the worker: %d %v %s", got.status, got.header, got.body)
	}
	got := s.get(root + "/wtptui-loader/frame.html")
	if got.header.Get("Content-Security-Policy") != loader.FramePolicy(true) ||
		strings.Contains(got.body, `<iframe id="site" src`) {
		t.Errorf("the frame: %v %s", got.header, got.body)
	}
	got = s.get(root + "/wtptui-loader/" + version + ".torrent")
	if got.status != 200 || got.body != "d4:infode" || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
		t.Errorf("the torrent: %d %v", got.status, got.header)
	}
	for _, path := range []string{
		"/wtptui-loader/" + hash + ".torrent", "/wtptui-loader/", "/wtptui-loader/x", "/wtptui-loader/worker.js",
		"/wtptui-loader/files/",
		"/wtptui-loader/files/" + version, "/wtptui-loader/page/main.js", "/wtptui-loader//main.js", "/wtptui-loader",
		"/WTPTUI-WORKER.js",
	} {
		if got := s.get(root + path); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// TestSiteJSON promises that site.json has only what the page can use, and nothing of the other home.
func TestSiteJSON(t *testing.T) {
	s, known := startLoader(t, loaderFiles, nil)
	got := s.get(root + "/wtptui-loader/site.json")
	var site loader.Site
	if err := json.Unmarshal([]byte(got.body), &site); err != nil {
		t.Fatal(err)
	}
	want := loader.Site{
		Infohash: version, Host: mine, Title: "Mine <&>", Home: true, Trackers: []string{"wss://mine.example/announce"},
		WebSeeds: []string{"wtptui-loader/files/" + version + "/", "https://seed.example/"},
		STUN:     []string{"stun:stun.example:3478"},
		Contact:  "me@mine.example",
	}
	if string(site.JSON()) != string(want.JSON()) {
		t.Errorf("got %s", got.body)
	}
	tag := got.header.Get("ETag")
	if again := s.get(root+"/wtptui-loader/site.json", "If-None-Match: "+tag); again.status != 304 ||
		got.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("again: %d; before: %v", again.status, got.header)
	}
	swarm := exampleSwarm()
	swarm.Title = "New"
	known.set(swarm, true)
	if again := s.get(root+"/wtptui-loader/site.json", "If-None-Match: "+tag); again.status != 200 {
		t.Errorf("changed: %d", again.status)
	}
	if other := s.get("https://" + second + "/wtptui-loader/site.json"); other.status != 410 {
		t.Errorf("the other home: %d %s", other.status, other.body)
	}
}

// TestSiteJSONAsksBeforeSending promises that site.json has the setting of the loader.
func TestSiteJSONAsksBeforeSending(t *testing.T) {
	s, _ := startLoader(t, loaderFiles, func(c *Config) { c.Loader.AskBeforeSending = true })
	if got := s.get(root + "/wtptui-loader/site.json"); !strings.Contains(got.body, `"ask": true`) {
		t.Error(got.body)
	}
}

// webSeedFolder is the folder of the example's version on the home as a web seed.
var webSeedFolder = root + "/wtptui-loader/files/" + version + "/name/"

// observedRequest is a request that the home has reported.
type observedRequest struct {
	request engine.Request
	webSeed bool
}

// startWebSeed starts a home with files of several kinds. The caller must receive each request that is observed.
func startWebSeed(t *testing.T) (*testServer, <-chan observedRequest) {
	t.Helper()
	seen := make(chan observedRequest, 1)
	s, _ := startLoader(t, map[string]string{
		"index.html": `<a href="wtp://` + hash + `/">not rewritten</a>`, "film.mp4": "0123456789", "a b/#?%.html": "odd",
		"empty":      "",
		"_redirects": "/x /y 301", "old.css.gz": "packed", "one": "alone",
	}, func(c *Config) {
		c.Observe = func(_ string, r engine.Request, webSeed bool) { seen <- observedRequest{r, webSeed} }
	})
	return s, seen
}

// TestWebSeed promises that the home is a web seed for its version of the site, and for nothing else.
func TestWebSeed(t *testing.T) {
	s, seen := startWebSeed(t)
	for _, tt := range []struct {
		url     string
		headers []string
		status  int
		body    string
	}{
		{webSeedFolder + "index.html", visitHeaders(), 200, `<a href="wtp://` + hash + `/">not rewritten</a>`},
		{webSeedFolder + "film.mp4", nil, 200, "0123456789"},
		{webSeedFolder + "film.mp4", []string{"Range: bytes=2-4"}, 206, "234"},
		{webSeedFolder + "film.mp4", []string{"Range: bytes=-3"}, 206, "789"},
		{webSeedFolder + "film.mp4", []string{"Range: bytes=10-"}, 416, "~"},
		{webSeedFolder + "film.mp4", []string{"Range: bytes=5-2"}, 416, "~"},
		{webSeedFolder + "a%20b/%23%3F%25.html", nil, 200, "odd"},
		{webSeedFolder + "empty", nil, 200, ""},
		{webSeedFolder + "_redirects", nil, 200, "/x /y 301"},
		{webSeedFolder + "old.css.gz", []string{"Sec-Fetch-Dest: style"}, 200, "packed"},
		{root + "/wtptui-loader/files/" + version + "/one", nil, 200, "alone"},
		{webSeedFolder, nil, 404, "~"},
		{webSeedFolder + "x", nil, 404, "~"},
		{webSeedFolder + "a%20b", nil, 404, "~"},
		{webSeedFolder + "index", nil, 404, "~"},
		{webSeedFolder + "index.html/", nil, 404, "~"},
		{webSeedFolder + "/index.html", nil, 404, "~"},
		{root + "/wtptui-loader/files/" + hash + "/name/index.html", nil, 404, "~"},
		{root + "/wtptui-loader/files/" + strings.ToUpper(version) + "/name/index.html", nil, 404, "~"},
	} {
		got := s.get(tt.url, tt.headers...)
		if got.status != tt.status || tt.body != "~" && got.body != tt.body ||
			got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s %q: %d %v %q", tt.url, tt.headers, got.status, got.header, got.body)
		}
		if r := enginetest.Receive(t, seen, "the request"); !r.webSeed || r.request.Bytes != int64(len(got.body)) {
			t.Errorf("%s: told of %+v", tt.url, r)
		}
		checkWebSeedHeaders(t, tt.url, got)
	}
	s.get(root + "/film.mp4")
	if r := <-seen; r.webSeed {
		t.Error("the plain website is told of as a web seed")
	}
}

// checkWebSeedHeaders checks that content is bytes of no type which are cached for ever, and that an error is not.
func checkWebSeedHeaders(t *testing.T, url string, got reply) {
	t.Helper()
	h := got.header
	if got.status != 200 && got.status != 206 {
		if strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d for ever", url, got.status)
		}
		return
	}
	if h.Get("Content-Type") != "application/octet-stream" || !strings.Contains(h.Get("Cache-Control"), "immutable") ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "" {
		t.Errorf("%s: %v", url, h)
	}
}

// TestMethodsOfWebSeed promises that a web seed answers HEAD and conditional requests, and refuses other methods.
func TestMethodsOfWebSeed(t *testing.T) {
	s, seen := startWebSeed(t)
	film := webSeedFolder + "film.mp4"
	head := s.request(http.MethodHead, film)
	if r := <-seen; head.header.Get("Content-Length") != "10" || head.body != "" || r.request.Bytes != 0 {
		t.Errorf("HEAD: %v", head.header)
	}
	again := s.get(film, "If-None-Match: "+head.header.Get("ETag"))
	if <-seen; again.status != 304 || again.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("again: %d %v", again.status, again.header)
	}
	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		if got := s.request(method, film); got.status != 405 {
			t.Errorf("%s: %d", method, got.status)
		}
		<-seen
	}
}
