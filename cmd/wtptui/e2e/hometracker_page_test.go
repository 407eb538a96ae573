package e2e_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A page finds the home by its tracker and gets a site from it. Another page gets it from that page, when the home
// uploads nothing any more and only its tracker works.
func TestPagesMeetHomeAndEachOtherAtItsTracker(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.ChromiumTool, peers.WebTorrentTool) {
		return
	}
	h := startTrackerHome(t)
	site := h.publishUnique(t, "")
	magnet := "magnet:?xt=urn:btih:" + site.Infohash + "&tr=" + webTrackerURL
	first := peers.StartPageLeech(t, magnet)
	first.WaitSameFiles(t, waitLong, site.dir)
	h.Run(t, "pause", site.Host)
	second := peers.StartPageLeech(t, magnet)
	second.WaitSameFiles(t, waitLong, site.dir)
	if s, _ := h.Find(t, site.Host); s.State != "paused" || s.Peers != 0 {
		t.Errorf("the home is not paused: %+v", s)
	}
}

// A home downloads its own site from a page that has found it by its tracker, and serves it.
func TestHomeGetsItsSiteFromAPage(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.ChromiumTool, peers.WebTorrentTool) {
		return
	}
	dir := makeSmallSite(t)
	hashed := peers.StartPageSeed(t, dir)
	hashed.Close()
	h := newTrackerHome(t)
	h.startServing(t, hashed.InfoHash)
	page := peers.StartPageSeed(t, dir, webTrackerURL)
	if page.InfoHash != hashed.InfoHash {
		t.Fatalf("the same folder is %s and %s", hashed.InfoHash, page.InfoHash)
	}
	h.WaitSeeding(t, waitLong, page.InfoHash)
	want, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.getPage(t, "/"); err != nil || got != string(want) {
		t.Errorf("a visitor gets %d bytes, want %d: %v", len(got), len(want), err)
	}
}

// getPage returns what a browser gets from the home.
func (h *trackerHome) getPage(t *testing.T, path string) (string, error) {
	t.Helper()
	roots := peers.TLSFiles{Cert: h.roots}.Roots(t)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+peers.HomeName+path, nil)
	if err != nil {
		return "", err
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", errors.New(res.Status)
	}
	body, err := io.ReadAll(res.Body)
	return string(body), err
}
