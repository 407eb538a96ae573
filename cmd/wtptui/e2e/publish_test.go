package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// publication is what `wtptui publish --json` prints, with the fields that are used here.
type publication struct {
	Host        string   `json:"host"`
	Infohash    string   `json:"infohash"`
	URL         string   `json:"url"`
	LocalURL    string   `json:"local_url"`
	PieceLength int64    `json:"piece_length"`
	Files       int      `json:"files"`
	Size        int64    `json:"size"`
	Previous    string   `json:"previous"`
	Added       []string `json:"added"`
	Changed     []string `json:"changed"`
	Records     []string `json:"records"`
	Findings    []struct {
		Path   string `json:"path"`
		Code   string `json:"code"`
		Choice string `json:"choice"`
	} `json:"findings"`

	dir string // that was published
}

// publish runs `wtptui publish`, which has to succeed.
func publish(t testing.TB, w *peers.Wtptui, dir string, flags ...string) publication {
	t.Helper()
	p := parsePublication(t, w.Run(t, "publish", append([]string{"--json", dir}, flags...)...))
	p.dir = dir
	return p
}

func parsePublication(t testing.TB, text string) publication {
	t.Helper()
	var p publication
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatalf("wtptui publish --json: %v:\n%s", err, text)
	}
	return p
}

// A published site is downloaded by Transmission, libtorrent and a page, byte for byte.
func TestPublishedSitesAreFetchedByAll(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	w := startWeb(t, []string{tracker.HTTP, tracker.WS})
	other := peers.StartTransmission(t)
	originals := append(slices.Collect(maps.Values(peers.RealSites(t))), peers.SmallSiteFolder(t), makeLinkedSite(t))
	fetched := map[string]string{} // what it should be, by the folder that it was published from
	hosts := map[string]string{}
	// What publishing leaves out unless it is named.
	keep := map[string][]string{"linked": {"--keep", "index.html"}, "_site": {"--keep", ".jslibs"}}
	for _, original := range originals {
		fetched[original] = copyResolvingLinks(t, original)
		hosts[original] = publish(t, w, original, keep[filepath.Base(original)]...).Host
	}
	t.Run("sites", func(t *testing.T) {
		for _, original := range originals {
			t.Run(filepath.Base(original), func(t *testing.T) {
				t.Parallel()
				fetchByAll(t, w, other, hosts[original], filepath.Base(original), fetched[original])
			})
		}
	})
	waitTransmissionComplete(t, w, other, hosts)
	for original, dir := range fetched {
		peers.SameFiles(t, filepath.Join(other.Dir, filepath.Base(original)), dir)
	}
}

// fetchByAll has libtorrent and a page download the site, Transmission begin to, and wtptui export it.
func fetchByAll(t *testing.T, w *peers.Wtptui, other *peers.Transmission, host, name, dir string) {
	t.Helper()
	torrent := filepath.Join(t.TempDir(), "site.torrent")
	if err := os.WriteFile(torrent, []byte(w.Run(t, "export", "--torrent", host)), 0o600); err != nil {
		t.Fatal(err)
	}
	other.Add(t, torrent)
	page := peers.StartPageLeech(t, strings.TrimSpace(w.Run(t, "export", "--magnet", host)))
	into := t.TempDir()
	leech := peers.StartLeech(t, torrent, into, peers.LeechOptions{Peers: []int{w.PeerPort}})
	exported := filepath.Join(t.TempDir(), "exported")
	w.Run(t, "export", "--dotfiles", host, exported)
	peers.SameFiles(t, exported, dir)
	leech.WaitDone(t, waitLong)
	leech.Stop(t) // It writes the last of its files when it ends.
	peers.SameFiles(t, filepath.Join(into, name), dir)
	page.WaitSameFiles(t, waitLong, dir)
}

// waitTransmissionComplete has wtptui announce until Transmission, which makes no connections on loopback, has
// everything.
func waitTransmissionComplete(t *testing.T, w *peers.Wtptui, other *peers.Transmission, hosts map[string]string) {
	t.Helper()
	var asked time.Time
	peers.Eventually(t, waitLong, "transmission-daemon to complete", func() error {
		if time.Since(asked) > 2*time.Second {
			asked = time.Now()
			for _, host := range hosts {
				w.Run(t, "announce", host)
			}
		}
		return other.Complete()
	})
}

// makeLinkedSite makes a small site whose first page is a symbolic link to another one.
func makeLinkedSite(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "linked")
	putFile(t, dir, "home.html", "<title>Home</title><h1>Home</h1>")
	putFile(t, dir, "more/page.html", "<h1>More</h1>")
	if err := os.Symlink("home.html", filepath.Join(dir, "index.html")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyResolvingLinks returns a copy of a folder in which links are replaced by their targets, or the folder itself if
// it has none.
func copyResolvingLinks(t *testing.T, dir string) string {
	t.Helper()
	info, err := os.Lstat(filepath.Join(dir, "index.html"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return dir // There is no first page.
	case err != nil:
		t.Fatal(err)
	case info.Mode().IsRegular():
		return dir
	}
	out := filepath.Join(t.TempDir(), filepath.Base(dir))
	for _, name := range append(peers.Files(t, dir), "index.html") {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(out, name)), 0o755),
				os.WriteFile(filepath.Join(out, name), content, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// A folder gets the infohash that libtorrent computes for it.
func TestInfohashIsThatOfLibtorrent(t *testing.T) {
	t.Parallel()
	dir := peers.SiteFolder(t)
	w := startWtptui(t, "--tracker", "none")
	p := publish(t, w, dir, "--dry-run")
	seed := peers.StartSeed(t, dir, peers.SeedOptions{PieceLength: p.PieceLength})
	if p.Infohash != seed.InfoHash || p.Host != "" || p.Files == 0 {
		t.Errorf("%s, %d files, libtorrent says %s", p.Infohash, p.Files, seed.InfoHash)
	}
	if sites := w.List(t); len(sites) != 1 {
		t.Errorf("a dry run left %+v", sites)
	}
}

// A refused publication says why and how to go on. A person's decisions are followed.
func TestPublishIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	dir := makeSmallSite(t)
	for name, content := range map[string]string{"id_rsa": "x", ".env": "PASSWORD=1"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stdout, stderr, code := w.RunCode(t, "publish", "--json", dir)
	p := parsePublication(t, stdout)
	if code != 1 || !isOneLine(stderr) || !strings.Contains(stderr, "id_rsa") || p.Infohash != "" ||
		fmt.Sprint(p.Findings) != "[{id_rsa secret refuse} {.env secret leave out}]" {
		t.Errorf("exit code %d, %q, %+v", code, stderr, p)
	}
	stdout, stderr, code = w.RunCode(t, "publish", dir)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "refuse") || !strings.Contains(stderr, "leave out") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	out := w.Run(t, "publish", dir, "--leave-out", "id_rsa", "--name", "example.org")
	if !strings.Contains(out, "wtp://example.org/") || !strings.Contains(out, `www.example.org. 300 IN TXT "wtpkey=`) {
		t.Errorf("it said %s", out)
	}
	for _, args := range [][]string{{"/no/such/folder"}, {dir, "--name", "localhost"}, {dir, "--watch", "--dry-run"}, {}} {
		if _, stderr, code := w.RunCode(t, "publish", args...); code != 2 || !isOneLine(stderr) {
			t.Errorf("%q: exit code %d, %q", args, code, stderr)
		}
	}
}

// A folder is seeded in place without a copy. Files that change in it are not uploaded any more, which is reported,
// until it is published again.
func TestPublishInPlaceSeedsWithoutACopy(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	w := startWtptui(t, "--tracker", tracker.HTTP)
	dir := makeSmallSite(t)
	before := torrentBytes(t, w.DataDir)
	var p publication
	peers.Eventually(t, waitLong, "files that were not written a moment ago", func() error {
		stdout, stderr, code := w.RunCode(t, "publish", "--json", "--in-place", "--name", "site.example", dir)
		if code != 0 {
			return fmt.Errorf("exit code %d: %s", code, stderr)
		}
		p = parsePublication(t, stdout)
		return nil
	})
	site := w.WaitSeeding(t, waitLong, p.Host)
	if grown := torrentBytes(t, w.DataDir) - before; grown > p.Size/2 {
		t.Errorf("the data folder has grown by %d bytes for a site of %d", grown, p.Size)
	}
	tracker.WaitEvent(t, waitLong, p.Infohash, peers.Started, w.PeerPort)
	torrent := filepath.Join(t.TempDir(), "site.torrent")
	if err := os.WriteFile(torrent, []byte(w.Run(t, "export", "--torrent", p.Host)), 0o600); err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	leech := peers.StartLeech(t, torrent, into, peers.LeechOptions{})
	leech.WaitDone(t, waitLong)
	leech.Stop(t)
	peers.SameFiles(t, filepath.Join(into, filepath.Base(dir)), dir)

	putFile(t, dir, "index.html", "changed")
	w.WaitSite(t, waitLong, p.Host, "to notice the change", func(s peers.Site) error {
		if !strings.Contains(s.Error, "publish it again") {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
	again := publish(t, w, dir) // as a copy
	if again.Host != p.Host || again.Previous != p.Infohash {
		t.Errorf("%+v after %+v", again, p)
	}
	checkSameSite(t, w, waitLong, site.LocalURL, dir)
	w.Run(t, "remove", p.Host)
	if len(peers.Files(t, dir)) != 4 {
		t.Errorf("the folder has %v", peers.Files(t, dir))
	}
}
