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

// patient is how long a step in the browser may take on a machine that is busy with other tests.
const patient = waitLong

// What the browser's side promises, as a real browser sees it. The order matters to the last two, which change what
// wtptui knows of the site.
func TestInTheBrowser(t *testing.T) {
	t.Parallel()
	v := startVisit(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"the site is the same as over HTTP", v.siteIsTheSameAsOverHTTP},
		{"the loading page becomes the site", v.loadingPageBecomesTheSite},
		{"cookies stay with their site", v.cookiesStay},
		{"other pages read nothing", v.othersReadNothing},
		{"no page makes you join a swarm", v.nobodyElseJoins},
		{"a site is framed by itself only", v.noFrames},
		{"the network here is out of a site's reach", v.networkOutOfReach},
		{"no clearnet", v.noClearnet},
		{"a removed site leaves nothing", v.removedLeavesNothing},
	} {
		t.Run(test.name, test.run)
	}
}

// visit is what a test of the browser's side has: a real Chromium, a wtptui that has two sites whole, and a server that
// is neither.
type visit struct {
	w        *peers.Wtptui
	tracker  *peers.Tracker
	dir      string // the first site's folder
	site     peers.Site
	other    peers.Site
	outsider *outsider
	browser  context.Context // It is how chromedp names a browser
}

// startVisit has wtptui get both sites from their publishers: that of testdata/browsersite, which links to the other.
func startVisit(t *testing.T) *visit {
	t.Helper()
	v := &visit{tracker: peers.StartTracker(t, peers.TrackerOptions{})}
	v.w = startWtptui(t, "--tracker", v.tracker.HTTP)
	other := filepath.Join(t.TempDir(), "other")
	writeFile(t, filepath.Join(other, "page.html"), "<!doctype html><title>The other site</title><h1>Other</h1>")
	v.other = v.publish(t, other)
	v.dir = browserSite(t, v.other.InfoHash)
	v.site = v.publish(t, v.dir)
	v.outsider = startOutsider(t)
	v.browser = startBrowser(t)
	return v
}

// browserSite is a copy of testdata/browsersite that links to another site.
func browserSite(t *testing.T, other string) string {
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

// publish has somebody seed the folder until wtptui has all of it, and leave.
func (v *visit) publish(t *testing.T, dir string) peers.Site {
	t.Helper()
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{v.tracker.HTTP}})
	v.w.Run(t, "add", "wtp://"+seed.InfoHash)
	seed.Connect(t, v.w.PeerPort)
	site := v.w.WaitSeeding(t, patient, seed.InfoHash)
	seed.Stop(t)
	return site
}

// startBrowser runs Chromium until the test ends.
func startBrowser(t testing.TB) context.Context {
	t.Helper()
	return startBrowserIn(t, peers.PlainDir(t))
}

// startBrowserIn is startBrowser with a profile folder.
func startBrowserIn(t testing.TB, profile string) context.Context {
	t.Helper()
	browser := peers.Chromium(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser.Path), chromedp.WindowSize(800, 900), chromedp.UserDataDir(profile), chromedp.Env("LC_ALL=C.UTF-8"),
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
		limited, stop := context.WithTimeout(ctx, patient)
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

// tab is one tab, with cookies and storage of its own.
type tab struct {
	ctx context.Context // It is how chromedp names a tab

	mu        sync.Mutex
	responses []*network.Response
}

// open opens an empty tab until the test ends.
func (v *visit) open(t testing.TB) *tab {
	t.Helper()
	return openTab(t, v.browser, chromedp.WithNewBrowserContext())
}

// another opens a tab with the cookies and storage of this one.
func (p *tab) another(t testing.TB) *tab {
	t.Helper()
	return openTab(t, p.ctx)
}

func openTab(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *tab {
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

// do takes steps in the tab, within a time that is enough for any of them.
func (p *tab) do(t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patient)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("browser: %v", err)
	}
}

// visit goes to a page as a person does who types its address.
func (p *tab) visit(t testing.TB, url string) {
	t.Helper()
	p.do(t, chromedp.Navigate(url))
}

// eval is what an expression, once it is settled, is in the page.
func eval[T any](t *testing.T, p *tab, expression string) T {
	t.Helper()
	v, err := try[T](p, expression)
	if err != nil {
		t.Fatalf("browser: %s: %v", expression, err)
	}
	return v
}

// try is eval for pages that may be about to leave.
func try[T any](p *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patient)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// waitFor waits until an expression is true in whatever page the tab shows.
func (p *tab) waitFor(t *testing.T, what, expression string) {
	t.Helper()
	peers.Eventually(t, patient, what, func() error {
		ok, err := try[bool](p, expression)
		if err == nil && !ok {
			where, _ := try[string](p, "document.title + ' at ' + location.href")
			return fmt.Errorf("the page is %s", where)
		}
		return err
	})
}

// statuses are the codes of all answers to requests for a URL.
func (p *tab) statuses(url string) []int64 {
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

// outsider is a server on this machine that has nothing to do with wtptui: any website, or somebody's router.
type outsider struct {
	*httptest.Server
	stun string // where it would be a STUN server

	mu    sync.Mutex
	asked []string
}

func startOutsider(t *testing.T) *outsider {
	t.Helper()
	e := new(outsider)
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
			e.note("stun")
		}
	})
	t.Cleanup(func() {
		_ = udp.Close()
		listening.Wait()
	})
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.note(r.URL.Path)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<!doctype html><title>Elsewhere</title>")
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *outsider) note(path string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, path)
}

// wasAsked reports whether anybody asked for the path.
func (e *outsider) wasAsked(path string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.asked {
		if p == path {
			return true
		}
	}
	return false
}
