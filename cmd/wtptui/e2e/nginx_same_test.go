package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// comparedSite is a site, with nginx's directives that have the same effect as the site's own files.
type comparedSite struct {
	name  string
	files map[string]string
	// domain is the name it is published under; empty for a site without one. Its files may have its wtp address in them.
	domain string
	nginx  string
	pages  []string // what is opened, as it is in an address
}

// A site is the same in a browser whether wtptui serves it or Debian's nginx, configured for that site by hand: where
// an address leads and with which status, the document after its scripts have run, the browser's messages about it,
// every pixel.
func TestSitesAreTheSameAsFromNginx(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.NginxTool)
	w := startWtptui(t, "--tracker", "none", "--doh", "https://127.0.0.1:1/dns-query")
	served := map[string]servedPair{}
	twins := []comparedSite{
		routedSite(), fallbackSite(), missingPageSite(), mirroredSite(t), precompressedSite(t), absoluteLinkSite(),
		sandboxedFrameSite(),
	}
	for _, site := range twins {
		served[site.name] = site.serve(t, w)
	}
	for browser, open := range map[string]func(*testing.T) browserWindow{
		"Chromium": openChromium,
		"Firefox":  openFirefox,
	} {
		t.Run(browser, func(t *testing.T) {
			t.Parallel()
			ours, over := open(t), open(t)
			for _, site := range twins {
				if browser == "Chromium" && site.name == "sandbox" {
					continue // It keeps such frames from everything on this computer: see TestSandboxedFramesWorkAndReachNothingElse.
				}
				t.Run(site.name, func(t *testing.T) {
					for _, page := range site.pages {
						served[site.name].compare(t, page, ours, over)
					}
				})
			}
		})
	}
}

// servedPair is where a site is served: by wtptui, by nginx, and its wtp address. Each ends in a slash.
type servedPair struct{ ours, over, wtp string }

// serve publishes the site, and has nginx serve a copy of it.
func (site comparedSite) serve(t *testing.T, w *peers.Wtptui) servedPair {
	t.Helper()
	dir, copied := filepath.Join(t.TempDir(), site.name), t.TempDir()
	for name, content := range site.files {
		writeFile(t, filepath.Join(dir, name), content)
	}
	args := []string{}
	if site.domain != "" {
		args = append(args, "--name", site.domain)
	}
	s := servedPair{ours: publish(t, w, dir, args...).LocalURL, wtp: "wtp://" + site.domain + "/"}
	// A name of its own, as a site has, and an origin that can use what only secure ones can.
	// As wtptui, it lets no browser guess what a file is.
	directives := "add_header X-Content-Type-Options nosniff always; " + site.nginx
	s.over = strings.Replace(peers.StartNginx(t, copied, directives).URL, "127.0.0.1", "plain.localhost", 1)
	for name, content := range site.files {
		// What nginx is told by its configuration is no part of what it serves.
		if name != "_redirects" {
			writeFile(t, filepath.Join(copied, name), strings.ReplaceAll(content, s.wtp, s.over))
		}
	}
	return s
}

// compare reports an error for each difference of a page.
func (s servedPair) compare(t *testing.T, page string, ours, over browserWindow) {
	t.Helper()
	got, want := ours.open(t, s.ours, page), over.open(t, s.over, page)
	got = strings.ReplaceAll(got, s.wtp, "/")
	if got != want {
		t.Errorf("/%s: it is\n%s\nand from nginx\n%s", page, got, want)
		return // It does not look the same either.
	}
	same := func(what string, check func() error) {
		peers.Eventually(t, browserStepTimeout, "/"+page+" to have the same "+what, check)
	}
	same("on the console", func() error {
		if got, want := ours.console(t), over.console(t); !slices.Equal(got, want) {
			return fmt.Errorf("it has\n%s\nand from nginx\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	})
	same("look", func() error {
		err := compareLooks(ours, over)
		if err != nil && !strings.Contains(page, "#") { // A part of the page that is shown would not be loaded again.
			// In which order pictures come can move an edge by a part of a pixel, for as long as the page is shown.
			ours.open(t, s.ours, page)
			over.open(t, s.over, page)
		}
		return err
	})
}

// compareLooks compares what two windows show. One may be nothing but text on white.
func compareLooks(a, b browserWindow) error {
	x, err := a.screenshot()
	if err != nil {
		return err
	}
	y, err := b.screenshot()
	if err != nil || bytes.Equal(x, y) {
		return err
	}
	return comparePictures(x, y)
}

// browserWindow is a tab of a real browser.
type browserWindow interface {
	// open opens a page of the site at root, waits until it is done, and returns what it is: where it led, its status and
	// type, its pictures and its document, all with the site's own root as a slash.
	open(t *testing.T, root, page string) string
	// text is what an expression, once it is settled, is in the page.
	text(expression string) (string, error)
	// console returns what there is on the console about the page, sorted, with the site's root as ROOT/.
	console(t *testing.T) []string
	screenshot() ([]byte, error)
}

// A page that does more after it was loaded says so by the attribute data-pending at its root, as long as it does. The
// one that is about to leave has a mark, and Firefox shows an empty one between two sites.
const (
	leaving = "window.leaving = true"
	seen    = `(() => {
	if (window.leaving || location.href === 'about:blank' || document.readyState !== 'complete') return ''
	if ('pending' in document.documentElement.dataset) return ''
	const answer = performance.getEntriesByType('navigation')[0]
	const pictures = 'pictures: ' + [...document.images].map((i) => i.naturalWidth).join(' ')
	return [location.href, answer && answer.responseStatus, document.contentType, document.characterSet,
		document.compatMode, pictures, document.documentElement.outerHTML].join('\n')
})()`
)

var errPageNotDone = errors.New("it is not done")

// chromiumWindow is a tab with cookies and storage of its own.
type chromiumWindow struct{ *recordedTab }

func openChromium(t *testing.T) browserWindow {
	t.Helper()
	return openChromiumTab(t, startBrowser(t))
}

func openChromiumTab(t *testing.T, browser context.Context) browserWindow {
	t.Helper()
	v := &browserFixture{browser: browser}
	o := &recordedTab{tab: v.openTab(t)}
	o.recordConsole(t)
	return chromiumWindow{o}
}

func (w chromiumWindow) open(t *testing.T, root, page string) string {
	t.Helper()
	w.mu.Lock()
	w.root, w.recordedTab.console = root, nil
	w.mu.Unlock()
	evalInTab[bool](t, w.tab, leaving)
	w.tab.navigate(t, root+page)
	return waitPageState(t, root, page, w.text)
}

func (w chromiumWindow) text(expression string) (string, error) {
	return tryEval[string](w.tab, expression)
}

// messagePosition matches the end of a message on the console that names a position in the page.
var messagePosition = regexp.MustCompile(`:\d+:\d+\)$`)

// console leaves out the position of something that was refused, and repetitions: if a part is preloaded, it is refused
// at the start of the page first, and then again.
func (w chromiumWindow) console(*testing.T) []string {
	all := w.consoleLines()
	for i, line := range all {
		if strings.HasPrefix(line, "security ") {
			all[i] = messagePosition.ReplaceAllString(line, ")")
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// firefoxWindow is a Firefox of its own.
type firefoxWindow struct {
	*peers.Firefox

	root string
}

func openFirefox(t *testing.T) browserWindow {
	t.Helper()
	return &firefoxWindow{Firefox: peers.StartFirefox(t, 800, 900)}
}

func (w *firefoxWindow) open(t *testing.T, root, page string) string {
	t.Helper()
	if err := w.Eval(nil, leaving); err != nil {
		t.Fatal(err)
	}
	w.root = root
	w.Navigate(t, root+page)
	return waitPageState(t, root, page, w.text)
}

func (w *firefoxWindow) text(expression string) (text string, err error) {
	err = w.Eval(&text, expression)
	return text, err
}

func (w *firefoxWindow) console(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, line := range w.Console(t) {
		if !slices.ContainsFunc(ownFirefoxMessages, func(own string) bool { return strings.Contains(line, own) }) {
			all = append(all, strings.ReplaceAll(line, w.root, "ROOT/"))
		}
	}
	return all
}

// ownFirefoxMessages are parts of messages that are not about the site: that Firefox does not know the keyword that
// keeps sites from this computer in other browsers, that a name led somewhere else, and about the icon that it requests
// where there is no page.
var ownFirefoxMessages = []string{"treat-as-public-address", "bounceTrackingProtection", "/favicon.ico"}

func (w *firefoxWindow) screenshot() ([]byte, error) { return w.Screenshot() }

// waitPageState waits until a page does not change any more, and returns its state.
func waitPageState(t *testing.T, root, page string, read func(expression string) (string, error)) string {
	t.Helper()
	var text string
	peers.Eventually(t, browserStepTimeout, root+page, func() (err error) {
		text, err = read(seen)
		if err == nil && text == "" {
			err = errPageNotDone
		}
		return err
	})
	return strings.ReplaceAll(text, root, "/")
}
