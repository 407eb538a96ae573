package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Without WebRTC, the loader gets the site from the home as its web seed.
func TestLoaderUsesTheWebSeedWithoutWebRTC(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{
		"chromium": makeReaderSite(t, "Chromium"), "firefox": makeReaderSite(t, "Firefox"),
	})
	for mark, start := range map[string]func(*testing.T) viewer{
		"Chromium": func(t *testing.T) viewer {
			o, _ := newChromiumViewer(t, startBrowser(t), noWebRTC)
			return o
		},
		"Firefox": func(t *testing.T) viewer {
			o, f := newFirefoxViewer(t)
			f.SetPref(t, "media.peerconnection.enabled", false)
			return o
		},
	} {
		t.Run(mark, func(t *testing.T) {
			t.Parallel()
			s, o := h.sites[strings.ToLower(mark)], start(t)
			o.open(s.root)
			o.waitPage(t, s, "", mark+" first")
			o.waitWorker(t)
			o.waitComplete(t)
			o.followLink(t, s, "second.html", mark+" second")
			s.checkWebSeedUsed(t)
		})
	}
}

// checkWebSeedUsed checks that readers got everything but the first page from the web seed.
func (s loaderSite) checkWebSeedUsed(t *testing.T) {
	t.Helper()
	asked := s.requestedPaths()
	if slices.Contains(asked, "/second.html") || !slices.ContainsFunc(asked, func(path string) bool {
		return strings.HasPrefix(path, webSeedPath)
	}) {
		t.Errorf("the home was asked for %q", asked)
	}
	if sent := s.readSent(t); sent.Uploaded != 0 {
		t.Errorf("the engine gave %d bytes", sent.Uploaded)
	}
}

// Without JavaScript, or without what a loader needs of a browser, the home is a plain website whose links work.
func TestLoaderWithoutScriptsIsAPlainWebsite(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"one": makeReaderSite(t, "One")})
	s := h.sites["one"]
	t.Run("Chromium", func(t *testing.T) {
		t.Parallel()
		browser := startBrowser(t)
		t.Run("no scripts", func(t *testing.T) {
			t.Parallel()
			o, p := newChromiumViewer(t, browser)
			p.disableScripts(t)
			s.checkPlainReading(t, newScriptlessChromium(t, o, p))
		})
		t.Run("no workers", func(t *testing.T) {
			t.Parallel()
			o, p := newChromiumViewer(t, browser, "delete Navigator.prototype.serviceWorker")
			s.checkPlainReading(t, newScriptlessChromium(t, o, p))
		})
	})
	t.Run("Firefox", func(t *testing.T) {
		t.Parallel()
		o, f := newFirefoxViewer(t)
		for _, pref := range []string{"dom.serviceWorkers.enabled", "javascript.enabled"} {
			f.SetPref(t, pref, false)
			s.checkPlainReading(t, scriptlessViewer{
				open:  o.open,
				title: func() string { return f.Title(t) },
				click: func(selector string) { f.Click(t, selector) },
			})
			f.ClearCookies(t)
		}
	})
}

// scriptlessViewer is a person whose browser runs no scripts.
type scriptlessViewer struct {
	open  func(url string)
	title func() string
	click func(selector string)
}

func newScriptlessChromium(t *testing.T, o viewer, p *tab) scriptlessViewer {
	return scriptlessViewer{
		open: o.open,
		title: func() string {
			title, _ := chromedp.Run(p.ctx, chromedp.Title()) // A page may be about to leave.
			return title
		},
		click: func(selector string) { p.run(t, chromedp.Click(chromedp.CSS(selector))) },
	}
}

// checkPlainReading opens the site and follows links to its second and third page.
func (s loaderSite) checkPlainReading(t *testing.T, r scriptlessViewer) {
	t.Helper()
	r.open(s.root)
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

// A site that is taken off its home leaves nothing in the browsers of its readers: neither the loader's worker nor what
// it has stored.
func TestLoaderForgetsASiteTakenOffItsHome(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{
		"chromium": makeReaderSite(t, "Chromium"), "firefox": makeReaderSite(t, "Firefox"),
	})
	for mark, start := range viewerStarters {
		t.Run(mark, func(t *testing.T) {
			t.Parallel()
			s, o := h.sites[strings.ToLower(mark)], start(t)
			o.open(s.root)
			o.waitWorker(t)
			o.waitComplete(t)
			o.waitTrue(t, "something to be stored", `caches.keys().then((all) => all.length > 0)`)
			h.Run(t, "home", "off", s.name)
			o.open(s.root)
			o.waitTrue(t, "the site to be gone", "document.readyState === 'complete' && /taken off/.test(document.title)")
			o.waitNothingStored(t)
		})
	}
}

// waitNothingStored waits until the browser stores nothing for the page's origin.
func (o viewer) waitNothingStored(t *testing.T) {
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
		o.waitTrue(t, "no "+what+" to be left", count)
	}
}

// If the only tracker is dead, the site comes from the home, and the bar shows the error.
func TestLoaderUsesTheHomeWhenTheTrackerIsDead(t *testing.T) {
	t.Parallel()
	dead := fmt.Sprintf("ws://127.0.0.1:%d/announce", peers.FreePort(t))
	h := startLocalHome(t, map[string]string{"dead": makeReaderSite(t, "Dead")},
		"--home-tracker", "off", "--tracker", dead)
	s := h.sites["dead"]
	o, _ := newChromiumViewer(t, startBrowser(t))
	o.open(s.root)
	o.waitPage(t, s, "", "Dead first")
	o.waitWorker(t)
	o.waitComplete(t)
	o.followLink(t, s, "second.html", "Dead second")
	s.checkWebSeedUsed(t)
	o.waitTrue(t, "the bar to say that no tracker answers", noteShown+".includes('tracker')")
}

// A site can be read in a private window, in two tabs at once, and where nothing may be stored.
func TestLoaderWorksInPrivateAndRestrictedWindows(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"one": makeReaderSite(t, "One")})
	s := h.sites["one"]
	t.Run("two tabs in Chromium", func(t *testing.T) {
		t.Parallel()
		// A browser context of its own is what Chromium calls incognito.
		a, p := newChromiumViewer(t, startBrowser(t))
		a.open(s.root)
		a.waitPage(t, s, "", "One first")
		a.waitWorker(t)
		b, _ := newTabViewer(t, p.openSibling(t))
		b.open(s.root + "second.html")
		b.waitPage(t, s, "second.html", "One second")
		a.followLink(t, s, "second.html", "One second")
		a.waitComplete(t)
		b.waitComplete(t)
	})
	t.Run("no storage in Chromium", func(t *testing.T) {
		t.Parallel()
		profile := peers.PlainDir(t)
		putFile(t, profile, "Default/Preferences", `{"profile": {"default_content_setting_values": {"cookies": 2}}}`)
		o, _ := newChromiumViewer(t, startBrowserWithProfile(t, profile))
		o.open(s.root)
		got := o.evalString(t, "(() => { try { return localStorage.length } catch (e) { return e.name } })()")
		if got != "SecurityError" {
			t.Errorf("the storage is %s", got)
		}
		o.checkReadable(t, framedPlainly)
	})
	t.Run("odd windows in Firefox", func(t *testing.T) {
		t.Parallel()
		o, f := newFirefoxViewer(t)
		f.OpenPrivate(t)
		o.open(s.root)
		o.checkReadable(t, workerAnswersScript+".then((answers) => answers || "+framedPlainly+")")
		const refuseAll = 2
		f.SetPref(t, "network.cookie.cookieBehavior", refuseAll)
		o.open(s.root)
		o.checkReadable(t, plainlyShown)
	})
}

// Where nothing is kept, the plain website is shown in the loader's frame, or in one that nothing is around.
const (
	framedPlainly = noteShown + ".includes('stores nothing')"
	plainlyShown  = "location.pathname === '" + loaderPath + "plain'"
)

// checkReadable reads two pages of the site, in whatever frame they are shown, once an expression is true, or resolves
// to true: it says that the loader has decided. Before that it may still navigate to the plain website.
func (o viewer) checkReadable(t *testing.T, decided string) {
	t.Helper()
	const seen = "(document.querySelector('iframe')?.contentDocument ?? document)"
	o.waitTrue(t, "the first page", "Promise.resolve("+decided+").then((decided) => decided && "+
		seen+".title === 'One first' && "+seen+".querySelector('a') !== null)")
	o.evalString(t, seen+".querySelector('a').click()")
	o.waitTrue(t, "the second page", seen+".title === 'One second'")
}

// With a home that asks first, no third party learns of a reader before the reader has agreed.
func TestLoaderAsksBeforeItContactsOthers(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"one": makeReaderSite(t, "One")}, "--home-ask")
	s := h.sites["one"]
	o, _ := newChromiumViewer(t, startBrowser(t), recordSockets)
	o.open(s.root)
	o.waitPage(t, s, "", "One first")
	o.waitWorker(t)
	o.followLink(t, s, "second.html", "One second")
	if opened := o.evalString(t, "opened"); opened != "" {
		t.Errorf("before the reader has said yes, the page opened %s", opened)
	}
	o.waitTrue(t, "the question", "!document.querySelector('#bar .ask').hidden")
	o.evalString(t, acceptQuestion)
	o.waitTrue(t, "the tracker to be asked", "opened.includes('WebSocket')")
}
