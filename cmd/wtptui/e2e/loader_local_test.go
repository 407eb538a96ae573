package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Where WebRTC is switched off, a reader gets the site by the loader all the same: from the home, as its web seed.
func TestLoaderWithoutWebRTC(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{
		"chromium": readersSite(t, "Chromium"), "firefox": readersSite(t, "Firefox"),
	})
	for mark, start := range map[string]func(*testing.T) onlooker{
		"Chromium": func(t *testing.T) onlooker {
			o, _ := chromiumReader(t, startBrowser(t), noWebRTC)
			return o
		},
		"Firefox": func(t *testing.T) onlooker {
			o, f := firefoxReader(t)
			f.SetPref(t, "media.peerconnection.enabled", false)
			return o
		},
	} {
		t.Run(mark, func(t *testing.T) {
			t.Parallel()
			s, o := h.sites[strings.ToLower(mark)], start(t)
			o.visit(s.root)
			o.awaitPage(t, s, "", mark+" first")
			o.awaitWorker(t)
			o.awaitAll(t)
			o.follow(t, s, "second.html", mark+" second")
			s.checkByWebSeed(t)
		})
	}
}

// checkByWebSeed checks that readers got all but the first page from the web seed.
func (s loaderSite) checkByWebSeed(t *testing.T) {
	t.Helper()
	asked := s.asked()
	if slices.Contains(asked, "/second.html") || !slices.ContainsFunc(asked, func(path string) bool {
		return strings.HasPrefix(path, webSeedPath)
	}) {
		t.Errorf("the home was asked for %q", asked)
	}
	if sent := s.sent(t); sent.Uploaded != 0 {
		t.Errorf("the engine gave %d bytes", sent.Uploaded)
	}
}

// Without JavaScript, and without what a loader needs of a browser, there is a plain website whose links lead on.
func TestLoaderIsAPlainWebsite(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"one": readersSite(t, "One")})
	s := h.sites["one"]
	t.Run("Chromium", func(t *testing.T) {
		t.Parallel()
		browser := startBrowser(t)
		t.Run("no scripts", func(t *testing.T) {
			t.Parallel()
			o, p := chromiumReader(t, browser)
			p.withoutScripts(t)
			s.readPlainly(t, plainInChromium(t, o, p))
		})
		t.Run("no workers", func(t *testing.T) {
			t.Parallel()
			o, p := chromiumReader(t, browser, "delete Navigator.prototype.serviceWorker")
			s.readPlainly(t, plainInChromium(t, o, p))
		})
	})
	t.Run("Firefox", func(t *testing.T) {
		t.Parallel()
		o, f := firefoxReader(t)
		for _, pref := range []string{"dom.serviceWorkers.enabled", "javascript.enabled"} {
			f.SetPref(t, pref, false)
			s.readPlainly(t, plainReader{
				visit: o.visit,
				title: func() string { return f.Shown(t) },
				click: func(selector string) { f.Click(t, selector) },
			})
			f.ClearCookies(t)
		}
	})
}

// plainReader is somebody whose browser runs no scripts.
type plainReader struct {
	visit func(url string)
	title func() string
	click func(selector string)
}

func plainInChromium(t *testing.T, o onlooker, p *tab) plainReader {
	return plainReader{
		visit: o.visit,
		title: func() string {
			title, _ := chromedp.Run(p.ctx, chromedp.Title()) // A page may be about to leave.
			return title
		},
		click: func(selector string) { p.do(t, chromedp.Click(chromedp.CSS(selector))) },
	}
}

// readPlainly has somebody open the site and go to its second and third page.
func (s loaderSite) readPlainly(t *testing.T, r plainReader) {
	t.Helper()
	r.visit(s.root)
	for _, step := range []struct{ title, click string }{
		{"One first", "a[href='second.html']"}, {"One second", "a[href^='sub/third.html']"}, {"One third", ""},
	} {
		peers.Eventually(t, waitLong, step.title, func() error {
			if title := r.title(); title != step.title {
				return fmt.Errorf("there is %q", title)
			}
			return nil
		})
		if step.click != "" {
			r.click(step.click)
		}
	}
}

// A site that is taken off its home leaves nothing behind in the browsers of its readers: neither the loader's worker
// nor what that has stored.
func TestLoaderForgetsWhatWasTakenOff(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{
		"chromium": readersSite(t, "Chromium"), "firefox": readersSite(t, "Firefox"),
	})
	for mark, start := range bothBrowsers {
		t.Run(mark, func(t *testing.T) {
			t.Parallel()
			s, o := h.sites[strings.ToLower(mark)], start(t)
			o.visit(s.root)
			o.awaitWorker(t)
			o.awaitAll(t)
			o.await(t, "something to be stored", `caches.keys().then((all) => all.length > 0)`)
			h.Run(t, "home", "off", s.name)
			o.visit(s.root)
			o.await(t, "the site to be gone", "document.readyState === 'complete' && /taken off/.test(document.title)")
			o.awaitNothingStored(t)
		})
	}
}

// awaitNothingStored waits until the browser has nothing of the page's origin.
func (o onlooker) awaitNothingStored(t *testing.T) {
	t.Helper()
	for what, count := range map[string]string{
		"workers": "navigator.serviceWorker.getRegistrations().then((all) => all.length === 0)",
		"caches":  "caches.keys().then((all) => all.length === 0)",
		"storage": "localStorage.length === 0",
		"files": `navigator.storage.getDirectory().then(async (root) => {
			for await (const name of root.keys()) return false
			return true
		}, () => true)`,
		"databases": "indexedDB.databases().then((all) => all.length === 0)",
	} {
		o.await(t, "no "+what+" to be left", count)
	}
}

// Where the only tracker is dead, the site comes from the home, and the bar says what is wrong.
func TestLoaderWithADeadTracker(t *testing.T) {
	t.Parallel()
	dead := fmt.Sprintf("ws://127.0.0.1:%d/announce", peers.FreePort(t))
	h := startLocalHome(t, map[string]string{"dead": readersSite(t, "Dead")}, "--home-tracker", "off", "--tracker", dead)
	s := h.sites["dead"]
	o, _ := chromiumReader(t, startBrowser(t))
	o.visit(s.root)
	o.awaitPage(t, s, "", "Dead first")
	o.awaitWorker(t)
	o.awaitAll(t)
	o.follow(t, s, "second.html", "Dead second")
	s.checkByWebSeed(t)
	o.await(t, "the bar to say that no tracker answers", noteShown+".includes('tracker')")
}

// In a private window the site is read as in any other, and so it is in two tabs at once, and where nothing may be
// stored.
func TestLoaderInOddWindows(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"one": readersSite(t, "One")})
	s := h.sites["one"]
	t.Run("two tabs in Chromium", func(t *testing.T) {
		t.Parallel()
		// A browser context of its own is what Chromium calls incognito.
		a, p := chromiumReader(t, startBrowser(t))
		a.visit(s.root)
		a.awaitPage(t, s, "", "One first")
		a.awaitWorker(t)
		b, _ := chromiumTabOf(t, p.another(t))
		b.visit(s.root + "second.html")
		b.awaitPage(t, s, "second.html", "One second")
		a.follow(t, s, "second.html", "One second")
		a.awaitAll(t)
		b.awaitAll(t)
	})
	t.Run("no storage in Chromium", func(t *testing.T) {
		t.Parallel()
		profile := peers.PlainDir(t)
		putFile(t, profile, "Default/Preferences", `{"profile": {"default_content_setting_values": {"cookies": 2}}}`)
		o, _ := chromiumReader(t, startBrowserIn(t, profile))
		o.visit(s.root)
		got := o.read(t, "(() => { try { return localStorage.length } catch (e) { return e.name } })()")
		if got != "SecurityError" {
			t.Errorf("the storage is %s", got)
		}
		o.readSomehow(t, framedPlainly)
	})
	t.Run("odd windows in Firefox", func(t *testing.T) {
		t.Parallel()
		o, f := firefoxReader(t)
		f.OpenPrivate(t)
		o.visit(s.root)
		o.readSomehow(t, workerAnswers+".then((answers) => answers || "+framedPlainly+")")
		const refuseAll = 2
		f.SetPref(t, "network.cookie.cookieBehavior", refuseAll)
		o.visit(s.root)
		o.readSomehow(t, plainlyShown)
	})
}

// Where nothing is kept, the plain website is shown in the loader's frame, or in one that nothing is around.
const (
	framedPlainly = noteShown + ".includes('stores nothing')"
	plainlyShown  = "location.pathname === '" + loaderPath + "plain'"
)

// readSomehow reads two pages of the site, whatever they are shown in, once an expression is true, or resolves to that:
// it says that this is decided. Until then the loader may still lead to the plain website.
func (o onlooker) readSomehow(t *testing.T, decided string) {
	t.Helper()
	const seen = "(document.querySelector('iframe')?.contentDocument ?? document)"
	o.await(t, "the first page", "Promise.resolve("+decided+").then((decided) => decided && "+
		seen+".title === 'One first' && "+seen+".querySelector('a') !== null)")
	o.read(t, seen+".querySelector('a').click()")
	o.await(t, "the second page", seen+".title === 'One second'")
}

// A home that asks first has nobody told of a reader who has not agreed.
func TestLoaderAsksFirst(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"one": readersSite(t, "One")}, "--home-ask")
	s := h.sites["one"]
	o, _ := chromiumReader(t, startBrowser(t), recordSockets)
	o.visit(s.root)
	o.awaitPage(t, s, "", "One first")
	o.awaitWorker(t)
	o.follow(t, s, "second.html", "One second")
	if opened := o.read(t, "opened"); opened != "" {
		t.Errorf("before the reader has said yes, the page opened %s", opened)
	}
	o.await(t, "the question", "!document.querySelector('#bar .ask').hidden")
	o.read(t, sayYes)
	o.await(t, "the tracker to be asked", "opened.includes('WebSocket')")
}
