package e2e_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/bencode"

	"wtptui/cmd/wtptui/e2e/peers"
)

// trackerURLs are the URLs of a home's tracker with the default settings, by protocol.
var trackerURLs = map[string]string{
	"UDP":   "udp://" + peers.HomeName + ":6969/announce",
	"HTTP":  "http://" + peers.HomeName + "/announce",
	"HTTPS": "https://" + peers.HomeName + "/announce",
}

const webTrackerURL = "wss://" + peers.HomeName + "/announce"

// trackerHome is a home in an internet, whose tracker is the only way for peers to find each other.
type trackerHome struct {
	*peers.Wtptui

	roots string // the file of the certificate
}

// runInInternet is peers.InInternet with the program of this source tree.
func runInInternet(t testing.TB, tools ...peers.Tool) bool {
	t.Helper()
	return peers.InInternet(t, binaryPath(t), tools...)
}

// startTrackerHome starts a home that serves a page of its own.
func startTrackerHome(t *testing.T, flags ...string) *trackerHome {
	t.Helper()
	h := newTrackerHome(t, flags...)
	dir := t.TempDir()
	putFile(t, dir, "index.html", "<title>Home</title>")
	h.Start(t)
	site := publish(t, h.Wtptui, dir)
	h.Terminate(t)
	h.startServing(t, site.Host)
	return h
}

// newTrackerHome prepares a home.
func newTrackerHome(t *testing.T, flags ...string) *trackerHome {
	t.Helper()
	files := peers.NewTLSFiles(t, peers.HomeName)
	w := peers.NewWtptui(t, peers.OnHomeMachine(t, binaryPath(t)), append([]string{
		"--peer-host", peers.HomeAddress, "--tracker", "none", "--stun", "none",
		"--home-cert", files.Cert, "--home-key", files.Key,
	}, flags...)...)
	return &trackerHome{w, files.Cert}
}

// startServing starts the home with one site, which is pinned by that.
func (h *trackerHome) startServing(t *testing.T, host string) {
	t.Helper()
	h.AddFlags("--home", peers.HomeName+"="+host)
	h.Start(t)
	for _, s := range h.List(t) { // The guide is not for here.
		if s.Host != host {
			h.Run(t, "remove", s.Host)
		}
	}
}

// publishUnique publishes a site that no other case has. The caller chooses `which` to tell the sites of one case
// apart.
func (h *trackerHome) publishUnique(t *testing.T, which string) publication {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small") // Transmission does not make empty files.
	name := t.Name() + which
	for file, text := range map[string]string{
		"index.html": "<title>" + name + "</title>", "sub/a.txt": strings.Repeat(name, 10_000), "sub/b.txt": "b",
	} {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(file)), text)
	}
	return publish(t, h.Wtptui, dir)
}

// writeTorrentFile writes a .torrent of a site with one tracker, and returns its path.
func (h *trackerHome) writeTorrentFile(t *testing.T, host, tracker string) string {
	t.Helper()
	var exported struct {
		Info bencode.Bytes `bencode:"info"`
	}
	if err := bencode.Unmarshal([]byte(h.Run(t, "export", "--torrent", host)), &exported); err != nil {
		t.Fatal(err)
	}
	text, err := bencode.Marshal(map[string]any{"announce": tracker, "info": exported.Info})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "site.torrent")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// fetchWith has a client download a site, and waits until it has all of it. The client goes on seeding.
func (h *trackerHome) fetchWith(t *testing.T, kind peers.ClientKind, o peers.ClientOptions, site publication) {
	t.Helper()
	dir := t.TempDir()
	o.Dir, o.Roots = dir, h.roots
	client := peers.StartClient(t, kind, o)
	peers.Eventually(t, waitLong, kind.Name+" to have all", func() error {
		return errors.Join(client.Ended(), compareFolders(filepath.Join(dir, filepath.Base(site.dir)), site.dir))
	})
}

// clientsOf returns those of peers.Clients that need one of the tools.
func clientsOf(tools ...peers.Tool) []peers.ClientKind {
	return slices.DeleteFunc(peers.Clients(), func(kind peers.ClientKind) bool {
		return !slices.Contains(tools, kind.Tool)
	})
}

// Every client finds the home over each protocol of its tracker, and then another client, when the home uploads nothing
// any more and only its tracker works.
func TestClientsMeetHomeAndEachOtherAtItsTracker(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.LibtorrentTool, peers.TransmissionTool, peers.Aria2Tool) {
		return
	}
	kinds := clientsOf(peers.TransmissionTool, peers.LibtorrentTool, peers.Aria2Tool)
	h := startTrackerHome(t)
	for i, kind := range kinds {
		for way, url := range trackerURLs {
			t.Run(kind.Name+"/"+way, func(t *testing.T) {
				t.Parallel()
				h.checkPassedOn(t, url, kind, kinds[(i+1)%len(kinds)])
			})
		}
	}
}

// checkPassedOn has a client download a site from the home, and another one from the first.
func (h *trackerHome) checkPassedOn(t *testing.T, url string, first, second peers.ClientKind) {
	site := h.publishUnique(t, "")
	torrent := h.writeTorrentFile(t, site.Host, url)
	o := peers.ClientOptions{Torrent: torrent, Host: peers.FreeHost(t), UDPTracker: strings.HasPrefix(url, "udp:")}
	h.fetchWith(t, first, o, site)
	h.Run(t, "pause", site.Host)
	if second.Tool != peers.TransmissionTool { // It watches for files.
		o.Torrent = "magnet:?xt=urn:btih:" + site.Infohash + "&tr=" + url
	}
	o.Host = peers.FreeHost(t)
	h.fetchWith(t, second, o, site)
	if s, _ := h.Find(t, site.Host); s.State != "paused" || s.Peers != 0 {
		t.Errorf("the home is not paused: %+v", s)
	}
}

// Over IPv6 too, a client learns the addresses of the home and of other peers.
func TestHomeTrackerWorksOverIPv6(t *testing.T) {
	t.Parallel()
	if !runInInternet(t, peers.LibtorrentTool) {
		return
	}
	socket, err := net.ListenPacket("udp", peers.Hosts6[0]+":0")
	if err != nil {
		t.Skipf("needs IPv6: %v", err)
	}
	_ = socket.Close()
	h := startTrackerHome(t, "--peer-host", "")
	site := h.publishUnique(t, "")
	torrent := h.writeTorrentFile(t, site.Host, "udp://["+peers.HomeAddress6+"]:6969/announce")
	libtorrent := clientsOf(peers.LibtorrentTool)[0]
	h.fetchWith(t, libtorrent, peers.ClientOptions{Torrent: torrent, Host: peers.Hosts6[0]}, site)
	h.Run(t, "pause", site.Host)
	h.fetchWith(t, libtorrent, peers.ClientOptions{Torrent: torrent, Host: peers.Hosts6[1]}, site)
}
