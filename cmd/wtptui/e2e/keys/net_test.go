package keys_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// meshNodes is the number of a network's nodes, besides those of its clients: more than the twenty nearest ones to
// which bittorrent-dht puts an item. A node that has an item does not return other nodes to a get.
const meshNodes = 50

// network is a DHT of other programs, and a tracker by which peers meet.
type network struct {
	*peers.DHT

	tracker *peers.Tracker
}

// startNetwork requires everything that tests of this package may start.
func startNetwork(t *testing.T) *network {
	t.Helper()
	peers.Require(t, peers.PkarrTool, peers.BittorrentTracker, peers.LibtorrentTool)
	return &network{DHT: peers.StartDHT(t, meshNodes), tracker: peers.StartTracker(t, peers.TrackerOptions{})}
}

// startWtptui runs a wtptui in the network's DHT. It has no DNS resolver, which is not needed for a key.
func (n *network) startWtptui(t *testing.T, flags ...string) *peers.Wtptui {
	t.Helper()
	all := []string{"--no-dht=false"}
	for _, node := range n.Nodes[:3] {
		all = append(all, "--dht-node", node)
	}
	return n.startWithoutDHT(t, append(all, flags...)...)
}

// startWithoutDHT runs a wtptui that has no DHT.
func (n *network) startWithoutDHT(t *testing.T, flags ...string) *peers.Wtptui {
	t.Helper()
	all := []string{"--tracker", n.tracker.HTTP, "--doh", "https://127.0.0.1:1/dns-query"}
	return peers.StartWtptui(t, binaryPath(t), append(all, flags...)...)
}

// makeVersion makes a version of a site and has libtorrent seed it.
func (n *network) makeVersion(t *testing.T, name string) (dir string, seed *peers.Libtorrent) {
	t.Helper()
	dir = makeSiteFolder(t, name)
	return dir, peers.StartSeed(t, dir, peers.SeedOptions{PieceLength: 16 << 10, Trackers: []string{n.tracker.HTTP}})
}

// commonFileLength is the length of the file that is the same in all versions of a site.
const commonFileLength = 200_000

// makeSiteFolder makes a version of a site. Two of its files contain the version's name.
func makeSiteFolder(t *testing.T, version string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "site")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	writeVersion(t, dir, version)
	writeFile(t, filepath.Join(dir, "same.bin"), strings.Repeat("same ", commonFileLength/len("same ")))
	return dir
}

func writeVersion(t *testing.T, dir, version string) {
	t.Helper()
	writeFile(t, filepath.Join(dir, "index.html"), "<!doctype html><title>"+version+"</title>"+version)
	writeFile(t, filepath.Join(dir, "version.txt"), version)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkSameSite checks that wtptui serves each file of a folder.
func checkSameSite(t *testing.T, w *peers.Wtptui, local, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitLong)
	defer cancel()
	for _, name := range peers.Files(t, dir) {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if status, got, err := w.Get(ctx, local, name); err != nil || status != http.StatusOK || !bytes.Equal(got, want) {
			t.Errorf("%s: status %d, %d bytes of %d, %v", name, status, len(got), len(want), err)
		}
	}
}

// key is a key of the test, which it may add to any program.
type key struct {
	seed   string // 64 hex digits, as npm's pkarr and the files of wtptui have it
	public string // 64 hex digits
	host   string // of the site under it
}

var zbase32 = base32.NewEncoding("ybndrfg8ejkmcpqxot1uwisza345h769").WithPadding(base32.NoPadding)

func newKey(t *testing.T) key {
	t.Helper()
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key{
		seed: hex.EncodeToString(secret.Seed()), public: hex.EncodeToString(public), host: zbase32.EncodeToString(public),
	}
}

// publicKey decodes a site's host into the key, in hex.
func publicKey(t *testing.T, host string) string {
	t.Helper()
	public, err := zbase32.DecodeString(host)
	if err != nil || len(public) != ed25519.PublicKeySize {
		t.Fatalf("%q is no key: %v", host, err)
	}
	return hex.EncodeToString(public)
}

// addTo adds the key to wtptui's, under that name.
func (k key) addTo(t *testing.T, w *peers.Wtptui, name string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup.key")
	writeFile(t, file, k.seed+"\n")
	w.Run(t, "keys", "import", name, file)
}

// checkStored returns an error unless the nodes nearest to a key have its record, all but two of them at least: no
// node's table has all nodes.
func (n *network) checkStored(t *testing.T, k key, seq int64) error {
	t.Helper()
	const nearest, most = 8, 2
	var seqs []int64
	without := 0
	for _, item := range n.StoredItems(t, k.public)[:nearest] {
		seqs = append(seqs, item.Seq)
		if item.Seq != seq {
			without++
		}
	}
	if without > most {
		return fmt.Errorf("%d of the %d nearest nodes lack record %d: %d", without, nearest, seq, seqs)
	}
	return nil
}

// record is what wtptui prints of a key's record.
type record struct {
	Seq      int64  `json:"seq"`
	Infohash string `json:"infohash"`
	Nearest  int    `json:"nearest"`
	Found    int    `json:"found"`
	Nodes    int    `json:"nodes"`
	Relays   int    `json:"relays"`
	Signer   string `json:"signer"`
	Error    string `json:"error"`
}

// publication is what `wtptui publish --json` prints.
type publication struct {
	Host     string `json:"host"`
	Infohash string `json:"infohash"`
	LocalURL string `json:"local_url"`
	Key      struct {
		Name string `json:"name"`
		Host string `json:"host"`
	} `json:"key"`
	Record record `json:"record"`
}

// publish runs `wtptui publish`, which has to succeed.
func publish(t *testing.T, w *peers.Wtptui, dir string, flags ...string) (p publication) {
	t.Helper()
	out := w.Run(t, "publish", append([]string{"--json", dir}, flags...)...)
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatalf("wtptui publish --json: %v:\n%s", err, out)
	}
	return p
}

// resolvedName is what `wtptui resolve --json` prints.
type resolvedName struct {
	Host     string   `json:"host"`
	Key      string   `json:"key"`
	Infohash string   `json:"infohash"`
	Source   string   `json:"source"`
	Stale    bool     `json:"stale"`
	Warnings []string `json:"warnings"`
	Error    string   `json:"error"`
	Record   record   `json:"record"`
	Asked    []struct {
		URL      string `json:"url"`
		Infohash string `json:"infohash"`
		Error    string `json:"error"`
	} `json:"asked"`
}

func resolve(t *testing.T, w *peers.Wtptui, host string) (n resolvedName) {
	t.Helper()
	stdout, stderr, _ := w.RunCode(t, "resolve", "--json", host) // It fails for a key without a record.
	if err := json.Unmarshal([]byte(stdout), &n); err != nil {
		t.Fatalf("wtptui resolve --json: %v:\n%s%s", err, stdout, stderr)
	}
	return n
}

// waitResolved looks a key up again and again until its record has the infohash: a node that has just started knows no
// others.
func waitResolved(t *testing.T, w *peers.Wtptui, host, infohash string) (n resolvedName) {
	t.Helper()
	peers.Eventually(t, waitLong, "the key to name "+infohash, func() error {
		if n = resolve(t, w, host); n.Infohash != infohash || n.Stale {
			return fmt.Errorf("%+v", n)
		}
		return nil
	})
	return n
}

// waitVersion waits until all of the version with that infohash is served.
func waitVersion(t *testing.T, w *peers.Wtptui, host, infohash string) peers.Site {
	t.Helper()
	return w.WaitSite(t, waitLong, host, "to serve "+infohash, func(s peers.Site) error {
		if s.InfoHash != infohash || s.State != "seeding" {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}
