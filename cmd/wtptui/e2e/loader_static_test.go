package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// staticSite is a published site of which only the loader is on a static host.
type staticSite struct {
	*peers.Wtptui

	dir   string // what is published
	pages string // what is on the host
}

// startStaticSite publishes a site, whose pages have mark in their titles, and writes its loader. Browsers meet its
// seed at the tracker of bittorrent-tracker.
func startStaticSite(t *testing.T, mark string, flags ...string) *staticSite {
	t.Helper()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	return publishStaticSite(t, startWtptui(t, "--tracker", tracker.WS, "--stun", "none"), mark, flags...)
}

func publishStaticSite(t *testing.T, w *peers.Wtptui, mark string, flags ...string) *staticSite {
	t.Helper()
	s := &staticSite{Wtptui: w, dir: filepath.Join(t.TempDir(), "site"), pages: filepath.Join(t.TempDir(), "pages")}
	s.Setenv("WTPTUI_STUN=none")
	s.writeVersion(t, mark)
	s.publish(t, append([]string{"--loader", s.pages}, flags...)...)
	return s
}

// writeVersion writes a version of the site.
func (s *staticSite) writeVersion(t *testing.T, mark string) {
	t.Helper()
	page := func(title, body string) string {
		return "<!doctype html><meta charset=utf-8><title>" + mark + " " + title + "</title>" + body
	}
	putFile(t, s.dir, "index.html", page("first", "<a href=sub/second.html>second</a><img src=/picture.svg>"))
	putFile(t, s.dir, "sub/second.html", page("second", "<a href=../>first</a><img src=../picture.svg>"))
	putFile(t, s.dir, "404.html", page("nothing", ""))
	putFile(t, s.dir, "picture.svg", squareSVG)
}

// publish publishes the site and returns its infohash.
func (s *staticSite) publish(t *testing.T, flags ...string) string {
	t.Helper()
	var p struct {
		Infohash string `json:"infohash"`
	}
	if err := json.Unmarshal([]byte(s.Run(t, "publish", append(flags, "--json", s.dir)...)), &p); err != nil {
		t.Fatal(err)
	}
	return p.Infohash
}

// waitFramed waits until a page of the site is shown in the loader's frame, and the loader's page has its title and its
// address.
func (p *tab) waitFramed(t *testing.T, title, address string) {
	t.Helper()
	p.waitTrue(t, title, fmt.Sprintf("document.title === %q && location.href === %q && "+
		"document.getElementById('site')?.contentDocument?.title === %q", title, address, title))
}

const frameDocument = "document.getElementById('site').contentDocument."

// On a static host with nothing of a site but its loader, a browser opens the site from its only seed: its first page,
// a deeper one, a missing one, and then a new version, which was written into the folder.
func TestLoaderOnAStaticHostOpensItsSite(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.ChromiumTool)
	s := startStaticSite(t, "One")
	host := peers.StartNginx(t, s.pages, "error_page 404 /404.html;")
	browser := &browserFixture{browser: startBrowser(t)}
	p := browser.openTab(t)
	p.navigate(t, host.URL)
	p.waitFramed(t, "One first", host.URL)
	p.waitTrue(t, "a picture of an absolute path", frameDocument+"querySelector('img').naturalWidth === 60")
	evalInTab[any](t, p, frameDocument+"querySelector('a').click()")
	p.waitFramed(t, "One second", host.URL+"sub/second.html")
	evalInTab[any](t, p, "history.back()")
	p.waitFramed(t, "One first", host.URL)

	// Somebody who has followed a link from elsewhere has no worker yet.
	deep := browser.openTab(t)
	deep.navigate(t, host.URL+"sub/second.html")
	deep.waitFramed(t, "One second", host.URL+"sub/second.html")
	deep.navigate(t, host.URL+"none")
	deep.waitFramed(t, "One nothing", host.URL+"none")

	s.writeVersion(t, "Two")
	s.publish(t, "--loader", s.pages)
	p.waitTrue(t, "the new version to be offered", "document.dispatchEvent(new Event('visibilitychange')) && "+
		"document.querySelector('#bar .news').checkVisibility()")
	evalInTab[any](t, p, "document.querySelector('#bar .news').click()")
	p.waitFramed(t, "Two first", host.URL)
}

// Below a path of a shared host, the TXT record of the domain has a browser open a version that the folder does not
// have.
func TestLoaderOnAStaticHostFollowsTheDomain(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.ChromiumTool)
	s := startStaticSite(t, "One", "--name", "site.example")
	dns := startJSONResolver(t, "site.example.")
	s.changePageData(t, func(page map[string]any) {
		if all, _ := page["resolvers"].([]any); page["domain"] != "site.example" || len(all) != 2 {
			t.Errorf("the page is told %v", page)
		}
		page["resolvers"] = []string{dns.URL}
	})
	host := startStaticHost(t, s.pages)
	root := host.URL + "/repo/"
	browser := &browserFixture{browser: startBrowser(t)}
	p := browser.openTab(t)
	p.navigate(t, root) // The domain names nothing yet.
	p.waitFramed(t, "One first", root)

	s.writeVersion(t, "Two")
	dns.setInfohash(s.publish(t))
	p.waitTrue(t, "the new version to be offered", "document.dispatchEvent(new Event('visibilitychange')) && "+
		"document.querySelector('#bar .news').checkVisibility()")
	evalInTab[any](t, p, "document.querySelector('#bar .news').click()")
	p.waitFramed(t, "Two first", root)
	fresh := browser.openTab(t)
	fresh.navigate(t, root+"sub/second.html")
	fresh.waitFramed(t, "Two second", root+"sub/second.html")

	// The worker leaves the rest of the host alone.
	fresh.navigate(t, host.URL+"/other.html")
	fresh.waitTrue(t, "the other page", "document.title === 'Not of the site' && !document.getElementById('site')")
}

// Without a tracker, a page on a static host gets the site from its home, which is another origin.
func TestLoaderOnAStaticHostUsesTheHome(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.ChromiumTool)
	const name = "pages.localhost"
	listen := fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
	s := publishStaticSite(t, startWtptui(t, "--tracker", "none", "--stun", "none", "--home", name+"=site.example",
		"--home-plain", "--home-listen", listen, "--home-tracker", "off"), "One", "--name", "site.example")
	s.changePageData(t, func(page map[string]any) {
		_, port, _ := strings.Cut(listen, ":")
		want := fmt.Sprintf("[http://%s:%s/wtptui-loader/files/%s/]", name, port, page["infohash"])
		if got := fmt.Sprint(page["webSeeds"]); got != want {
			t.Errorf("web seeds %s, want %s", got, want)
		}
		page["resolvers"] = []string{} // Those on the Internet are out of reach.
	})
	host := peers.StartNginx(t, s.pages, "error_page 404 /404.html;")
	p := (&browserFixture{browser: startBrowser(t)}).openTab(t)
	p.navigate(t, host.URL)
	p.waitFramed(t, "One first", host.URL)
	evalInTab[any](t, p, frameDocument+"querySelector('a').click()")
	p.waitFramed(t, "One second", host.URL+"sub/second.html")
}

// changePageData changes what is in the loader's pages but has no setting.
func (s *staticSite) changePageData(t *testing.T, change func(page map[string]any)) {
	t.Helper()
	name := filepath.Join(s.pages, "wtptui-loader", "site.json")
	text, err := os.ReadFile(name)
	page := map[string]any{}
	if err == nil {
		err = json.Unmarshal(text, &page)
	}
	if err != nil {
		t.Fatal(err)
	}
	change(page)
	if text, err = json.Marshal(page); err == nil {
		err = os.WriteFile(name, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// startStaticHost serves a folder below /repo/, as GitHub Pages does: with its 404.html for missing files.
func startStaticHost(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	files := http.StripPrefix("/repo", http.FileServer(http.Dir(dir)))
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, below := strings.CutPrefix(r.URL.Path, "/repo/")
		if !below {
			_, _ = fmt.Fprint(w, "<!doctype html><title>Not of the site</title>")
			return
		}
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(path))); err == nil {
			files.ServeHTTP(w, r)
			return
		}
		page, err := os.ReadFile(filepath.Join(dir, "404.html"))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(page)
	}))
	t.Cleanup(host.Close)
	return host
}

// jsonResolver answers DNS over HTTPS as JSON, for one name.
type jsonResolver struct {
	*httptest.Server

	mu       sync.Mutex
	infohash string
}

func startJSONResolver(t *testing.T, name string) *jsonResolver {
	t.Helper()
	d := new(jsonResolver)
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		answers := []map[string]any{}
		if q := r.URL.Query(); d.infohash != "" && q.Get("name")+"." == name && q.Get("type") == "TXT" {
			answers = append(answers,
				map[string]any{"name": name, "type": 16, "TTL": 60, "data": `"v=spf1 -all"`},
				map[string]any{"name": name, "type": 16, "TTL": 60, "data": `"wtpkey=` + d.infohash + `"`})
		}
		w.Header().Set("Content-Type", "application/dns-json")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_ = json.NewEncoder(w).Encode(map[string]any{"Status": 0, "Answer": answers})
	}))
	t.Cleanup(d.Close)
	return d
}

// setInfohash sets the version in the name's record.
func (d *jsonResolver) setInfohash(infohash string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.infohash = infohash
}
