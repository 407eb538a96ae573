package localserve

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
)

// TestRewrittenPageValidatorsAndRanges promises that length, validators and ranges are those of the rewritten page.
func TestRewrittenPageValidatorsAndRanges(t *testing.T) {
	page := strings.Repeat("<p>text</p>", 5000) + `<a href="wtp://other.example/">other</a>`
	s, m := startSite(t, map[string]string{
		"index.html": page, "404.html": `<a href=wtp://other.example/>`,
		"post": "<!doctype html><a href=wtp://other.example/>",
	})
	want := strings.Replace(page, "wtp://other.example", "http://other-example.localhost:"+s.port, 1)
	for range 2 { // the second time, everything is known
		got := s.get("/")
		if got.status != 200 || got.body != want || got.header.Get("Content-Length") != fmt.Sprint(len(want)) ||
			got.header.Get("Content-Type") != htmlType {
			t.Fatalf("%d, %d bytes, %v", got.status, len(got.body), got.header)
		}
		tag := got.header.Get("ETag")
		if !strings.HasPrefix(tag, `"`+m.Entry("index.html", page).Tag) || got.header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("ETag %s, Accept-Ranges %q", tag, got.header.Get("Accept-Ranges"))
		}
		if head := s.request("HEAD", label, "/"); head.header.Get("Content-Length") != fmt.Sprint(len(want)) ||
			head.header.Get("ETag") != tag {
			t.Errorf("HEAD: %v", head.header)
		}
		for _, r := range [][2]int{{0, 9}, {55000, 55039}, {55030, len(want) - 1}} {
			part := s.get("/", fmt.Sprintf("Range: bytes=%d-%d", r[0], r[1]), "If-Range: "+tag)
			if part.status != 206 || part.body != want[r[0]:r[1]+1] ||
				part.header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", r[0], r[1], len(want)) {
				t.Errorf("range %v: %d, %q, %v", r, part.status, part.body, part.header)
			}
		}
		if got := s.get("/", "If-None-Match: "+tag); got.status != 304 || got.body != "" {
			t.Errorf("If-None-Match: %d", got.status)
		}
		if got := s.get("/", `If-None-Match: "other"`); got.status != 200 || got.body != want {
			t.Errorf("If-None-Match other: %d", got.status)
		}
		if got := s.get("/post"); !strings.Contains(got.body, "http://other-example") ||
			got.header.Get("Content-Type") != htmlType {
			t.Errorf("a page by its content: %q", got.body)
		}
		if got := s.get("/missing"); got.status != 404 || !strings.Contains(got.body, "http://other-example") ||
			got.header.Get("ETag") != "" {
			t.Errorf("404.html: %d %q", got.status, got.body)
		}
	}
}

// TestNotModifiedBeforePageIsScanned promises 304 for a page that has not been scanned yet, in all forms of
// If-None-Match.
func TestNotModifiedBeforePageIsScanned(t *testing.T) {
	files := map[string]string{"index.html": `<a href="wtp://other.example/">other</a>`}
	known, _ := startSite(t, files)
	tag := known.get("/").header.Get("ETag")
	for _, has := range []string{"TAG", "W/TAG", `"x", TAG`, "x, TAG", "\"x\"\r\nIf-None-Match: TAG", "*"} {
		s, _ := startSite(t, files)
		has = strings.ReplaceAll(has, "TAG", tag)
		if got := s.get("/", "If-None-Match: "+has); got.status != 304 || got.body != "" {
			t.Errorf("If-None-Match: %s: %d %q", has, got.status, got.body)
		}
	}
}

// TestRangeOfPlainPage promises that ranges of a page that is not rewritten are those of the file.
func TestRangeOfPlainPage(t *testing.T) {
	s, _ := startSite(t, map[string]string{"a.html": digits})
	if got := s.get("/a.html", "Range: bytes=1-3"); got.status != 206 || got.body != digits[1:4] ||
		got.header.Get("Content-Type") != htmlType {
		t.Errorf("%d %q %v", got.status, got.body, got.header)
	}
}

func TestLongPageIsNotRewritten(t *testing.T) {
	page := `<a href="wtp://other.example/">` + strings.Repeat("x", maxPage)
	s, m := startSite(t, map[string]string{"index.html": page})
	got := s.get("/")
	if got.body != page || got.header.Get("ETag") != `"`+m.Entry("index.html", page).Tag+`"` {
		t.Errorf("%d bytes, ETag %s", len(got.body), got.header.Get("ETag"))
	}
}

// TestIncompletePage promises that a page is sent as it arrives, that the files it names are requested early, and that
// it has a length once it is complete.
func TestIncompletePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := `<!doctype html><meta charset=utf-8><title>Front</title><link rel=stylesheet href=style.css>` +
			`<a href="wtp://other.example/">` + strings.Repeat("x", 2000)
		rest := `<img src=late.png><a href=next.html>`
		free := make(chan struct{})
		m := &memorySite{
			Files: map[string]string{"index.html": start + rest, "style.css": "s", "late.png": "p", "next.html": "n"},
			Hold:  map[string]map[int64]chan struct{}{"index.html": {int64(len(start)): free}},
		}
		p, _ := startPiped(t, openerOf(m))
		conn := p.dial()
		defer conn.Close()
		p.send(t, conn, "/")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != http.StatusOK || res.ContentLength != -1 || res.Header.Get("Content-Type") != htmlType ||
			res.Header.Get("ETag") == "" {
			t.Errorf("%d, length %d, %v", res.StatusCode, res.ContentLength, res.Header)
		}
		const local = "http://other-example.localhost:7780"
		wantStart := strings.Replace(start, "wtp://other.example", local, 1)
		first := make([]byte, len(wantStart)-2000)
		if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != wantStart[:len(first)] {
			t.Fatalf("%q, %v", first, err)
		}
		synctest.Wait()
		m.Mu.Lock()
		if !slices.Equal(m.Raised, []string{"1 style.css"}) {
			t.Errorf("raised while the page was on its way: %v", m.Raised)
		}
		m.Mu.Unlock()
		close(free)
		all, err := io.ReadAll(res.Body)
		if got := string(first) + string(all); err != nil || got != wantStart+rest {
			t.Errorf("%d bytes, want %d; %v", len(got), len(wantStart+rest), err)
		}
		synctest.Wait()
		if !slices.Equal(m.Raised, []string{"1 style.css", "3 late.png", "7 next.html"}) || m.Title != "Front" {
			t.Errorf("raised %v, title %q", m.Raised, m.Title)
		}
		again, _ := p.get(t, "/")
		if again.body != wantStart+rest || again.header.Get("Content-Length") != fmt.Sprint(len(again.body)) ||
			again.header.Get("ETag") != res.Header.Get("ETag") {
			t.Errorf("again: %d bytes, %v", len(again.body), again.header)
		}
	})
}

// TestStalledPageIsCutOff promises that a page of unknown length that stalls does not look complete.
func TestStalledPageIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memorySite{
			Files: map[string]string{"index.html": "<meta charset=utf-8>" + strings.Repeat("<p>x", 1000)},
			Hold:  map[string]map[int64]chan struct{}{"index.html": {2000: make(chan struct{})}},
		}
		p, srv := startPiped(t, openerOf(m))
		conn := p.dial()
		defer conn.Close()
		began := time.Now()
		p.send(t, conn, "/")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(res.Body); err == nil || time.Since(began) != srv.cfg.StallTimeout {
			t.Errorf("%d bytes, %v after %s", len(body), err, time.Since(began))
		}
		synctest.Wait()
		if m.Readers() != 0 || len(m.Requests) != 1 || srv.siteLimiter.InUse() != 0 {
			t.Errorf("%d readers, %d slots, recorded %v", m.Readers(), srv.siteLimiter.InUse(), m.Requests)
		}
	})
}

// TestTypeOfIncompleteFile promises that a file without a known extension has the type of its first bytes, however
// slowly they arrive.
func TestTypeOfIncompleteFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here := make(chan struct{})
		close(here)
		m := &memorySite{
			Files: map[string]string{"README": strings.Repeat("né ", sniffLen)},
			Hold: map[string]map[int64]chan struct{}{
				"README": {sniffLen / 2: here, sniffLen: here, 2 * sniffLen: make(chan struct{})},
			},
		}
		p, _ := startPiped(t, openerOf(m))
		conn := p.dial()
		defer conn.Close()
		p.send(t, conn, "/README")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != plainText {
			t.Errorf("%d %s", res.StatusCode, got)
		}
	})
}

// TestHeadOfIncompletePage promises that HEAD states nothing about an incomplete page that could be wrong.
func TestHeadOfIncompletePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("index.html", 0)
		p, _ := startPiped(t, openerOf(m))
		conn := p.dial()
		defer conn.Close()
		if _, err := io.WriteString(conn,
			"HEAD / HTTP/1.1\r\nHost: "+label+".localhost:7780\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		got := readReply(t, bufio.NewReader(conn), "HEAD")
		if got.status != 200 || got.header.Get("Content-Length") != "" || got.header.Get("Content-Type") != "" ||
			got.header.Get("ETag") == "" {
			t.Errorf("%d %v", got.status, got.header)
		}
	})
}

// TestNoClearnet checks the policies of a site without clearnet access (threat 13).
func TestNoClearnet(t *testing.T) {
	m := &memorySite{Files: map[string]string{"index.html": "home", "a.js": "1", "404.html": "lost"}, NoClearnet: true}
	s := startServer(t, Config{Opener: openerOf(m)})
	for _, target := range []string{"/", "/a.js", "/missing"} {
		policy := s.get(target).header.Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;", "webrtc 'block'", "treat-as-public-address",
			"frame-ancestors 'self'",
			"form-action 'self' http://localhost:" + s.port + " http://*.localhost:" + s.port,
		} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: no %s in %q", target, want, policy)
			}
		}
		if strings.Contains(policy, "-src *") || strings.Contains(policy, "https:") {
			t.Errorf("%s: %q", target, policy)
		}
	}
}

// TestClearnetTurnedOnAgain promises that a browser receives a file again when "no clearnet" is turned off: after a
// 304 it would keep the old headers.
func TestClearnetTurnedOnAgain(t *testing.T) {
	m := &memorySite{Files: map[string]string{"index.html": "home", "a.js": "1"}}
	s := startServer(t, Config{Opener: openerOf(m)})
	for _, target := range []string{"/", "/a.js"} {
		m.NoClearnet = false
		free := s.get(target).header.Get("ETag")
		for _, on := range []bool{true, false, true} {
			m.NoClearnet = on
			if got := s.get(target, "If-None-Match: "+free); (got.status == 200) != on {
				t.Errorf("%s, no clearnet %t: %d for what a browser got without it", target, on, got.status)
			}
			tag := s.get(target).header.Get("ETag")
			if got := s.get(target, "If-None-Match: "+tag); got.status != 304 || (tag == free) == on {
				t.Errorf("%s, no clearnet %t: %d for ETag %s, which is %s without it", target, on, got.status, tag, free)
			}
		}
	}
}

// TestRemovedSiteClearsBrowserData promises that one response after a removal makes the browser delete the site's
// data, whatever the response is (threat 11).
func TestRemovedSiteClearsBrowserData(t *testing.T) {
	const clearing = "Clear-Site-Data"
	removed := map[string]bool{}
	s := startServer(t, Config{
		Opener: openerOf(&memorySite{Files: map[string]string{"index.html": "home"}}),
		TakeRemoved: func(host string) bool {
			was := removed[host]
			delete(removed, host)
			return was
		},
	})
	if v := s.get("/").header.Get(clearing); v != "" {
		t.Errorf("a site that is here: %q", v)
	}
	removed[domain], removed["other.example"] = true, true
	worker := []string{
		"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: same-origin", "Sec-Fetch-Dest: serviceworker",
		"Service-Worker: script",
	}
	// The first is refused before it is known which site it is, the others nobody looks at.
	for _, headers := range [][]string{foreignImg, ownImg, worker} {
		if v := s.get("/", headers...).header.Get(clearing); v != "" {
			t.Errorf("%v: %q", headers, v)
		}
	}
	for i, want := range []string{`"*"`, ""} {
		if v := s.get("/").header.Get(clearing); v != want {
			t.Errorf("request %d: %q, want %q", i, v, want)
		}
		got := s.request("GET", engine.OriginLabel("other.example"), "/", scripted...)
		if got.status != 403 || got.header.Get(clearing) != want {
			t.Errorf("the confirmation page, request %d: %d %q, want %q", i, got.status, got.header.Get(clearing), want)
		}
	}
	if v := s.request("GET", "", "/").header.Get(clearing); v != "" {
		t.Errorf("the bare host: %q", v)
	}
	// A browser that has the page already would store the header with it.
	removed[domain] = true
	for i, status := range []int{200, 304} {
		if got := s.get("/", "If-None-Match: *"); got.status != status || (got.header.Get(clearing) == "") == (i == 0) {
			t.Errorf("request %d with a validator: %d, %q", i, got.status, got.header.Get(clearing))
		}
	}
}
