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

// clearnet is a page of another server, and how to have a browser find it under a name.
func clearnet(t *testing.T, page string) (url, resolver string) {
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

// What a browser does with a typed wtp:// address, which it takes for a search, and what the keyword makes of words.
func TestTypedAddresses(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Start(t)
	site, _ := r.cached(t, "Tides")
	_, nowhere := clearnet(t, "")
	c := startChromium(t, r.home, nowhere, r.allowed(t))
	tab := c.tab(t, site.LocalURL)
	own := c.tab(t, popup(""))
	own.until(t, "wtptui", text, "Tides")
	own.until(t, "the rule", "chrome.declarativeNetRequest.getDynamicRules().then(JSON.stringify)", r.w.Root+"?uri=")
	for _, search := range []string{
		"https://www.google.com/search?q=%s&oq=wtp&sourceid=chrome&ie=UTF-8",
		"https://duckduckgo.com/?t=ffab&q=%s",
		"https://www.bing.com/search?q=%s",
		"https://www.startpage.com/do/search?query=%s&cat=web",
		"https://search.yahoo.com/search?p=%s",
	} {
		tab.visit(t, fmt.Sprintf(search, url.QueryEscape("wtp://"+site.Host+"/page.html?a=1&b=2")))
		tab.until(t, search, location, site.LocalURL+"page.html?a=1&b=2")
	}
	tab.visit(t, "https://www.google.com/search?q="+url.QueryEscape("WTP://"+unknown+"/"))
	tab.until(t, "a site that is not here, typed", location, "http://"+unknown+".localhost:")
	r.w.WaitSite(t, waitLong, unknown, "to be looked for", func(peers.Site) error { return nil })
	err := tab.try("https://www.google.com/search?q=what+is+wtp://")
	if err == nil || !strings.Contains(err.Error(), "ERR_NAME_NOT_RESOLVED") {
		t.Errorf("a search that only mentions it: %v", err)
	}

	worker := c.worker(t, "background.js")
	suggested, err := eval[string](worker, `new Promise(resolve =>
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
		if _, err := eval[string](worker, enter); err != nil {
			t.Fatal(err)
		}
		const all = "chrome.tabs.query({}).then(tabs => `${tabs.map(tab => tab.url).join(' ')} `)"
		own.until(t, step.entered, all, step.want+" ")
	}
}

// Links in any page, where the person has allowed it. The page learns nothing, and an unknown site is asked about.
func TestLinks(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Start(t)
	site, _ := r.cached(t, "Tides")
	page, resolver := clearnet(t, `
		<p><a id="known" href="wtp://`+site.Host+`/page.html">known</a>
		<p><a id="unknown" href="WTP://`+unknown+`/x?y#z"><b>unknown</b></a>
		<p><a id="web" href="#here">web</a>
		<script>const told = []
		navigation.addEventListener('navigate', e => told.push(e.destination.url))
		addEventListener('message', e => told.push(e.data))
		// The browser would ask about an unknown scheme, and take no clicks as long as it does.
		addEventListener('click', e => e.isTrusted || e.preventDefault())</script>`)
	c := startChromium(t, r.home, resolver, r.allowed(t))
	own := c.tab(t, popup(""))
	own.until(t, "wtptui", text, "Tides")
	own.until(t, "the script in pages", "chrome.scripting.getRegisteredContentScripts().then(JSON.stringify)", "links.js")

	tab := c.tab(t, page)
	const globals = "String([...told, typeof chrome.runtime, document.scripts.length])"
	// What a script of the page does is no click.
	for _, forged := range []string{
		"known.click()",
		"known.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, cancelable: true }))",
	} {
		if got, err := eval[string](tab, forged+", "+globals); err != nil || strings.Contains(got, "localhost") {
			t.Errorf("%s: %q, %v", forged, got, err)
		}
	}
	tab.follow(t, "#web", page+"#here")
	tab.follow(t, "#known", site.LocalURL+"page.html")
	tab.visit(t, page)
	tab.follow(t, "#unknown b", r.w.Root+"?ask&uri=")
	tab.until(t, "the question", text, "Open this site?")
	if _, there := r.w.Find(t, unknown); there {
		t.Error("the unknown site is here, and nobody was asked")
	}
	tab.follow(t, ".act a", "http://"+unknown+".localhost:")
	r.w.WaitSite(t, waitLong, unknown, "to be looked for", func(peers.Site) error { return nil })
}
