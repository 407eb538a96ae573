package peers

import (
	"cmp"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"sync"
	"testing"
)

// Browser is how to run a browser.
type Browser struct {
	Path  string
	Flags []string // Each with its dashes. A profile folder and a page are still to be added.
}

// Chromium returns Debian's browser and the flags for a test: headless, silent on the network, and able to meet WebRTC
// peers on loopback. It needs ChromiumTool.
func Chromium(t testing.TB) Browser {
	t.Helper()
	Require(t, ChromiumTool)
	return chromium(t)
}

func chromium(t testing.TB) Browser {
	t.Helper()
	path, err := exec.LookPath(string(ChromiumTool))
	if err != nil {
		t.Fatal(err)
	}
	b := Browser{Path: path, Flags: []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--no-first-run",
		// A WebRTC candidate that is an mDNS name would need a resolver for it.
		"--disable-features=WebRtcHideLocalIpsWithMdns",
		"--allow-loopback-in-peer-connection",
	}}
	if isInInternet() { // Its certificates are nobody's.
		b.Flags = append(b.Flags, "--ignore-certificate-errors")
	}
	return b
}

// start opens a page in a browser of its own, which ends with the test.
func (b Browser) start(t testing.TB, url string) *process {
	t.Helper()
	p := newProcess(exec.Command(b.Path, slices.Concat(b.Flags, []string{"--user-data-dir=" + PlainDir(t), url})...))
	p.start(t)
	return p
}

// tryChromium has the browser run the script of a page on loopback.
func tryChromium(t testing.TB) {
	works := make(chan struct{})
	once := sync.OnceFunc(func() { close(works) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/works" {
			once()
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><script>fetch('/works')</script>"))
	}))
	t.Cleanup(server.Close)
	p := chromium(t).start(t, server.URL)
	select {
	case <-works:
	case <-p.exited:
		t.Fatalf("it ended before it had loaded a page: %v: %s", cmp.Or(p.err, errors.New("no error")), p.stderr)
	case <-t.Context().Done():
		t.Fatalf("it has not loaded a page: %v: %s", t.Context().Err(), p.stderr)
	}
}
