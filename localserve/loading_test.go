package localserve

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
	"wtptui/localserve/files/filestest"
)

// The tests in this file run on synctest's clock: seconds pass at once, and exactly.

func checkLoading(t *testing.T, got reply, took time.Duration, awaited string) {
	t.Helper()
	if got.status != 503 || took != time.Second+30*time.Second || got.header.Get("Retry-After") != "2" ||
		got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d after %s, Retry-After %q", got.status, took, got.header.Get("Retry-After"))
	}
	for _, want := range []string{`<meta http-equiv="refresh" content="2">`, awaited, domain} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the loading page has no %s:\n%s", want, got.body)
		}
	}
	for _, not := range []string{"<script", "onload"} {
		if strings.Contains(got.body, not) {
			t.Errorf("the loading page has %s", not)
		}
	}
	if got.header.Get("ETag") != "" || got.header.Get("Accept-Ranges") != "" || got.header.Get("Content-Range") != "" {
		t.Errorf("the loading page has headers of a file: %v", got.header)
	}
}

func TestNavigationGetsLoadingPageForSite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("", 0)
		o := openerOf(m)
		o.BeforeOpen = waitForContext
		o.AwaitedState = engine.WaitStatus{
			Text: "peers: none found for 2 minutes", Tried: []string{"2 of 3 trackers answered"},
		}
		p, _ := startPiped(t, o)
		for _, headers := range [][]string{typed, {"Accept: text/html,*/*;q=0.8"}} {
			got, took := p.get(t, "/", headers...)
			checkLoading(t, got, took, "Waiting for peers: none found for 2 minutes.")
			if !strings.Contains(got.body, "<li>2 of 3 trackers answered</li>") ||
				!strings.Contains(got.body, "No peer is connected yet") {
				t.Error("the loading page does not say what was tried")
			}
		}
	})
}

func TestNavigationGetsLoadingPageForFirstPiece(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("index.html", 0)
		p, _ := startPiped(t, openerOf(m))
		got, took := p.get(t, "/", typed...)
		checkLoading(t, got, took, "Waiting for index.html (39 B).")
		r := m.Requests[len(m.Requests)-1]
		if r.Status != 503 || r.Bytes != int64(len(got.body)) || r.Wait != int64(time.Second) {
			t.Errorf("recorded %+v", r)
		}
		// The page asks again by itself, and then it is the site.
		time.AfterFunc(500*time.Millisecond, func() { close(free) })
		if got, took := p.get(t, "/", typed...); got.status != 200 || got.body != "<p>"+digits ||
			took != 500*time.Millisecond {
			t.Errorf("%d after %s", got.status, took)
		}
		if n := m.Readers(); n != 0 {
			t.Errorf("%d readers are still open", n)
		}
	})
}

// TestNavigationGetsLoadingPageForType promises that a navigation waits until enough has arrived to determine the
// type.
func TestNavigationGetsLoadingPageForType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("index.html", 5)
		p, _ := startPiped(t, openerOf(m))
		got, took := p.get(t, "/", typed...)
		checkLoading(t, got, took, "Waiting for index.html (39 B).")
		close(free)
		if got, _ := p.get(t, "/", typed...); got.status != 200 || got.header.Get("Content-Type") != htmlType ||
			got.body != "<p>"+digits {
			t.Errorf("%d %s %q", got.status, got.header.Get("Content-Type"), got.body)
		}
	})
}

// TestLoadingPageIsUpdated promises that the loading page shows the progress, and reloads when the start of the page
// has arrived.
func TestLoadingPageIsUpdated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("index.html", 5)
		o := openerOf(m)
		o.AwaitedState = engine.WaitStatus{Peers: 2, Seeds: 1, Rate: 10}
		p, _ := startPiped(t, o)
		time.AfterFunc(5*time.Second, func() { close(free) })
		got, took := p.get(t, "/", typed...)
		if got.status != 503 || took != 5*time.Second ||
			!strings.Contains(got.body, `<meta http-equiv="refresh" content="0">`) {
			t.Errorf("%d after %s:\n%s", got.status, took, got.body)
		}
		for _, want := range []string{
			"Waiting for index.html (39 B).", `<progress value="3072" max="1048576">`,
			"3.0 KB of the 1.0 MB that it is in", "2 peers, 1 seed among them · 10 B/s",
		} {
			if !strings.Contains(got.body, want) {
				t.Errorf("the loading page has no %q:\n%s", want, got.body)
			}
		}
		if got, took := p.get(t, "/", typed...); got.status != 200 || took != 0 {
			t.Errorf("then: %d after %s", got.status, took)
		}
	})
}

// TestLoadingPageWaitsForWholeFile promises that the loading page for a file that is sent as a whole reloads only when
// it is complete.
func TestLoadingPageWaitsForWholeFile(t *testing.T) {
	for _, name := range []string{"drawing.svg", "style.css", "page.xhtml", "page.html", "data.bin"} {
		synctest.Test(t, func(t *testing.T) {
			m, free := holdAt(name, sniffLen+1)
			m.Files[name] = strings.Repeat("<g/>", sniffLen/2)
			time.AfterFunc(5*time.Second, func() { close(free) })
			p, _ := startPiped(t, openerOf(m))
			for got, _ := p.get(t, "/"+name, typed...); got.status != 200; got, _ = p.get(t, "/"+name, typed...) {
				if !filestest.IsReleased(m.Hold[name]) {
					t.Fatalf("%s: the page loads again before it can be shown", name)
				}
			}
		})
	}
}

// TestRuleFilesAreAwaited promises that a request waits for rule files no longer than for its file, and that there is
// one loading page for all of them.
func TestRuleFilesAreAwaited(t *testing.T) {
	for name, path := range map[string]string{"_redirects": "/is/not/there", "_headers": "/d.bin"} {
		synctest.Test(t, func(t *testing.T) {
			m, free := holdAt(name, 0)
			m.Files[name] = "/is/* /d.bin 200\n"
			p, _ := startPiped(t, openerOf(m))
			if got, took := p.get(t, path); got.status != 504 || took != time.Minute {
				t.Errorf("%s: %d after %s", name, got.status, took)
			}
			time.AfterFunc(20*time.Second, func() { close(free) })
			if got, took := p.get(t, path, typed...); got.status != 503 || took != 20*time.Second {
				t.Errorf("%s: the loading page has %d after %s", name, got.status, took)
			}
			if got, took := p.get(t, path, typed...); got.status != 200 || got.body != digits || took != 0 {
				t.Errorf("%s: then %d after %s", name, got.status, took)
			}
		})
	}
}
