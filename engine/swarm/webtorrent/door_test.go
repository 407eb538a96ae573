package webtorrent_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine/swarm/webtorrent"
)

// node is a torrent client whose only way to peers is this package.
type node struct {
	torrents *torrent.Client
	web      *webtorrent.Client
	dir      string
}

func newNode(t testing.TB) *node {
	t.Helper()
	n := &node{dir: t.TempDir()}
	cfg := torrent.NewDefaultClientConfig()
	cfg.DataDir, cfg.Seed = n.dir, true
	cfg.DisableTCP, cfg.DisableUTP, cfg.NoDHT, cfg.NoDefaultPortForwarding = true, true, true, true
	cfg.DisableWebtorrent, cfg.DisableTrackers, cfg.DropDuplicatePeerIds = true, true, true
	var err error
	if n.torrents, err = torrent.NewClient(cfg); err != nil {
		t.Fatal(err)
	}
	n.web = webtorrent.New(webtorrent.Config{PeerID: n.torrents.PeerID(), Reserved: cfg.Extensions})
	n.torrents.AddListener(n.web)
	t.Cleanup(func() { n.close(t) })
	return n
}

func (n *node) close(t testing.TB) {
	n.torrents.Close()
	if err := n.web.Close(); err != nil {
		t.Error(err)
	}
}

// add joins a torrent at a tracker.
func (n *node) add(t testing.TB, magnet, tracker string) (*torrent.Torrent, *webtorrent.Torrent) {
	t.Helper()
	spec, err := torrent.TorrentSpecFromMagnetUri(magnet)
	if err != nil {
		t.Fatal(err)
	}
	spec.Trackers = nil
	tor, _, err := n.torrents.AddTorrentSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	return tor, n.announce(tor, tracker)
}

func (n *node) announce(tor *torrent.Torrent, tracker string) *webtorrent.Torrent {
	missing := func() int64 {
		if tor.Info() == nil {
			return -1
		}
		return tor.BytesMissing()
	}
	return n.web.Add(webtorrent.Spec{
		Infohash: tor.InfoHash(),
		Trackers: []webtorrent.Tracker{{URL: tracker, Trusted: true}},
		Want: func() int {
			if missing() == 0 {
				return 0
			}
			return 10
		},
		Stats: func() (int64, int64, int64) { return 0, 0, missing() },
	})
}

// seed has the node seed data as a torrent of one file, and gives its magnet link.
func (n *node) seed(t testing.TB, data []byte, tracker string) string {
	t.Helper()
	name := filepath.Join(n.dir, "data.bin")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	info := metainfo.Info{PieceLength: 256 << 10}
	if err := info.BuildFromFilePath(name); err != nil {
		t.Fatal(err)
	}
	var mi metainfo.MetaInfo
	var err error
	if mi.InfoBytes, err = bencode.Marshal(info); err != nil {
		t.Fatal(err)
	}
	tor, err := n.torrents.AddTorrent(&mi)
	if err != nil {
		t.Fatal(err)
	}
	if err := tor.VerifyDataContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tor.BytesMissing() != 0 {
		t.Fatal("the seed is not complete")
	}
	n.announce(tor, tracker)
	return "magnet:?xt=urn:btih:" + tor.InfoHash().HexString() + "&tr=" + url.QueryEscape(tracker)
}

// get downloads everything and says how long the info and the whole took.
func (n *node) get(t testing.TB, magnet, tracker string, want []byte) (info, all time.Duration) {
	t.Helper()
	begin := time.Now()
	tor, _ := n.add(t, magnet, tracker)
	select {
	case <-tor.GotInfo():
		info = time.Since(begin)
	case <-time.After(time.Minute):
		t.Fatalf("no info: %+v", n.web.Status())
	}
	tor.DownloadAll()
	select {
	case <-tor.Complete().On():
		all = time.Since(begin)
	case <-time.After(2 * time.Minute):
		t.Fatalf("not complete: %+v", n.web.Status())
	}
	r := tor.Files()[0].NewReader()
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("other bytes than were seeded: %v", err)
	}
	return info, all
}

func randomData(size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	return data
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mbps(size int, d time.Duration) float64 { return float64(size) / 1e6 / d.Seconds() }

// Two torrent clients that know nothing of WebRTC meet through the door.
func TestTorrentClientsMeet(t *testing.T) {
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	data := randomData(8 << 20)
	magnet := newNode(t).seed(t, data, tracker.WS)
	info, all := newNode(t).get(t, magnet, tracker.WS, data)
	t.Logf("info after %v, %.1f MB/s", info, mbps(len(data), all-info))
}

// exchange moves data from a page to another page, from a page to us, and from us to a page, each once and all of them as
// the same torrent, whose piece length in bytes the first page chooses if it is 0. All of it arrives as it was, or the
// test ends.
func exchange(t testing.TB, size, pieceLength int) (between, fromPage, toPage transfer) {
	t.Helper()
	peers.Require(t, peers.ChromiumTool, peers.BittorrentTracker)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	data := randomData(size)
	web := newPages(t, data)
	closeSeed := web.open(t, job{Name: "seed", Do: "seed", Data: web.URL + "/data", Tracker: tracker.WS, PieceLength: pieceLength})
	magnet := web.wait(t, time.Minute, "seed", "seeding").Text
	between = web.get(t, "page", magnet, data)
	us := newNode(t)
	info, all := us.get(t, magnet, tracker.WS, data)
	fromPage = transfer{info: info, rate: mbps(len(data), all-info)}
	closeSeed()
	toPage = web.get(t, "leech", magnet, data)
	return between, fromPage, toPage
}

func TestPagesAndUs(t *testing.T) {
	between, fromPage, toPage := exchange(t, 4<<20, 0)
	t.Logf("page to page %v, page to us %v, us to page %v", between, fromPage, toPage)
}

// BenchmarkPages compares us with two pages that have only each other: 32 MiB, with everything on this machine. The
// ratios are of speeds, and of the times until the torrent's info is there. A page spends nearly all of its time on its
// own storage, of which it makes a file for each piece, first to see that it is empty: so there are two piece lengths, that
// which a page chooses and a larger one, and how long the page looks at its storage is told apart.
func BenchmarkPages(b *testing.B) {
	for _, bench := range []struct {
		name        string
		pieceLength int
	}{{"SmallPieces", 0}, {"LargePieces", 256 << 10}} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				between, fromPage, toPage := exchange(b, 32<<20, bench.pieceLength)
				b.ReportMetric(between.rate, "page-to-page-MB/s")
				b.ReportMetric(fromPage.rate/between.rate, "page-to-us-ratio")
				b.ReportMetric(toPage.rate/between.rate, "us-to-page-ratio")
				b.ReportMetric(between.storage.Seconds(), "page-to-page-storage-s")
				b.ReportMetric(toPage.storage.Seconds(), "us-to-page-storage-s")
				b.ReportMetric(between.info.Seconds(), "page-to-page-info-s")
				b.ReportMetric(fromPage.info.Seconds()/between.info.Seconds(), "page-to-us-info-ratio")
				b.ReportMetric(toPage.info.Seconds()/between.info.Seconds(), "us-to-page-info-ratio")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// A tracker that forgets who is silent for ten seconds, as many do after twenty minutes, is told again and again: a page
// that comes later finds a lone seed.
func TestTrackerThatForgets(t *testing.T) {
	t.Parallel() // nearly all of it is waiting
	peers.Require(t, peers.ChromiumTool, peers.BittorrentTracker)
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: 10 * time.Second, PeersCacheTTL: 10 * time.Second})
	data := randomData(1 << 20)
	magnet := newNode(t).seed(t, data, tracker.WS)
	infohash := magnet[len("magnet:?xt=urn:btih:"):][:40]
	// The third announce comes after a minute.
	peers.Eventually(t, 90*time.Second, "three announces", func() error {
		if n := len(tracker.Announces(infohash)); n < 3 {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
	tr := newPages(t, data).get(t, "late", magnet, data)
	t.Logf("found after %v", tr.info)
}

// transfer is how long the info took, how long a page then looked at its storage before it asked for anything, and how
// fast everything came after the info, in MB/s.
type transfer struct {
	info, storage time.Duration
	rate          float64
}

func (tr transfer) String() string {
	return fmt.Sprintf("info after %v, %.1f MB/s", tr.info.Round(time.Millisecond), tr.rate)
}

// get has a page download everything.
func (p *pages) get(t testing.TB, name, magnet string, want []byte) transfer {
	t.Helper()
	closePage := p.open(t, job{Name: name, Do: "get", Magnet: magnet})
	defer closePage()
	info := p.wait(t, time.Minute, name, "metadata")
	ready := p.wait(t, 2*time.Minute, name, "ready")
	done := p.wait(t, 2*time.Minute, name, "done")
	if done.Text != sha256Hex(want) {
		t.Errorf("page %s got other bytes than were seeded", name)
	}
	return transfer{
		info: info.at(), storage: ready.at() - info.at(), rate: mbps(len(want), done.at()-info.at()),
	}
}
