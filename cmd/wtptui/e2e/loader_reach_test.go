package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What must not get out: it is in a file of the program's data folder, and in another file beside a site's folder.
const secret = "a secret of this machine"

// Neither a site's scripts, in the frame of the loader, nor other requests to a home reach anything but the sites at
// its names, each at its own.
func TestLoaderReachesNothingElse(t *testing.T) {
	t.Parallel()
	one, two := makeReaderSite(t, "One"), makeReaderSite(t, "Two")
	putFile(t, filepath.Dir(one), "secret.txt", secret)
	h := startLocalHome(t, map[string]string{"one": one, "two": two})
	private := publish(t, h.Wtptui, makeFolder(t, map[string]string{"index.html": "<title>" + secret + "</title>"}))
	putFile(t, h.DataDir, "secret.txt", secret)
	s, other := h.sites["one"], h.sites["two"]
	paths := forbiddenPaths(t, h, one, other.Infohash, private.Infohash)

	t.Run("anybody", func(t *testing.T) {
		t.Parallel()
		for _, path := range paths {
			s.checkRefused(t, path)
		}
	})
	t.Run("scripts", func(t *testing.T) {
		t.Parallel()
		o, _ := newChromiumViewer(t, startBrowser(t))
		o.open(s.root)
		o.waitPage(t, s, "", "One first")
		o.waitWorker(t)
		o.waitComplete(t)
		for _, path := range paths {
			got := o.evalString(t, inFrame(fmt.Sprintf(fetchPathScript, path)))
			given := strings.HasPrefix(got, "200") && !strings.Contains(path, "?")
			if given || strings.Contains(got, secret) || strings.Contains(got, "Two ") {
				t.Errorf("%s: a script of the site gets %.300s", path, got)
			}
		}
		for _, root := range []string{h.Root, private.LocalURL, other.root} {
			got := o.evalString(t, inFrame(fmt.Sprintf("fetch(%q).then((r) => r.type + r.status, () => 'refused')", root)))
			if got != "refused" {
				t.Errorf("%s: a script of the site gets %s", root, got)
			}
		}
	})
}

// fetchPathScript returns what a script gets for a path, as far as the browser allows it.
const fetchPathScript = `fetch(location.origin + %q).then(async (r) => r.status + ' ' + await r.text(), (e) => e.name)`

// forbiddenPaths returns paths that must not lead to a file: of another site, of a site without a home, outside of the
// site's folder, of the program's other servers.
func forbiddenPaths(t *testing.T, h *loaderHome, dir, other, private string) []string {
	t.Helper()
	own := h.sites["one"].Infohash
	up := strings.Repeat("../", 12)
	outside, err := filepath.Rel(dir, filepath.Join(h.DataDir, "secret.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, outside)); err != nil {
		t.Fatal(err)
	}
	paths := []string{
		"/metrics", "/healthz", "/api", "/debug/pprof/", "/debug/vars", "/_wtptui", "/control.sock", "/wtp/" + private + "/",
		"/?uri=wtp://" + private, loaderPath, loaderPath + "none.js", loaderPath + "site.json/", loaderPath + own,
		loaderPath + other + ".torrent", loaderPath + private + ".torrent",
		webSeedPath, webSeedPath + own, webSeedPath + own + "/", webSeedPath + own + "/site", webSeedPath + own + "/site/",
		loaderPath + "plain?to=//elsewhere.example/", loaderPath + `plain?to=/\elsewhere.example`,
		loaderPath + "plain?to=https://elsewhere.example/", loaderPath + "plain?to=javascript:alert(1)",
	}
	for _, hash := range []string{other, private, own} {
		names := []string{"index.html", "secret.txt", outside, up + "etc/passwd", "/etc/passwd", "../index.html"}
		for _, name := range names {
			if hash == own && strings.HasSuffix(name, "index.html") {
				continue
			}
			path := webSeedPath + hash + "/site/" + name
			paths = append(paths, path, strings.ReplaceAll(path, "../", "%2e%2e/"), strings.ReplaceAll(path, "../", "..%2f"),
				strings.ReplaceAll(path, "../", `..\`))
		}
	}
	for _, name := range []string{outside, up + "etc/passwd"} {
		escaped := strings.ReplaceAll(name, "/", "%2f")
		paths = append(paths, "/"+name, "/"+escaped, loaderPath+name, loaderPath+escaped)
	}
	return paths
}

// checkRefused checks that the home returns no content for a path, which is sent as it is.
func (s loaderSite) checkRefused(t *testing.T, path string) {
	t.Helper()
	root, err := url.Parse(s.root)
	if err != nil {
		t.Fatal(err)
	}
	target := "http://127.0.0.1:" + root.Port()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = root.Host
	req.URL.Opaque = path
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	given := res.StatusCode < 400 && !strings.Contains(path, "/?uri=")
	if given || strings.Contains(string(body), secret) || strings.Contains(string(body), "Two ") {
		t.Errorf("%s: %s\n%.300s", path, res.Status, body)
	}
	if to := res.Header.Get("Location"); to != "" {
		t.Errorf("%s leads to %s", path, to)
	}
}
