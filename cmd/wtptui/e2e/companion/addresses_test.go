package companion_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// startClearnetPage serves a page of another server. It returns its URL and the rules by which a browser resolves its
// name.
func startClearnetPage(t *testing.T, page string) (url, resolver string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<!doctype html><title>Clearnet</title>"+page)
	}))
	t.Cleanup(server.Close)
	at := strings.TrimPrefix(server.URL, "http://")
	// All else is nowhere: what gets as far as a search engine ends on an error page.
	return "http://clear.example/", "MAP clear.example " + at + ", MAP * ~NOTFOUND, " +
		"EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"
}

// A typed wtp:// address, for which a browser would start a search, opens its site. The keyword suggests titles and
// opens what is entered.
func TestTypedAddressesOpenSites(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Start(t)
	site, _ := r.addCachedSite(t, "Tides")
	_, nowhere := startClearnetPage(t, "")
	c := startChromium(t, r.home, nowhere, r.makePermittedExtension(t))
	tab := c.openTab(t, site.LocalURL)
	own := c.openTab(t, popupURL(""))
	own.waitContains(t, "wtptui", bodyTextScript, "Tides")
	own.waitContains(t, "the rule",
		"chrome.declarativeNetRequest.getDynamicRules().then(JSON.stringify)", r.w.Root+"?uri=")
	for _, search := range []string{
		"https://www.google.com/search?q=%s&oq=wtp&sourceid=chrome&ie=UTF-8",
		"https://duckduckgo.com/?t=ffab&q=%s",
		"https://www.bing.com/search?q=%s",
		"https://www.startpage.com/do/search?query=%s&cat=web",
		"https://search.yahoo.com/search?p=%s",
	} {
		tab.navigate(t, fmt.Sprintf(search, url.QueryEscape("wtp://"+site.Host+"/page.html?a=1&b=2")))
		tab.waitContains(t, search, locationScript, site.LocalURL+"page.html?a=1&b=2")
	}
	tab.navigate(t, "https://www.google.com/search?q="+url.QueryEscape("WTP://"+unknownHost+"/"))
	tab.waitContains(t, "a site that is not here, typed", locationScript, "http://"+unknownHost+".localhost:")
	r.w.WaitSite(t, waitLong, unknownHost, "to be looked for", func(peers.Site) error { return nil })
	err := tab.tryNavigate("https://www.google.com/search?q=what+is+wtp://")
	if err == nil || !strings.Contains(err.Error(), "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("a search that only mentions it: %v", err)
	}

	worker := c.attachBackground(t, "background.js")
	suggested, err := evalInTab[string](worker, `new Promise(resolve =>
		chrome.omnibox.onInputChanged.dispatch('tid', list => resolve(JSON.stringify(list))))`)
	want := `"content":"wtp://` + site.Host + `/"`
	if err != nil || !strings.Contains(suggested, want) || !strings.Contains(suggested, "Tides") {
		t.Errorf("the keyword suggests %s, %v", suggested, err)
	}
	for _, step := range []struct{ entered, want string }{
		{"tides", site.LocalURL},
		{"wtp://" + site.Host + "/page.html", site.LocalURL + "page.html"},
		{"no such title", r.w.Root + "?uri=no%20such%20title"},
	} {
		enter := fmt.Sprintf("chrome.omnibox.onInputEntered.dispatch(%q, 'newForegroundTab'), ''", step.entered)
		if _, err := evalInTab[string](worker, enter); err != nil {
			t.Fatal(err)
		}
		const all = "chrome.tabs.query({}).then(tabs => `${tabs.map(tab => tab.url).join(' ')} `)"
		own.waitContains(t, step.entered, all, step.want+" ")
	}
}

// Links in any page open sites, if the person has permitted it. The page learns nothing, and an unknown site is asked
// about.
func TestLinksOpenSitesWherePermitted(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Start(t)
	site, _ := r.addCachedSite(t, "Tides")
	page, resolver := startClearnetPage(t, `
		<p><a id="known" href="wtp://`+site.Host+`/page.html">known</a>
		<p><a id="unknown" href="WTP://`+unknownHost+`/x?y#z"><b>unknown</b></a>
		<p><a id="web" href="#here">web</a>
		<script>const told = []
		navigation.addEventListener('navigate', e => told.push(e.destination.url))
		addEventListener('message', e => told.push(e.data))
		// The browser would ask about an unknown scheme, and take no clicks as long as it does.
		addEventListener('click', e => e.isTrusted || e.preventDefault())</script>`)
	c := startChromium(t, r.home, resolver, r.makePermittedExtension(t))
	own := c.openTab(t, popupURL(""))
	own.waitContains(t, "wtptui", bodyTextScript, "Tides")
	own.waitContains(t, "the script in pages",
		"chrome.scripting.getRegisteredContentScripts().then(JSON.stringify)", "links.js")

	tab := c.openTab(t, page)
	const globals = "String([...told, typeof chrome.runtime, document.scripts.length])"
	// What a script of the page does is no click.
	for _, forged := range []string{
		"known.click()",
		"known.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, cancelable: true }))",
	} {
		if got, err := evalInTab[string](tab, forged+", "+globals); err != nil || strings.Contains(got, "localhost") {
			t.Errorf("%s: %q, %v", forged, got, err)
		}
	}
	tab.clickUntilAt(t, "#web", page+"#here")
	tab.clickUntilAt(t, "#known", site.LocalURL+"page.html")
	tab.navigate(t, page)
	tab.clickUntilAt(t, "#unknown b", r.w.Root+"?ask&uri=")
	tab.waitContains(t, "the question", bodyTextScript, "Open this site?")
	if _, there := r.w.Find(t, unknownHost); there {
		t.Error("the unknown site is here, and nobody was asked")
	}
	tab.clickUntilAt(t, ".act a", "http://"+unknownHost+".localhost:")
	r.w.WaitSite(t, waitLong, unknownHost, "to be looked for", func(peers.Site) error { return nil })
}
