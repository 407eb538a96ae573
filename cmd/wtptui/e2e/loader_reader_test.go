package e2e_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// viewerStarters start viewers, by browser.
var viewerStarters = map[string]func(*testing.T) viewer{
	"Chromium": func(t *testing.T) viewer {
		o, _ := newChromiumViewer(t, startBrowser(t))
		return o
	},
	"Firefox": func(t *testing.T) viewer {
		o, _ := newFirefoxViewer(t)
		return o
	},
}

// newChromiumViewer opens a tab with cookies, storage and service workers of its own. The scripts run at the start of
// every document.
func newChromiumViewer(t testing.TB, browser context.Context, scripts ...string) (viewer, *tab) {
	t.Helper()
	return newTabViewer(t, (&browserFixture{browser: browser}).openTab(t), scripts...)
}

// newTabViewer is newChromiumViewer for a tab that is open.
func newTabViewer(t testing.TB, p *tab, scripts ...string) (viewer, *tab) {
	t.Helper()
	for _, source := range scripts {
		callDevTools(t, p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	}
	value := func(expression string) (string, error) { return tryEval[string](p, expression) }
	return viewer{func(url string) { p.navigate(t, url) }, value, false}, p
}

// callDevTools sends one command of the DevTools protocol to a tab.
func callDevTools[P, R any](t testing.TB, p *tab, command cdp.Command[P, R], params P) R {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserStepTimeout)
	defer cancel()
	result, err := chromedp.Run(ctx, chromedp.Action[R](func(ctx context.Context, _ *chromedp.Target) (R, error) {
		return chromedp.Call(ctx, command, params)
	}))
	if err != nil {
		t.Fatalf("browser: %s: %v", command.Method, err)
	}
	return result
}

// What the scripts of newChromiumViewer do to a page.
const (
	// noWebSeed has nothing come from the home's web seed.
	noWebSeed = `window.realFetch = fetch, window.fetch = (what, ...more) => String(what?.url ?? what).includes('` +
		webSeedPath + `') ? Promise.reject(new TypeError('the web seed is out of reach')) : realFetch(what, ...more)`
	webSeedAgain = `(window.fetch = realFetch)`
	noWebRTC     = `delete window.RTCPeerConnection`
	// recordSockets has window.opened tell what the page opened to others.
	recordSockets = `{
		window.opened = []
		for (const name of ['WebSocket', 'RTCPeerConnection']) {
			window[name] = new Proxy(window[name], { construct(of, args) {
				opened.push(name)
				return new of(...args)
			} })
		}
	}`
)

// disableScripts has a tab run no scripts of pages.
func (p *tab) disableScripts(t testing.TB) {
	t.Helper()
	callDevTools(t, p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// newFirefoxViewer starts a Firefox.
func newFirefoxViewer(t testing.TB) (viewer, *peers.Firefox) {
	t.Helper()
	f := peers.StartFirefox(t, 800, 900)
	value := func(expression string) (string, error) {
		var text string
		err := f.Eval(&text, expression)
		return text, err
	}
	return viewer{func(url string) { f.Navigate(t, url) }, value, true}, f
}

// followLink clicks on a link of the site and waits for the title of the page that it leads to, in the frame and in the
// window, and for its address.
func (o viewer) followLink(t testing.TB, s loaderSite, path, title string) {
	t.Helper()
	o.evalString(t, inFrame(fmt.Sprintf("document.querySelector('a[href=%q]').click()", path)))
	o.waitPage(t, s, path, title)
}

// waitPage waits until the viewer shows a page of the site.
func (o viewer) waitPage(t testing.TB, s loaderSite, path, title string) {
	t.Helper()
	o.waitTrueInFrame(t, path+" in the frame",
		fmt.Sprintf("document.title === %q && document.readyState === 'complete'", title))
	o.waitTrue(t, path+" in the address bar", fmt.Sprintf(
		"document.title === %q && location.href === %q && document.readyState === 'complete'", title, s.root+path))
}

// What the loader's bar shows.
const (
	peersShown        = "Number.parseInt(document.querySelector('#bar .text').textContent)"
	siteIsComplete    = "document.querySelector('#bar .share').textContent.startsWith('100 %')"
	newVersionOffered = "document.querySelector('#bar .news').checkVisibility()"
	openNewVersion    = "document.querySelector('#bar .news').click()"
	noteShown         = "document.querySelector('#bar .note').textContent"
	acceptQuestion    = "document.querySelector('#bar .ask button').click()"
	// checkForNewVersion has the loader think that somebody comes back to the tab.
	checkForNewVersion = "document.dispatchEvent(new Event('visibilitychange'))"
)

// waitComplete waits until all of the site has been downloaded.
func (o viewer) waitComplete(t testing.TB) {
	t.Helper()
	o.waitTrue(t, "all of the site", siteIsComplete)
}

// fetchSumScript returns the SHA-256 of the response that a page gets for a path, and fileSum that of a file.
const fetchSumScript = `fetch(%q).then((r) => r.arrayBuffer()).then((b) => crypto.subtle.digest('SHA-256', b))
	.then((s) => [...new Uint8Array(s)].map((b) => b.toString(16).padStart(2, '0')).join(''))`

func fileSum(t testing.TB, dir, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
}
