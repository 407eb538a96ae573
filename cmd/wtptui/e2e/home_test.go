package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// publishAndStop has the program publish a site, and stops it. The next start has the site.
func publishAndStop(t *testing.T, files map[string]string) (*peers.Wtptui, peers.Site) {
	t.Helper()
	dir := peers.PlainDir(t)
	for name, text := range files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", "none", "--home-listen-udp", "none")
	w.Start(t)
	w.Run(t, "publish", dir)
	for _, site := range w.List(t) {
		if !strings.HasPrefix(site.Title, "Welcome") {
			w.Terminate(t)
			return w, site
		}
	}
	t.Fatal("the site is not there")
	return nil, peers.Site{}
}

// A home behind each reverse proxy, set up as the documentation shows, is a website like any other.
func TestHomeBehindAProxyIsAWebsite(t *testing.T) {
	t.Parallel()
	film := strings.Repeat("0123456789abcdef", 1<<16)
	for proxy, start := range proxies {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			w, site := publishAndStop(t, map[string]string{
				"index.html": "<title>Home</title><a href=about.html>", "about.html": "about", "film.mp4": film,
				"404.html": "lost", "_redirects": "/old /about.html 301\n",
			})
			const name = "site.wtp.test"
			upstream := fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
			w.AddFlags("--home", name+"="+site.Host, "--home-plain", "--home-listen", upstream)
			w.Start(t)
			p := startProxyTo(t, start, upstream)
			for _, ask := range []struct {
				path   string
				header http.Header
				status int
				body   string
			}{
				{"/", nil, 200, "<title>Home</title><a href=about.html>"},
				{"/about", nil, 200, "about"},
				{"/nothing", nil, 404, "lost"},
				{"/old", nil, 200, "about"}, // The client follows.
				{"/film.mp4", nil, 200, film},
				{"/film.mp4", http.Header{"Range": {"bytes=1000000-1000009"}}, 206, film[1000000:1000010]},
				{"/../../etc/passwd", nil, 400, ""},
				{"/metrics", nil, 404, "lost"},
			} {
				res, body := p.request(t, http.MethodGet, ask.path, ask.header)
				if res.StatusCode != ask.status || ask.body != "" && string(body) != ask.body {
					t.Errorf("%s %v: %d, %d bytes", ask.path, ask.header, res.StatusCode, len(body))
				}
			}
			res, _ := p.request(t, http.MethodGet, "/about", nil)
			asked := http.Header{"If-None-Match": {res.Header.Get("Etag")}}
			if again, _ := p.request(t, http.MethodGet, "/about", asked); again.StatusCode != http.StatusNotModified {
				t.Errorf("asked again: %d", again.StatusCode)
			}
			if told := w.Run(t, "home"); !strings.Contains(told, name+"  on") {
				t.Errorf("wtptui home says\n%s", told)
			}
			w.Run(t, "home", "off", name)
			res, _ = p.request(t, http.MethodGet, "/", nil)
			if res.StatusCode != http.StatusGone || res.Header.Get("Clear-Site-Data") == "" {
				t.Errorf("taken off: %d", res.StatusCode)
			}
			w.Terminate(t)
			w.Start(t)
			if res, _ := p.request(t, http.MethodGet, "/", nil); res.StatusCode != http.StatusGone {
				t.Errorf("taken off, after a restart: %d", res.StatusCode)
			}
		})
	}
}

// cachingWorkerSite is a page whose service worker goes on answering from its cache, whatever the server says.
var cachingWorkerSite = map[string]string{
	"index.html": `<title>Kept</title><p>kept</p><script>
localStorage.mark = "1";
navigator.serviceWorker.register("worker.js");
navigator.serviceWorker.ready.then(() => caches.open("all")).then((c) => c.add("/"))
	.then(() => document.title = "stored");
</script>`,
	"worker.js": `addEventListener("install", () => skipWaiting());
addEventListener("activate", (e) => e.waitUntil(clients.claim()));
addEventListener("fetch", (e) => e.respondWith(caches.match(e.request).then((kept) => kept || fetch(e.request))));`,
}

// viewer is a browser in which a person views pages.
type viewer struct {
	open func(url string)
	eval func(expression string) (string, error) // of a string
	// keepsPageWhileClearing reports whether it goes on showing the page that it has while it forgets the site.
	keepsPageWhileClearing bool
}

// A site that is taken off its home disappears from browsers too, even if its service worker never requests a page from
// the server again.
func TestBrowsersForgetASiteTakenOffItsHome(t *testing.T) {
	t.Parallel()
	for name, start := range viewerStarters {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			browser := start(t)
			w, site := publishAndStop(t, cachingWorkerSite)
			// Browsers trust what is below localhost as they do TLS.
			const name = "kept.localhost"
			port := peers.FreePort(t)
			w.AddFlags("--home", name+"="+site.Host, "--home-plain", "--home-log", "requests",
				"--home-listen", fmt.Sprintf("127.0.0.1:%d", port))
			w.Start(t)
			root := fmt.Sprintf("http://%s:%d/", name, port)
			browser.open(root)
			peers.Eventually(t, waitLong, "the page to be stored", func() error {
				title, err := browser.eval("document.title")
				if err == nil && title != "stored" {
					err = errors.New("there is " + title)
				}
				return err
			})

			w.Run(t, "home", "off", name)
			browser.open(root)
			peers.Eventually(t, waitLong, "the page to be gone", func() error {
				title, err := browser.eval("document.readyState === 'complete' ? document.title : ''")
				switch {
				case err != nil || strings.Contains(title, "taken off"):
					return err
				case browser.keepsPageWhileClearing && title != "" && strings.Contains(w.Log(), "status=410"):
					browser.open(root)
				}
				return errors.New("there is " + title)
			})
			for what, expression := range map[string]string{
				"workers": "navigator.serviceWorker.getRegistrations().then((all) => String(all.length))",
				"caches":  "caches.keys().then((all) => String(all.length))",
				"storage": "String(localStorage.length)",
			} {
				peers.Eventually(t, waitLong, "no "+what+" to be left", func() error {
					left, err := browser.eval(expression) // The page may load once more meanwhile.
					if err == nil && left != "0" {
						err = errors.New("there are " + left)
					}
					return err
				})
			}
		})
	}
}
