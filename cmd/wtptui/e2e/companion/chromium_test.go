package companion_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"wtptui/cmd/wtptui/companion"
	"wtptui/cmd/wtptui/e2e/peers"
)

// chromium is a running Chromium that has the extension.
type chromium struct {
	ctx context.Context // It is how chromedp names a browser
}

// startChromium runs Chromium with extensions and the profile below a home folder, where `wtptui register` finds it.
// resolver holds rules for resolving names (--host-resolver-rules); empty for the system's resolver.
func startChromium(t testing.TB, home, resolver string, extensions ...string) *chromium {
	t.Helper()
	browser := peers.Chromium(t)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser.Path), chromedp.WindowSize(800, 900),
		chromedp.UserDataDir(filepath.Join(home, ".config", "chromium")), chromedp.Env("HOME="+home, "LC_ALL=C.UTF-8"),
		chromedp.Flag("load-extension", strings.Join(extensions, ",")),
	}
	if resolver != "" {
		options = append(options, chromedp.Flag("host-resolver-rules", resolver))
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
		limited, stop := context.WithTimeout(ctx, waitLong)
		defer stop()
		if err := chromedp.Cancel(limited); err != nil {
			t.Logf("close the browser: %v", err)
		}
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &chromium{ctx: ctx}
}

// openTab opens a tab of the browser's only profile until the test ends, or close is called.
func (c *chromium) openTab(t testing.TB, url string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // The tab ends with the context of what is done in it first.
		t.Fatalf("open a tab: %v", err)
	}
	tb := &tab{ctx: ctx, close: cancel}
	tb.navigate(t, url)
	return tb
}

// waitBackground waits for an extension's background script, by its file name.
func (c *chromium) waitBackground(t *testing.T, script string) (found *target.Info) {
	t.Helper()
	peers.Eventually(t, waitLong, "the background script", func() error {
		all, err := chromedp.Targets(c.ctx)
		for _, info := range all {
			isOfExtension := info.Type == "service_worker" && strings.HasPrefix(info.URL, "chrome-extension://")
			if isOfExtension && strings.HasSuffix(info.URL, "/"+script) {
				found = info
			}
		}
		if err == nil && found == nil {
			err = fmt.Errorf("there is none among %d targets", len(all))
		}
		return err
	})
	return found
}

// attachBackground attaches to an extension's background script.
func (c *chromium) attachBackground(t *testing.T, script string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithTargetID(c.waitBackground(t, script).TargetID))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("look into the background script: %v", err)
	}
	return &tab{ctx: ctx, close: cancel}
}

type tab struct {
	ctx   context.Context // It is how chromedp names a tab
	close context.CancelFunc
}

func (tb *tab) navigate(t testing.TB, url string) {
	t.Helper()
	if err := tb.tryNavigate(url); err != nil {
		t.Fatalf("visit %s: %v", url, err)
	}
}

// tryNavigate loads a page as if its address was typed.
func (tb *tab) tryNavigate(url string) error {
	ctx, cancel := context.WithTimeout(tb.ctx, waitLong)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Navigate(url))
}

// evalInTab returns the value of an expression in the page. A promise is awaited.
func evalInTab[T any](tb *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tb.ctx, waitLong)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// waitContains waits until the string value of an expression contains want.
func (tb *tab) waitContains(t *testing.T, what, expression, want string) {
	t.Helper()
	peers.Eventually(t, waitLong, what, func() error {
		got, err := evalInTab[string](tb, expression)
		if err == nil && !strings.Contains(got, want) {
			err = fmt.Errorf("it is %q", got)
		}
		return err
	})
}

// click clicks on the element that a CSS selector matches.
func (tb *tab) click(t *testing.T, selector string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, waitLong)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(selector)); err != nil {
		t.Fatalf("click on %s: %v", selector, err)
	}
}

// clickUntilAt clicks on a link until the tab's address begins with want: Chromium drops clicks on a page that it has
// not painted yet.
func (tb *tab) clickUntilAt(t *testing.T, selector, want string) {
	t.Helper()
	peers.Eventually(t, waitLong, selector+" to lead to "+want, func() error {
		at, err := evalInTab[string](tb, locationScript)
		if err != nil || strings.HasPrefix(at, want) {
			return err
		}
		const soon = 5 * time.Second // The page may have left, and the link with it.
		ctx, cancel := context.WithTimeout(tb.ctx, soon)
		defer cancel()
		return cmp.Or(chromedp.Do(ctx, chromedp.Click(selector)), fmt.Errorf("it is at %s", at))
	})
}

// locationScript returns the address of a tab.
const locationScript = "location.href"

// bodyTextScript returns the text of a page.
const bodyTextScript = "document.body.innerText"

// The toolbar and the popup show the state of a site, and the popup changes it.
func TestPopupShowsAndPinsTheSite(t *testing.T) {
	t.Parallel()
	r := newReader(t, "--up-limit", "20KB")
	r.w.Start(t)
	site, seed := r.addCachedSite(t, "Tides & more")
	// Somebody who is served slowly stays.
	peers.StartLeech(t, seed.Torrent, t.TempDir(), peers.LeechOptions{Peers: []int{r.w.PeerPort}})
	c := startChromium(t, r.home, "", r.extension)
	page := c.openTab(t, site.LocalURL+"page.html")
	own := c.openTab(t, companion.ChromiumOrigin+"settings.html")
	const badge = `chrome.tabs.query({ url: 'http://*.localhost/*' }).then(tabs => Promise.all(tabs.map(({ id: tabId }) =>
		Promise.all([chrome.action.getBadgeText({ tabId }), chrome.action.getTitle({ tabId })])))).then(JSON.stringify)`
	own.waitContains(t, "the badge to have the peers", badge, `["1","Tides & more: ◷ CACHE, 1 peer"]`)

	popup := c.openTab(t, popupURL(site.LocalURL+"page.html"))
	for _, want := range []string{
		"Tides & more", "wtp://" + site.Host + "/page.html", "◷ CACHE", "all of it here", "while a tab shows it",
		"1, 0 with all of it (1 TCP)", "MB down",
	} {
		popup.waitContains(t, "the popup", bodyTextScript, want)
	}
	popup.click(t, "#pin")
	r.waitPinned(t, site.Host, true)
	popup.waitContains(t, "the pinned site", bodyTextScript, "pinned: seeded for ever")
	pressed, err := evalInTab[string](popup, "document.querySelector('#pin').getAttribute('aria-pressed')")
	if pressed != "true" {
		t.Errorf("to a screen reader the button is %q, %v", pressed, err)
	}
	popup.click(t, "#pin")
	r.waitPinned(t, site.Host, false)
	r.w.Run(t, "pin", site.Host) // What is done elsewhere is shown, too.
	popup.waitContains(t, "the pinned site", bodyTextScript, "★ PIN")

	list := c.openTab(t, companion.ChromiumOrigin+"popup.html?page=about:blank")
	list.waitContains(t, "the list", bodyTextScript, "Tides & more")
	if err := chromedp.Do(list.ctx, chromedp.SendKeys("#filter", "no such")); err != nil {
		t.Fatal(err)
	}
	list.waitContains(t, "the filtered list", bodyTextScript, "No site here is called so")
	list.click(t, "#filter")
	typed := strings.Repeat(kb.Backspace, len("no such")) + "TIDES" + kb.Enter
	if err := chromedp.Do(list.ctx, chromedp.SendKeys("#filter", typed)); err != nil {
		t.Fatal(err)
	}
	const shown = "chrome.tabs.query({ url: 'http://*.localhost/*' })" +
		".then(tabs => tabs.map(tab => tab.url).sort().join(' '))"
	own.waitContains(t, "Enter to open the site", shown, site.LocalURL+" ")
	if title, err := evalInTab[string](page, "document.title"); title != "A page of Tides & more" {
		t.Errorf("the page is left alone: %q, %v", title, err)
	}
}
