package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// makeHybridSite makes a folder with an empty file and nested folders. Hybrid torrents of it have padding after most
// files.
func makeHybridSite(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "hybrid")
	for name, content := range map[string]string{
		"index.html":            "<!doctype html><h1>Two in one</h1>",
		"look/deep/er/main.css": strings.Repeat("h1{color:teal}", 2500),
		"notes/empty.txt":       "",
		"pictures/a.bin":        strings.Repeat("a", 40_001),
		"pictures/b.bin":        strings.Repeat("b", 16<<10),
		"z.txt":                 "end",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// libtorrent makes hybrids of v1 and v2 by default (BEP 52). A hybrid is downloaded by its v1 half, however it is
// named, served without its padding, and seeded as the hybrid that it is.
func TestHybridIsFetchedServedAndSeeded(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.LibtorrentTool)
	dir := makeHybridSite(t)
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Version: "hybrid", PieceLength: 16 << 10})
	for name, address := range map[string]string{
		"infohash": seed.InfoHash,
		"magnet":   "magnet:?xt=urn:btmh:1220" + seed.V2 + "&xt=urn:btih:" + seed.InfoHash,
		"file":     seed.Torrent,
	} {
		t.Run(name, func(t *testing.T) {
			w := startWtptui(t, "--tracker", "none")
			w.Run(t, "add", address)
			connectSeed(t, w, seed)
			site := w.WaitSeeding(t, waitLong, seed.InfoHash)
			checkSameSite(t, w, waitLong, site.LocalURL, dir)
			checkNoPadding(t, w, site, dir)

			exported, copied := filepath.Join(t.TempDir(), "exported.torrent"), t.TempDir()
			if err := os.WriteFile(exported, []byte(w.Run(t, "export", "--torrent", site.Host)), 0o600); err != nil {
				t.Fatal(err)
			}
			peers.StartLeech(t, exported, copied, peers.LeechOptions{Peers: []int{w.PeerPort}}).WaitDone(t, waitLong)
			peers.SameFiles(t, filepath.Join(copied, "hybrid"), dir)
		})
	}
}

// connectSeed has the seed connect until the site that was just added is in its swarm: a connection for an unknown
// torrent is closed, and the seed waits long until its next attempt.
func connectSeed(t *testing.T, w *peers.Wtptui, seed *peers.Libtorrent) {
	t.Helper()
	w.WaitSite(t, waitLong, seed.InfoHash, "to enter its swarm", func(s peers.Site) error {
		if s.State != "metadata" && s.State != "downloading" {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	w.WaitSite(t, waitLong, seed.InfoHash, "to meet its seed", func(s peers.Site) error {
		if s.State == "metadata" && s.Peers == 0 || s.State == "downloading" && s.Completed == 0 {
			seed.Connect(t, w.PeerPort)
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}

// checkNoPadding checks that the site's padding is not visible: not in its list of files, nor in a listing, nor on the
// disk.
func checkNoPadding(t *testing.T, w *peers.Wtptui, site peers.Site, dir string) {
	t.Helper()
	var listed []string
	for _, f := range w.Show(t, site.Host).Files {
		listed = append(listed, f.Path)
	}
	slices.Sort(listed)
	if want := peers.Files(t, dir); !slices.Equal(listed, want) {
		t.Errorf("the files are %q, want %q", listed, want)
	}
	for _, folder := range []string{"pictures/", "notes/"} {
		status, page, err := w.Get(t.Context(), site.LocalURL, folder)
		if err != nil || status != http.StatusOK || strings.Contains(string(page), ".pad") {
			t.Errorf("%s: status %d, %v: %s", folder, status, err, page)
		}
	}
	if status, _, err := w.Get(t.Context(), site.LocalURL, ".pad/16350"); err != nil || status != http.StatusNotFound {
		t.Errorf("padding: status %d, %v", status, err)
	}
	if n := torrentBytes(t, filepath.Join(w.DataDir, "sites", site.InfoHash)); n != site.Size {
		t.Errorf("%d bytes are on the disk of a site of %d", n, site.Size)
	}
}

// A torrent for BitTorrent v2 alone is refused in one line that says what to ask for, however it is named.
func TestV2TorrentIsRefused(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.LibtorrentTool)
	const advice = "for BitTorrent v2 only: ask"
	seed := peers.StartSeed(t, makeHybridSite(t), peers.SeedOptions{Version: "v2", PieceLength: 16 << 10})
	w := startWtptui(t, "--tracker", "none")
	for _, address := range []string{seed.Torrent, "magnet:?xt=urn:btmh:1220" + seed.V2, seed.V2} {
		checkAddRefusedWith(t, w, advice, address)
	}
	w.Run(t, "add", seed.InfoHash) // which looks like any v1 infohash, until somebody has it
	connectSeed(t, w, seed)
	w.WaitSite(t, waitLong, seed.InfoHash, "to be refused", func(s peers.Site) error {
		if s.State != "error" || !strings.Contains(s.Error, advice) {
			return fmt.Errorf("%s: %s", s.State, s.Error)
		}
		return nil
	})
}
