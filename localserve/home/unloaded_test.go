package home

import (
	"strings"
	"testing"

	"wtptui/localserve/home/loader"
)

// TestForeignWorkersAreRefused promises that no worker of the site replaces the loader's.
func TestForeignWorkersAreRefused(t *testing.T) {
	s, known := startLoader(t, loaderFiles, nil)
	for _, path := range []string{
		"/sw.js", "/", "/nothing.js", "/wtptui-loader/main.js", "/wtptui-worker.js/",
		"/dir/sw.js",
	} {
		got := s.get(root+path, "Service-Worker: script", "Sec-Fetch-Dest: serviceworker")
		if got.status != 403 || !strings.Contains(got.body, "with a loader that has a service worker") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := s.get(root + "/sw.js"); got.status != 200 {
		t.Errorf("as a file: %d", got.status)
	}
	known.set(nil, true) // While it is not known what is in the site, there is a loader, too.
	if got := s.get(root+"/sw.js", "Service-Worker: script"); got.status != 403 {
		t.Errorf("at the start: %d", got.status)
	}
	known.set(nil, false)
	if got := s.get(root+"/sw.js", "Service-Worker: script"); got.status != 200 {
		t.Errorf("without the loader: %d", got.status)
	}
}

// TestLoaderWhileSwarmIsUnknown promises that the worker stays while the site is not available yet, and that its page
// retries.
func TestLoaderWhileSwarmIsUnknown(t *testing.T) {
	s, known := startLoader(t, loaderFiles, nil)
	known.set(nil, true)
	for path, want := range map[string]int{
		"/wtptui-worker.js": 200, "/wtptui-loader/main.js": 200, "/wtptui-loader/site.json": 503,
		"/wtptui-loader/frame.html":              503,
		"/wtptui-loader/" + version + ".torrent": 503,
	} {
		got := s.get(root + path)
		if got.status != want || got.body == string(removalWorker) || want == 503 && got.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
	if got := s.get(root+"/", visitHeaders()...); got.body != "<title>home</title>" {
		t.Errorf("a visit: %s", got.body)
	}
}

// TestLoaderTurnedOff promises that browsers delete the loader's data, but not the site's, when there is no loader any
// more.
func TestLoaderTurnedOff(t *testing.T) {
	for name, change := range map[string]func(*Config, *loaderSwarms){
		"off":     func(c *Config, _ *loaderSwarms) { c.Loader = nil },
		"private": func(_ *Config, known *loaderSwarms) { known.set(nil, false) },
		"no secure origin": func(c *Config, _ *loaderSwarms) {
			c.Names[0].URL = "http://" + mine + "/"
		},
	} {
		t.Run(name, func(t *testing.T) {
			own := map[string]string{"index.html": "<title>home</title>", "about.html": "about", "sw.js": "own"}
			known := &loaderSwarms{}
			known.set(exampleSwarm(), true)
			s := startServer(t, own, nil, func(c *Config) {
				c.Loader = &Loader{Swarm: func(string) (*Swarm, bool) { now := known.current.Load(); return now.swarm, now.ok }}
				change(c, known)
			})
			const at = "http://" + mine
			got := s.get(at+"/wtptui-worker.js", "Service-Worker: script")
			if got.status != 200 || !strings.Contains(got.body, "registration.unregister") ||
				!strings.Contains(got.body, "caches.delete") {
				t.Errorf("the worker: %d %s", got.status, got.body)
			}
			got = s.get(at + "/wtptui-loader/site.json")
			if got.status != 410 || got.header.Get("Clear-Site-Data") != "" {
				t.Errorf("site.json: %d %v", got.status, got.header)
			}
			for path, want := range map[string]int{"/wtptui-worker.js": 404, "/wtptui-loader/main.js": 404, "/sw.js": 200} {
				if got := s.get(at + path); got.status != want {
					t.Errorf("%s: %d", path, got.status)
				}
			}
			if got := s.get(at+"/", visitHeaders()...); got.body != "<title>home</title>" {
				t.Errorf("a visit: %s", got.body)
			}
			if got := s.get(at+"/sw.js", "Service-Worker: script"); got.body != "own" {
				t.Errorf("the site's own worker: %d %s", got.status, got.body)
			}
		})
	}
	// A site may have the loader's files itself: a folder for a static host.
	s := startServer(t, map[string]string{"wtptui-worker.js": "own", "wtptui-loader/site.json": "{}"}, nil, nil)
	for path, want := range map[string]string{"/wtptui-worker.js": "own", "/wtptui-loader/site.json": "{}"} {
		if got := s.get("http://"+mine+path, "Service-Worker: script"); got.body != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// TestLoaderOfSiteTakenOff promises that browsers delete all data of a site that was taken off.
func TestLoaderOfSiteTakenOff(t *testing.T) {
	s, _ := startLoader(t, loaderFiles, nil)
	s.opener.takeOff(mine)
	for _, path := range []string{
		"/", "/wtptui-loader/site.json", "/wtptui-loader/main.js", "/wtptui-loader/" + version + ".torrent",
		"/wtptui-loader/plain?to=/",
		"/wtptui-loader/files/" + version + "/name/film.mp4", "/wtptui-worker.js",
	} {
		got := s.get(root+path, visitHeaders("Cookie: wtptui-plain=1")...)
		if got.status != 410 || got.header.Get("Clear-Site-Data") != `"cache", "storage"` ||
			!strings.Contains(got.header.Get("Set-Cookie"), "wtptui-plain=;") {
			t.Errorf("%s: %d %v", path, got.status, got.header)
		}
	}
	// The loader's page forgets all by itself: a browser that does so at the same time may leave it waiting for ever.
	for path, dest := range map[string]string{"/wtptui-loader/site.json": "empty", "/film.mp4": "video", "/": "iframe"} {
		got := s.get(root+path, "Sec-Fetch-Dest: "+dest, "Sec-Fetch-Site: same-origin", "Cookie: a=b")
		if got.status != 410 || got.header.Get("Clear-Site-Data") != "" || got.header.Get("Wtptui-Taken-Off") == "" {
			t.Errorf("what the page asks for, %s: %d %v", path, got.status, got.header)
		}
	}
	got := s.get(root+"/wtptui-worker.js", "Service-Worker: script", "If-None-Match: *")
	if got.status != 200 || !strings.Contains(got.body, "registration.unregister") ||
		!strings.Contains(got.body, "caches.delete") ||
		got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the worker: %d %v %s", got.status, got.header, got.body)
	}
}

func TestSecureOrigins(t *testing.T) {
	for root, want := range map[string]bool{
		"https://mine.example/": true, "http://mine.example/": false, "http://localhost:8080/": true,
		"http://a.localhost/":    true,
		"http://127.0.0.1:8080/": true, "http://127.5.0.1/": true, "http://[::1]:8080/": true, "http://192.0.2.1/": false,
		"http://localhost.example/": false, "http://notlocalhost/": false, "ftp://localhost/": false, "": false,
		"http://\x00/": false,
	} {
		if isSecure(root) != want {
			t.Errorf("%q: %v", root, !want)
		}
	}
}

// TestLoaderWithoutTLSUsesPlainTrackers promises that trackers without TLS are used if the home itself has none.
func TestLoaderWithoutTLSUsesPlainTrackers(t *testing.T) {
	s := startServer(t, loaderFiles, nil, func(c *Config) {
		c.Names[0].URL = "http://mine.localhost:8080/"
		c.Loader = &Loader{Swarm: func(string) (*Swarm, bool) { return exampleSwarm(), true }}
	})
	got := s.get("http://"+mine+"/", visitHeaders()...)
	if got.header.Get("Content-Security-Policy") != loader.FramePolicy(false) {
		t.Errorf("%v", got.header)
	}
	got = s.get("http://" + mine + "/wtptui-loader/site.json")
	if !strings.Contains(got.body, "ws://plain.example/") || !strings.Contains(got.body, "http://plain.example/") {
		t.Error(got.body)
	}
	if got := s.get("http://" + mine + "/wtptui-loader/plain?to=/"); strings.Contains(got.header.Get("Set-Cookie"),
		"Secure") {
		t.Errorf("%v", got.header)
	}
}
