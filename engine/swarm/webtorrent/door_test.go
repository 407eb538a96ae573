package webtorrent_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine/enginetest"
	"wtptui/engine/swarm"
)

// noCompletion remembers nothing.
type noCompletion struct{}

func (noCompletion) Get([20]byte, int) (complete, known bool) { return false, false }
func (noCompletion) Set([20]byte, []int, bool) error          { return nil }

// newNode starts a client whose only way to peers is a WebTorrent tracker.
func newNode(t testing.TB, tracker string) *swarm.Client {
	t.Helper()
	c, err := swarm.New(swarm.Config{
		Dir: t.TempDir(), Completion: noCompletion{}, PeerHost: "127.0.0.1", Trackers: []string{tracker},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// toInfohash is what a magnet link has before the infohash.
const toInfohash = "magnet:?xt=urn:btih:"

// seed has a new node seed data as a torrent of one file, and returns its magnet link.
func seed(t testing.TB, data []byte, tracker string) string {
	t.Helper()
	c := newNode(t, tracker)
	info := metainfo.Info{Name: "data.bin", Length: int64(len(data)), PieceLength: 256 << 10}
	open := func(metainfo.FileInfo) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	if err := info.GeneratePieces(open); err != nil {
		t.Fatal(err)
	}
	raw, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	infohash := metainfo.HashBytes(raw).HexString()
	addContent(t, c, infohash, data)
	tor, err := c.Add(swarm.Spec{Infohash: infohash, Info: raw})
	if err != nil {
		t.Fatal(err)
	}
	if err := tor.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	if have := tor.Stats().Completed; have != int64(len(data)) {
		t.Fatalf("the seed has %d bytes of %d", have, len(data))
	}
	return toInfohash + infohash + "&tr=" + url.QueryEscape(tracker)
}

// addContent adds the data of a torrent, which has one file.
func addContent(t testing.TB, c *swarm.Client, infohash string, data []byte) {
	t.Helper()
	in, err := c.Intake()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Discard()
	f, err := in.Create(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := in.Commit(infohash, 0); err != nil {
		t.Fatal(err)
	}
}

// get has a new node download everything, and returns how long the info and the whole took.
func get(t testing.TB, magnet, tracker string, want []byte) (info, all time.Duration) {
	t.Helper()
	c := newNode(t, tracker)
	begin := time.Now()
	tor, err := c.Add(swarm.Spec{Infohash: magnet[len(toInfohash):][:40]})
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Receive(t, tor.Ready(), "the torrent to get ready")
	info = time.Since(begin)
	peers.Eventually(t, 2*time.Minute, "all data", func() error {
		if have := tor.Stats().Completed; have < int64(len(want)) {
			return fmt.Errorf("%d bytes", have)
		}
		return nil
	})
	all = time.Since(begin)
	r, err := tor.Open(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
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

// Two torrent clients meet that have nothing but a WebTorrent tracker in common.
func TestTorrentClientsMeet(t *testing.T) {
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	data := randomData(8 << 20)
	magnet := seed(t, data, tracker.WS)
	info, all := get(t, magnet, tracker.WS, data)
	t.Logf("info after %v, %.1f MB/s", info, mbps(len(data), all-info))
}

// exchange moves data from a page to another page, from a page to us, and from us to a page, each once and all of them
// as the same torrent, whose piece length in bytes the first page chooses if it is 0. All of it arrives as it was, or
// the test ends.
func exchange(t testing.TB, size, pieceLength int) (between, fromPage, toPage transfer) {
	t.Helper()
	peers.Require(t, peers.ChromiumTool, peers.BittorrentTracker)
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	data := randomData(size)
	web := newPages(t, data)
	closeSeed := web.open(t, job{
		Name: "seed", Do: "seed", Data: web.URL + "/data", Tracker: tracker.WS, PieceLength: pieceLength,
	})
	magnet := web.wait(t, time.Minute, "seed", "seeding").Text
	between = web.get(t, "page", magnet, data)
	info, all := get(t, magnet, tracker.WS, data)
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
// own storage, of which it makes a file for each piece, first to see that it is empty: so there are two piece lengths,
// that which a page chooses and a larger one, and how long the page looks at its storage is told apart.
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

// A tracker that forgets who is silent for ten seconds, as many do after twenty minutes, is told again and again: a
// page that comes later finds a lone seed.
func TestTrackerThatForgets(t *testing.T) {
	t.Parallel() // nearly all of it is waiting
	peers.Require(t, peers.ChromiumTool, peers.BittorrentTracker)
	tracker := peers.StartTracker(t, peers.TrackerOptions{Interval: 10 * time.Second, PeersCacheTTL: 10 * time.Second})
	data := randomData(1 << 20)
	magnet := seed(t, data, tracker.WS)
	infohash := magnet[len(toInfohash):][:40]
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
