package localserve

import (
	"strings"
	"testing"

	"wtptui/engine"
)

func TestBareHost(t *testing.T) {
	s, m := startSite(t, map[string]string{"index.html": "home", "api": "mine", "metrics": "mine"})
	for target, status := range map[string]int{
		"/": 200, "/?x=1": 200,
		"/api": 404, "/api/": 404, "/api/v1/sites": 404, "/debug/vars": 404, "/debug/pprof": 404, "/debug/pprof/": 404,
		"/metrics":    404,
		"/index.html": 404, "/favicon.ico": 404, "/wtp": 404, "/sw.js": 404,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if got := s.request(method, "", target); got.status != status {
				t.Errorf("%s %s: status %d, want %d", method, target, got.status, status)
			}
		}
		if got := s.request("POST", "", target); got.status != 405 {
			t.Errorf("POST %s: status %d, want 405", target, got.status)
		}
	}
	if len(m.Requests) != 0 {
		t.Errorf("the bare host reached a site: %v", m.Requests)
	}
	// A site may have files of these names.
	if got := s.get("/api"); got.status != 200 || got.body != "mine" {
		t.Errorf("a site's /api: %d %q", got.status, got.body)
	}
}

func TestRedirectsToSites(t *testing.T) {
	o := &memoryOpener{
		Sites: map[string]engine.Content{domain: &memorySite{Files: map[string]string{"index.html": "home"}}},
	}
	s := startServer(t, Config{Opener: o})
	tests := []struct{ target, location string }{
		{"/wtp/" + domain, "http://" + label + ".localhost:PORT/"},
		{"/wtp/" + domain + "/", "http://" + label + ".localhost:PORT/"},
		{
			"/wtp/" + domain + "/a%20b/%E2%82%AC%2Fc?q=%20x&y=%2F",
			"http://" + label + ".localhost:PORT/a%20b/%E2%82%AC%2Fc?q=%20x&y=%2F",
		},
		{"/wtp/" + strings.ToUpper(hash) + "/x", "http://" + hash + ".localhost:PORT/x"},
		{"/wtp/AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH/", "http://" + hash + ".localhost:PORT/"},
		{"/wtp/my-site.example.org/", "http://my--site-example-org.localhost:PORT/"},
		{"/wtp/" + domain + "//evil.com/", "http://" + label + ".localhost:PORT//evil.com/"}, // refused there
		{"/?uri=wtp://" + domain + "/p", "http://" + label + ".localhost:PORT/p"},
		{
			"/?uri=wtp%3A%2F%2F" + domain + "%2Fa%2520b%3Fq%3D%2526%23frag",
			"http://" + label + ".localhost:PORT/a%20b?q=%26#frag",
		},
		{"/?uri=WTP://" + domain, "http://" + label + ".localhost:PORT/"},
	}
	for _, tt := range tests {
		got := s.request("GET", "", tt.target, typed...)
		want := strings.ReplaceAll(tt.location, "PORT", s.port)
		if loc := got.header.Get("Location"); got.status != 307 || loc != want {
			t.Errorf("%s: %d to %q, want %q", tt.target, got.status, loc, want)
		}
	}
	for _, target := range []string{
		"/wtp/", "/wtp/nodot/", "/wtp/10.0.0.1/", "/wtp/user@" + domain + "/", "/wtp/" + domain + ":80/", "/wtp/evil.com%2f/",
		"/?uri=", "/?uri=http://evil.com/", "/?uri=//evil.com/", "/?uri=javascript:alert(1)", "/?uri=wtp:",
		"/?uri=magnet:?xt=urn:btih:" + hash,
		"/?uri=/etc/x.torrent", "/?uri=wtp://a.b%0d%0aSet-Cookie:x/",
	} {
		got := s.request("GET", "", target)
		if got.status != 400 || got.header.Get("Location") != "" {
			t.Errorf("%s: %d to %q, want 400", target, got.status, got.header.Get("Location"))
		}
	}
	if got := s.request("GET", "", "/wtp/"+domain+"/x.css", foreignImg...); got.status != 403 {
		t.Errorf("part of a page elsewhere: status %d, want 403", got.status)
	}
	if len(o.Opened()) != 0 {
		t.Errorf("a redirect opened %v", o.Opened())
	}
}

// TestAskConfirmsUnknownSites promises that a redirect with "ask" shows a confirmation page for a site that is not
// open.
func TestAskConfirmsUnknownSites(t *testing.T) {
	known := &memorySite{Files: map[string]string{"a.html": "known"}}
	o := &memoryOpener{
		Sites: map[string]engine.Content{domain: known}, OpenUnknown: func(string) engine.Content { return known },
	}
	s := startServer(t, Config{Opener: o})
	got := s.request("GET", "", "/?ask&uri=wtp://"+domain+"/a.html%3Fx%3D1", typed...)
	if want := "http://" + label + ".localhost:" + s.port + "/a.html?x=1"; got.header.Get("Location") != want {
		t.Errorf("a known one: %d to %q, want %q", got.status, got.header.Get("Location"), want)
	}
	got = s.request("GET", "", "/?ask&uri=wtp://other.example/a.html", typed...)
	link := `href="http://other-example.localhost:` + s.port + `/a.html"`
	if got.status != 403 || !strings.Contains(got.body, link) {
		t.Errorf("an unknown one: %d, want the page that asks, with %s: %s", got.status, link, got.body)
	}
	if got := s.request("GET", "", "/?ask&uri=https://other.example/", typed...); got.status != 400 {
		t.Errorf("another scheme: %d", got.status)
	}
	if len(o.Opened()) != 0 {
		t.Errorf("asking opened %v", o.Opened())
	}
}

// TestHashedLabel promises that the redirect to a hashed label stores the host, which an Opener cannot derive from it.
func TestHashedLabel(t *testing.T) {
	puny := "xn--bcher-kva.example"
	o := &memoryOpener{
		OpenUnknown: func(string) engine.Content { return &memorySite{Files: map[string]string{"index.html": "books"}} },
	}
	s := startServer(t, Config{Opener: o})
	l := engine.OriginLabel(puny)
	if got := s.request("GET", l, "/", typed...); got.status != 421 {
		t.Errorf("before: status %d, want 421", got.status)
	}
	got := s.request("GET", "", "/wtp/b%C3%BCcher.example/", typed...)
	if loc := got.header.Get("Location"); loc != "" {
		t.Errorf("an escaped host is no host: redirects to %q", loc)
	}
	got = s.request("GET", "", "/wtp/"+puny+"/", typed...)
	if want := "http://" + l + ".localhost:" + s.port + "/"; got.header.Get("Location") != want {
		t.Fatalf("redirects to %q, want %q", got.header.Get("Location"), want)
	}
	if got := s.request("GET", l, "/", scripted...); got.status != 403 {
		t.Errorf("unconfirmed: status %d, want 403", got.status)
	}
	if got := s.request("GET", l, "/", typed...); got.status != 200 || got.body != "books" {
		t.Errorf("after: %d %q", got.status, got.body)
	}
	if opens := o.Opened(); len(opens) != 1 || opens[0] != puny {
		t.Errorf("opened %v", opens)
	}
}

// TestHashedLabelOfRemovedSite promises that the label of a removed site is still known: its page may be open in a
// browser.
func TestHashedLabelOfRemovedSite(t *testing.T) {
	const puny = "xn--bcher-kva.example"
	label := engine.OriginLabel(puny)
	o := &memoryOpener{
		Sites: map[string]engine.Content{puny: &memorySite{Files: map[string]string{"index.html": "books"}}},
	}
	s := startServer(t, Config{Opener: o})
	if got := s.request("GET", label, "/", typed...); got.status != 200 {
		t.Fatalf("status %d", got.status)
	}
	o.Forget(puny)
	if got := s.request("GET", label, "/", scripted...); got.status != 403 ||
		!strings.Contains(got.body, puny) {
		t.Errorf("a link elsewhere: status %d, want the page that asks", got.status)
	}
	if got := s.request("GET", label, "/", typed...); got.status != 200 {
		t.Errorf("reloaded: status %d", got.status)
	}
}

func TestHashedLabelsAreLimited(t *testing.T) {
	var l hashedLabels
	for i := range 10 * maxHashed {
		l.store(strings.Repeat("x", i), "h")
	}
	if len(l.hosts) > maxHashed {
		t.Errorf("%d labels are kept", len(l.hosts))
	}
}

// TestOnlyThePersonOpensUnknownSites checks which requests make this computer join a swarm (threat 7).
func TestOnlyThePersonOpensUnknownSites(t *testing.T) {
	own := "Referer: http://" + label + ".localhost:PORT/page"
	tests := []struct {
		name    string
		headers []string
		opens   bool
		status  int // if it does not open
	}{
		{"curl", nil, true, 0},
		{"an old browser's address bar", []string{"Accept: text/html"}, true, 0},
		{"an old browser's link on a site of ours", []string{"Accept: text/html", own}, true, 0},
		{"an old browser's link elsewhere", []string{"Accept: text/html", "Referer: http://evil.com/"}, false, 403},
		{"address bar", typed, true, 0},
		{
			"the confirmation page's link",
			[]string{
				"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-User: ?1",
			},
			true, 0,
		},
		{"a link on a site of ours", append([]string{own}, followed...), true, 0},
		{
			"a link on a site of ours, same-site",
			[]string{own, "Sec-Fetch-Site: same-site", "Sec-Fetch-Dest: document", "Sec-Fetch-User: ?1"},
			true, 0,
		},
		{"address bar, ahead of the person", append([]string{"Sec-Purpose: prefetch;prerender"}, typed...), false, 403},
		{"address bar, ahead of the person, before 2023", append([]string{"Purpose: prefetch"}, typed...), false, 403},
		{"a script on a site of ours", append([]string{own}, scripted...), false, 403},
		{"a link elsewhere", append([]string{"Referer: http://evil.com/"}, followed...), false, 403},
		{"a link elsewhere, no referer", followed, false, 403},
		{"the box on the bare host", append([]string{"Referer: http://localhost:PORT/"}, followed...), true, 200},
		{"an old browser", []string{"User-Agent: Mozilla/5.0 (Macintosh) Safari/605.1", "Accept: text/html"}, false, 403},
		{"an old browser's picture", []string{"User-Agent: Mozilla/5.0 (Macintosh) Safari/605.1", "Accept: */*"}, false, 403},
		{
			"an old browser, asked",
			[]string{"User-Agent: Mozilla/5.0 (Macintosh) Safari/605.1", "Referer: http://" + hash + ".localhost:PORT/a"},
			true,
			200,
		},
		{
			"an old browser on another site",
			[]string{"User-Agent: Mozilla/5.0 (Macintosh) Safari/605.1", "Referer: http://" + label + ".localhost:PORT/"},
			false,
			403,
		},
		{"a feed reader", []string{"User-Agent: feedreader/1.0"}, true, 200},
		{"a link on another port", append([]string{"Referer: http://" + label + ".localhost:1/"}, followed...), false, 403},
		{"a link on what is no site", append([]string{"Referer: http://nolabel.localhost:PORT/"}, followed...), false, 403},
		{
			"a link on a look-alike", append([]string{"Referer: http://" + label + ".localhost:PORT.evil.com/"}, followed...),
			false, 403,
		},
		{"a script elsewhere", append([]string{"Referer: http://evil.com/"}, scripted...), false, 403},
		{"an image of its own", ownImg, false, 403},
		{"an image elsewhere", foreignImg, false, 403},
		{"a frame of its own", []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: iframe"}, false, 403},
		{"a browser's own fetch", []string{"Sec-Fetch-Site: none", "Sec-Fetch-Dest: empty"}, false, 403},
		{"a strange mixture", []string{"Sec-Fetch-Dest: document"}, false, 403},
		{"doubled", []string{"Sec-Fetch-Site: none", "Sec-Fetch-Site: none", "Sec-Fetch-Dest: document"}, false, 403},
	}
	for _, tt := range tests {
		o := &memoryOpener{
			Sites:       map[string]engine.Content{domain: &memorySite{}},
			OpenUnknown: func(string) engine.Content { return &memorySite{Files: map[string]string{"a b.html": "new"}} },
		}
		s := startServer(t, Config{Opener: o})
		got := s.request("GET", hash, "/a%20b.html?q=%22%3E<i>", tt.headers...)
		switch {
		case tt.opens && (got.status != 200 || len(o.Opened()) != 1):
			t.Errorf("%s: status %d, opened %v; want it to open", tt.name, got.status, o.Opened())
		case !tt.opens && (got.status != tt.status || len(o.Opened()) != 0):
			t.Errorf("%s: status %d, opened %v; want %d and nothing opened", tt.name, got.status, o.Opened(), tt.status)
		}
	}
}

func TestConfirmationPage(t *testing.T) {
	o := &memoryOpener{}
	s := startServer(t, Config{Opener: o})
	got := s.request("GET", hash, "/a%20b/?q=%22%3E<i>", followed...)
	for _, want := range []string{
		`href="/a%20b/?q=%22%3E%3ci%3e"`, // the same URL, so that the click comes from the site's own origin
		hash,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page has no %s:\n%s", want, got.body)
		}
	}
	for _, not := range []string{"<script", "http-equiv=\"refresh\"", "<form", "<i>"} {
		if strings.Contains(got.body, not) {
			t.Errorf("the page has %s", not)
		}
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", got.header.Get("Cache-Control"))
	}
	if len(o.Opened()) != 0 {
		t.Errorf("opened %v", o.Opened())
	}
}
