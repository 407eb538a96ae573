package companion_test

import (
	"path/filepath"
	"strconv"
	"testing"
)

// A site that is open in a tab, also in the background, outlives its cache period, which begins when the tab is closed.
func TestOpenTabsKeepTheirSite(t *testing.T) {
	t.Parallel()
	r := newReader(t, "--cache-ttl", "20s")
	r.w.Start(t)
	c := startChromium(t, r.home, "", r.extension)
	own := c.openTab(t, popupURL(""))
	own.waitContains(t, "wtptui", bodyTextScript, "Welcome")
	site, _ := r.addCachedSite(t, "Tides")
	tab := c.openTab(t, site.LocalURL)
	c.openTab(t, "about:blank") // in front of it
	own.waitContains(t, "the site to be kept",
		"chrome.runtime.sendMessage({ op: 'news' }).then(JSON.stringify)", site.Host)
	for range 2 {
		r.w.Run(t, "add", unknownHost) // opened after it, and gone after its period
		r.waitGone(t, unknownHost)
		if _, there := r.w.Find(t, site.Host); !there {
			t.Fatal("the site has left under its reader")
		}
	}
	tab.close()
	r.waitGone(t, site.Host)
}

// If no wtptui runs, the companion starts one when the person asks for it.
func TestPopupStartsWtptui(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	writeFile(t, filepath.Join(r.w.DataDir, "config.toml"), `listen = "127.0.0.1:0"
peer-host = "127.0.0.1"
peer-port = `+strconv.Itoa(r.w.PeerPort)+`
no-dht = true
no-lsd = true
no-upnp = true
tracker = ["none"]
`)
	c := startChromium(t, r.home, "", r.extension)
	own := c.openTab(t, popupURL(""))
	own.waitContains(t, "that none runs", bodyTextScript, "wtptui does not run")
	own.waitContains(t, "the icon to say so", "chrome.action.getTitle({})", "no wtptui is running")
	own.click(t, "#start")
	own.waitContains(t, "the list of sites", bodyTextScript, "Welcome")
	if _, there := r.w.Find(t, unknownHost); there {
		t.Error("starting has opened a site")
	}
	own.waitContains(t, "the icon to say so", "chrome.action.getTitle({}).then(title => `${title}.`)", "wtptui.")
	r.w.Run(t, "stop")
	own.waitContains(t, "that it has gone", bodyTextScript, "wtptui does not run")
}

// In a browser that is not registered with wtptui, the popup says what to do.
func TestUnregisteredBrowserSaysWhatToDo(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	r.w.Run(t, "register", "--companion", "--remove")
	c := startChromium(t, r.home, "", r.extension)
	own := c.openTab(t, popupURL(""))
	own.waitContains(t, "what to do", bodyTextScript, "wtptui register --companion")
	r.w.Start(t)
	r.w.Run(t, "register", "--companion")
	own.waitContains(t, "wtptui", bodyTextScript, "Welcome")
}
