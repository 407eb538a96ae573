package e2e_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// browserStepTimeout bounds a step in the browser, for a machine that is busy with other tests.
const browserStepTimeout = waitLong

// What a site may and may not do in a browser, as a real one sees it. The last two steps change what wtptui knows of
// the site, so the order matters.
func TestBrowserShowsAndIsolatesSites(t *testing.T) {
	t.Parallel()
	v := startBrowserFixture(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"the site is the same as over HTTP", v.testSiteIsTheSameAsOverHTTP},
		{"the loading page becomes the site", v.testLoadingPageBecomesTheSite},
		{"cookies stay with their site", v.testCookiesStayWithTheirSite},
		{"other pages read nothing", v.testOtherOriginsReadNothing},
		{"no page makes you join a swarm", v.testOtherOriginsCannotJoinSwarms},
		{"a site is framed by itself only", v.testNoFramesInOtherOrigins},
		{"the network here is out of a site's reach", v.testLocalNetworkIsOutOfReach},
		{"no clearnet", v.testNoClearnet},
		{"a removed site leaves nothing", v.testRemovedSiteLeavesNothing},
	} {
		t.Run(test.name, test.run)
	}
}

// browserFixture is a Chromium, a wtptui that has all of two sites, and a server that belongs to neither.
type browserFixture struct {
	w        *peers.Wtptui
	tracker  *peers.Tracker
	dir      string // the first site's folder
	site     peers.Site
	other    peers.Site
	outsider *foreignServer
	browser  context.Context // It is how chromedp names a browser
}

// startBrowserFixture has wtptui download both sites: that of testdata/browsersite, and another to which it links.
func startBrowserFixture(t *testing.T) *browserFixture {
	t.Helper()
	v := &browserFixture{tracker: peers.StartTracker(t, peers.TrackerOptions{})}
	v.w = startWtptui(t, "--tracker", v.tracker.HTTP)
	other := filepath.Join(t.TempDir(), "other")
	writeFile(t, filepath.Join(other, "page.html"), "<!doctype html><title>The other site</title><h1>Other</h1>")
	v.other = v.fetchFromPublisher(t, other)
	v.dir = copyBrowserSite(t, v.other.InfoHash)
	v.site = v.fetchFromPublisher(t, v.dir)
	v.outsider = startForeignServer(t)
	v.browser = startBrowser(t)
	return v
}

// copyBrowserSite returns a copy of testdata/browsersite that links to another site.
func copyBrowserSite(t *testing.T, other string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "browsersite")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "browsersite"))); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(dir, "index.html")
	content, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, index, strings.ReplaceAll(string(content), "OTHER", other))
	return dir
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fetchFromPublisher has a publisher seed the folder until wtptui has all of it, and then stop.
func (v *browserFixture) fetchFromPublisher(t *testing.T, dir string) peers.Site {
	t.Helper()
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{v.tracker.HTTP}})
	v.w.Run(t, "add", "wtp://"+seed.InfoHash)
	seed.Connect(t, v.w.PeerPort)
	site := v.w.WaitSeeding(t, browserStepTimeout, seed.InfoHash)
	seed.Stop(t)
	return site
}

// startBrowser runs Chromium until the test ends.
func startBrowser(t testing.TB) context.Context {
	t.Helper()
	return startBrowserWithProfile(t, peers.PlainDir(t))
}

// startBrowserWithProfile is startBrowser with a profile folder.
func startBrowserWithProfile(t testing.TB, profile string) context.Context {
	t.Helper()
	browser := peers.Chromium(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser.Path), chromedp.WindowSize(800, 900), chromedp.UserDataDir(profile),
		chromedp.Env("LC_ALL=C.UTF-8"),
	}
	for _, flag := range browser.Flags {
		name, value, valued := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		if valued {
			options = append(options, chromedp.Flag(name, value))
		} else {
			options = append(options, chromedp.Flag(name, true))
		}
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		limited, stop := context.WithTimeout(ctx, browserStepTimeout)
		defer stop()
		if err := chromedp.Cancel(limited); err != nil {
			t.Logf("close the browser: %v", err)
		}
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// tab is a browser tab with cookies and storage of its own.
type tab struct {
	ctx context.Context // It is how chromedp names a tab

	mu        sync.Mutex
	responses []*network.Response
}

// openTab opens an empty tab, which is closed when the test ends.
func (v *browserFixture) openTab(t testing.TB) *tab {
	t.Helper()
	return openTabIn(t, v.browser, chromedp.WithNewBrowserContext())
}

// openSibling opens a tab that shares cookies and storage with this one.
func (p *tab) openSibling(t testing.TB) *tab {
	t.Helper()
	return openTabIn(t, p.ctx)
}

func openTabIn(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	p := &tab{ctx: ctx}
	err := chromedp.Listen(ctx, func(ev any) {
		if r, ok := ev.(*network.EventResponseReceived); ok {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.responses = append(p.responses, r.Response)
		}
	})
	if err == nil {
		err = chromedp.Do(ctx, chromedp.EmulateViewport(800, 900))
	}
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return p
}

// run runs steps in the tab, all of them within browserStepTimeout.
func (p *tab) run(t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserStepTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("browser: %v", err)
	}
}

// navigate loads a page as if its address was typed.
func (p *tab) navigate(t testing.TB, url string) {
	t.Helper()
	p.run(t, chromedp.Navigate(url))
}

// evalInTab returns the value of an expression in the page. A promise is awaited.
func evalInTab[T any](t *testing.T, p *tab, expression string) T {
	t.Helper()
	v, err := tryEval[T](p, expression)
	if err != nil {
		t.Fatalf("browser: %s: %v", expression, err)
	}
	return v
}

// tryEval is evalInTab for pages that may be navigating away, which is an error.
func tryEval[T any](p *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, browserStepTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// waitTrue waits until an expression is true in whatever page the tab shows.
func (p *tab) waitTrue(t *testing.T, what, expression string) {
	t.Helper()
	peers.Eventually(t, browserStepTimeout, what, func() error {
		ok, err := tryEval[bool](p, expression)
		if err == nil && !ok {
			where, _ := tryEval[string](p, "document.title + ' at ' + location.href")
			return fmt.Errorf("the page is %s", where)
		}
		return err
	})
}

// responseStatuses returns the status codes of all responses to requests for a URL.
func (p *tab) responseStatuses(url string) []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []int64
	for _, r := range p.responses {
		if r.URL == url {
			all = append(all, r.Status)
		}
	}
	return all
}

// foreignServer is a server on this machine that does not belong to wtptui, such as a website or a router.
type foreignServer struct {
	*httptest.Server
	stun string // where it would be a STUN server

	mu       sync.Mutex
	requests []string
}

func startForeignServer(t *testing.T) *foreignServer {
	t.Helper()
	e := new(foreignServer)
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e.stun = "stun:" + udp.LocalAddr().String()
	var listening sync.WaitGroup
	listening.Go(func() {
		for {
			if _, _, err := udp.ReadFrom(make([]byte, 2048)); err != nil {
				return
			}
			e.recordRequest("stun")
		}
	})
	t.Cleanup(func() {
		_ = udp.Close()
		listening.Wait()
	})
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.recordRequest(r.URL.Path)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<!doctype html><title>Elsewhere</title>")
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *foreignServer) recordRequest(path string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, path)
}

// hasRequest reports whether the path was requested.
func (e *foreignServer) hasRequest(path string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.requests {
		if p == path {
			return true
		}
	}
	return false
}
