package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A site that a browser is the first to request is found. It is listed by its page's title, links to another wtp site
// by its local origin, and shows which peer its pieces came from. Once it is removed, its origin tells the browser to
// forget it.
func TestBrowserRequestOpensAnUnknownSite(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.LibtorrentTool, peers.BittorrentTracker)
	dir := filepath.Join(t.TempDir(), "site")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	page := `<!doctype html><title>A page of its own</title><a href="wtp://other.example/x?y">other</a>` +
		strings.Repeat("<p>text</p>", 20_000)
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	// It takes a few seconds to send everything, so that whoever asks has to wait for some of it.
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{tracker.HTTP}, UploadLimit: 64 << 10})
	tracker.WaitEvent(t, waitLong, seed.InfoHash, peers.Started, seed.Port)
	w := peers.StartWtptui(t, binaryPath(t), "--tracker", tracker.HTTP)

	root := strings.Replace(w.Root, "localhost", seed.InfoHash+".localhost", 1)
	got, header := getThroughProxy(t, root)
	want := strings.Replace(page, "wtp://other.example",
		strings.TrimSuffix(strings.Replace(w.Root, "localhost", "other-example.localhost", 1), "/"), 1)
	if got != want {
		t.Errorf("%d bytes, want %d; they begin %.200s", len(got), len(want), got)
	}
	if v := header.Get("Clear-Site-Data"); v != "" {
		t.Errorf("Clear-Site-Data %q before the site was removed", v)
	}
	w.WaitSite(t, waitLong, seed.InfoHash, "its title", func(s peers.Site) error {
		if s.Title != "A page of its own" {
			return fmt.Errorf("title %q", s.Title)
		}
		return nil
	})
	from := fmt.Sprintf("127.0.0.1:%d", seed.Port)
	peers.Eventually(t, waitLong, "the request to be recorded", func() error {
		requests := listRequests(t, w, seed.InfoHash)
		if !slices.ContainsFunc(requests,
			func(r requestRow) bool { return r.Pieces > 0 && slices.Equal(r.From, []string{from}) }) {
			return fmt.Errorf("requests %+v, want one that waited for pieces from %s", requests, from)
		}
		return nil
	})
	w.WaitSeeding(t, waitLong, seed.InfoHash)
	if again, _ := getThroughProxy(t, root); again != want {
		t.Errorf("when it is complete: %d bytes, want %d", len(again), len(want))
	}

	w.Run(t, "remove", seed.InfoHash)
	for i, want := range []string{`"*"`, ""} {
		if _, header := getThroughProxy(t, root); header.Get("Clear-Site-Data") != want {
			t.Errorf("answer %d after the removal: Clear-Site-Data %q, want %q", i+1, header.Get("Clear-Site-Data"), want)
		}
	}
}

// getThroughProxy gets a page through the server as an HTTP proxy, as a browser does that cannot resolve its names. On
// a busy machine, a site may not be ready in the 30 s that a request waits for it: then the request is repeated. The
// header is that of the first response.
func getThroughProxy(t *testing.T, page string) (body string, header http.Header) {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", u.Port())}
	client := &http.Client{
		Timeout:   2 * time.Minute,
		Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return proxy, nil }},
	}
	defer client.CloseIdleConnections()
	peers.Eventually(t, waitLong, page, func() error {
		res, err := client.Get(page)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if header == nil {
			header = res.Header
		}
		data, err := io.ReadAll(res.Body)
		switch {
		case err == nil && res.StatusCode == http.StatusGatewayTimeout:
			return fmt.Errorf("status %d: %s", res.StatusCode, data)
		case err != nil || res.StatusCode != http.StatusOK:
			t.Fatalf("GET %s: status %d, %v: %.300s", page, res.StatusCode, err, data)
		}
		body = string(data)
		return nil
	})
	return body, header
}

// requestRow is a row of the Requests tab.
type requestRow struct {
	Path   string   `json:"path"`
	Pieces int      `json:"pieces"`
	From   []string `json:"from"`
}

func listRequests(t *testing.T, w *peers.Wtptui, host string) []requestRow {
	t.Helper()
	var detail struct {
		Requests []requestRow `json:"requests"`
	}
	out := w.Run(t, "show", "--json", host)
	if err := json.Unmarshal([]byte(out), &detail); err != nil {
		t.Fatal(err)
	}
	return detail.Requests
}
