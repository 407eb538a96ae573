package companion_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/companion"
	"wtptui/cmd/wtptui/e2e/peers"
)

// firefox is a running Firefox with the extension.
type firefox struct {
	*peers.Firefox

	// origin is that of the extension's pages, which is another one in each profile.
	origin string
}

// startFirefox runs Firefox with the extension and a reader's home folder.
func startFirefox(t *testing.T, r *reader) *firefox {
	t.Helper()
	f := &firefox{Firefox: peers.StartFirefoxAt(t, r.home, 800, 900)}
	f.Install(t, r.extension)
	f.RunPrivileged(t, policyScript+"return 'moz-extension://' + policy.mozExtensionHostname + '/'", &f.origin)
	return f
}

// policyScript declares `policy`, which is what Firefox knows of the extension, for privileged scripts.
const policyScript = "const policy = WebExtensionPolicy.getByID('" + companion.GeckoID + "');"

// importScript declares `from`, by which privileged scripts import Firefox's own modules.
const importScript = "const from = name => ChromeUtils.importESModule(`resource://gre/modules/${name}.sys.mjs`);"

// waitBodyText waits until the page's text contains want.
func (f *firefox) waitBodyText(t *testing.T, want string) {
	t.Helper()
	peers.Eventually(t, waitLong, want, func() error {
		var got string
		err := f.Eval(&got, bodyTextScript)
		if err == nil && !strings.Contains(got, want) {
			err = fmt.Errorf("the page says %q", got)
		}
		return err
	})
}

// waitAt waits until the tab's address begins with want.
func (f *firefox) waitAt(t *testing.T, want string) {
	t.Helper()
	peers.Eventually(t, waitLong, "the tab at "+want, func() error {
		var got string
		f.RunPrivileged(t, "return gBrowser.selectedBrowser.currentURI.spec", &got)
		if !strings.HasPrefix(got, want) {
			return fmt.Errorf("it is at %s", got)
		}
		return nil
	})
}

// typeAddress types into the address bar and presses Enter.
func (f *firefox) typeAddress(t *testing.T, typed string) {
	t.Helper()
	f.RunPrivileged(t, fmt.Sprintf("gURLBar.focus(); gURLBar.value = %q; gURLBar.handleCommand()", typed), nil)
}

func TestPopupBadgeAndAddressBarInFirefox(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Start(t)
	site, _ := r.addCachedSite(t, "Tides")
	f := startFirefox(t, r)
	f.Navigate(t, site.LocalURL+"page.html")
	f.OpenTab(t)
	f.Navigate(t, f.origin+"popup.html?page="+url.QueryEscape(site.LocalURL+"page.html"))
	for _, want := range []string{"Tides", "wtp://" + site.Host + "/page.html", "◷ CACHE", "while a tab shows it"} {
		f.waitBodyText(t, want)
	}
	f.Click(t, "#pin")
	r.waitPinned(t, site.Host, true)
	f.waitBodyText(t, "pinned: seeded for ever")
	peers.Eventually(t, waitLong, "the badge", func() error {
		var badge struct{ BadgeText, Title string }
		f.RunPrivileged(t, policyScript+importScript+`const { ExtensionParent } = from('ExtensionParent')
			const { action } = ExtensionParent.apiManager.global.browserActionFor(policy.extension)
			const { badgeText, title } = action.getContextData(gBrowser.tabs[0])
			return { BadgeText: badgeText, Title: title }`, &badge)
		if badge.BadgeText == "" || !strings.HasPrefix(badge.Title, "Tides: ★ PIN, "+badge.BadgeText+" peer") {
			return fmt.Errorf("the toolbar says %+v", badge)
		}
		return nil
	})

	// The keyword needs no permission.
	f.RunPrivileged(t, "gURLBar.focus(); gURLBar.search('wtp tides')", nil)
	peers.Eventually(t, waitLong, "the suggestion", func() error {
		var titles []string
		const results = "return gURLBar.view.visibleResults.map(({ payload }) => payload.content + ' ' + payload.title)"
		f.RunPrivileged(t, results, &titles)
		if !slices.ContainsFunc(titles, func(s string) bool {
			return strings.Contains(s, "wtp://"+site.Host+"/") && strings.Contains(s, "Tides")
		}) {
			return fmt.Errorf("there are %q", titles)
		}
		return nil
	})
	f.RunPrivileged(t, "gURLBar.handleCommand()", nil)
	f.waitAt(t, site.LocalURL)

	// What is typed is caught for whom it is allowed to.
	f.RunPrivileged(t, policyScript+importScript+`const { ExtensionPermissions } = from('ExtensionPermissions')
		return ExtensionPermissions.add(policy.id, { permissions: [], origins: ['*://*/*'] }, policy.extension)`, nil)
	f.typeAddress(t, "wtp://"+site.Host+"/page.html?a=1")
	f.waitAt(t, site.LocalURL+"page.html?a=1")
}

// The cache period of a site begins when its tab is closed.
func TestOpenTabsKeepTheirSiteInFirefox(t *testing.T) {
	t.Parallel()
	r := newReader(t, "--cache-ttl", "20s")
	r.w.Start(t)
	f := startFirefox(t, r)
	f.OpenTab(t)
	site, _ := r.addCachedSite(t, "Tides")
	f.Navigate(t, site.LocalURL)
	f.waitBodyText(t, "Tides")
	for range 2 {
		r.w.Run(t, "add", unknownHost)
		r.waitGone(t, unknownHost)
		if _, there := r.w.Find(t, site.Host); !there {
			t.Fatal("the site has left under its reader")
		}
	}
	f.CloseTab(t)
	r.waitGone(t, site.Host)
}
