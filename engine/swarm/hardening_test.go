package swarm

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// TestCloseIsBounded: a tracker that never answers does not hold a client up.
func TestCloseIsBounded(t *testing.T) {
	asked, end := make(chan string, 100), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event := r.URL.Query().Get("event")
		asked <- event
		if event != "stopped" {
			_, _ = w.Write([]byte("d8:intervali1800e5:peers0:e"))
			return
		}
		<-end
	}))
	defer server.Close()
	defer close(end)
	c := start(t, config(t, server.URL))
	for i := range 5 {
		s := newSite(t, 16<<10, 10+i)
		publish(t, c, s)
		eventually(t, "the answer was read", func() bool { return c.torrents.get(s.raw()).Trackers()[0].Status == "working" })
	}
	closed := make(chan error, 1)
	go func() { closed <- c.Close() }()
	if err := enginetest.Receive(t, closed, "Close to give up on a tracker that has not answered"); err != nil {
		t.Fatal(err)
	}
	told := 0
	for len(asked) > 0 {
		if <-asked == "stopped" {
			told++
		}
	}
	if told != 5 {
		t.Errorf("the tracker was told Stopped %d times, want 5", told)
	}
	if _, err := c.Add(Spec{Infohash: strings.Repeat("a", 40)}); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("adding to a closed client: %v", err)
	}
}

// TestUnusualLayouts: torrents at the edge of what is allowed.
func TestUnusualLayouts(t *testing.T) {
	c := start(t, config(t))
	t.Run("only empty files", func(t *testing.T) {
		s := newSite(t, 16<<10, 0, 0)
		tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
		ready(t, tor)
		if !complete(tor) || tor.Stats().Checking {
			t.Errorf("%+v", tor.Stats())
		}
		same(t, tor, s)
		if err := tor.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("one file", func(t *testing.T) {
		s := &site{files: [][]byte{[]byte("hello")}}
		s.seal(t, metainfo.Info{Name: "index.html", PieceLength: 16 << 10, Length: 5})
		tor := publish(t, c, s)
		if f := tor.Info().Files; len(f) != 1 || !slices.Equal(f[0].Path, []string{"index.html"}) {
			t.Errorf("files %+v", f)
		}
		same(t, tor, s)
	})
	t.Run("5,000 empty files", func(t *testing.T) {
		s := newSite(t, 16<<10, make([]int, 5000)...)
		tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, Limits: SiteLimits{Size: 2 << 30, Files: 20_000}})
		ready(t, tor)
		if tor.Err() != nil || len(tor.Info().Files) != 5000 {
			t.Errorf("%v", tor.Err())
		}
		if f, _ := c.Folders(); slices.Contains(f, s.hash) {
			t.Error("empty files touch the disk")
		}
	})
	t.Run("64 MiB pieces", func(t *testing.T) {
		s := newSite(t, 64<<20, 100_000, 5)
		same(t, publish(t, c, s), s)
	})
}

func TestFileTags(t *testing.T) {
	c := start(t, config(t))
	tags := func(s *site) []string {
		tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, Paused: true})
		defer tor.Drop()
		var all []string
		for _, f := range tor.Info().Files {
			all = append(all, f.Tag)
		}
		return all
	}
	a := newSite(t, 16<<10, 100, 20_000, 20_000, 0)
	first := tags(a)
	if again := tags(a); !slices.Equal(first, again) {
		t.Errorf("tags change: %v, %v", first, again)
	}
	if sorted := slices.Sorted(slices.Values(first)); len(slices.Compact(sorted)) != 4 {
		t.Errorf("different files share tags: %v", first)
	}
	a.files[1][5] ^= 1
	var info metainfo.Info
	info.Name, info.PieceLength = "site", 16<<10
	for i, f := range a.files {
		info.Files = append(info.Files, metainfo.FileInfo{Path: []string{itoa(i)}, Length: int64(len(f))})
	}
	if changed := tags(a.seal(t, info)); changed[1] == first[1] {
		t.Error("the tag is the same after the content changed")
	}
}

// TestMalformedMessagesDoNotStopHonestPeers: what peers send after a handshake, at random or almost right, neither ends
// the process nor keeps an honest peer from serving.
func TestMalformedMessagesDoNotStopHonestPeers(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	author := start(t, config(t))
	publish(t, author, s)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	publishTarget := author.Status().Port
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		port := c.Status().Port
		if i%2 == 0 {
			port = publishTarget
		}
		newRudePeer(t, port, rawHash(t, s.hash), rnd)
	}
	connect(tor, author)
	ready(t, tor)
	same(t, tor, s)
	for _, p := range tor.Peers() {
		if p.Client != engine.Clean(p.Client) || p.Address != engine.Clean(p.Address) {
			t.Errorf("a peer is called %q at %q", p.Client, p.Address)
		}
	}
}

// newRudePeer connects, sends malformed messages and disconnects.
func newRudePeer(t *testing.T, port int, hash [20]byte, rnd *rand.Rand) {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	var bits pp.PeerExtensionBits
	bits.SetBit(pp.ExtensionBitLtep, rnd.IntN(4) > 0)
	bits.SetBit(pp.ExtensionBitFast, rnd.IntN(4) > 0)
	bits.SetBit(pp.ExtensionBitV2Upgrade, rnd.IntN(2) > 0)
	id := [20]byte([]byte("-RUDE00-abcdefghijkl"))
	binary.BigEndian.PutUint64(id[12:], rnd.Uint64())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if _, err := pp.Handshake(ctx, conn, (*metainfo.Hash)(&hash), id, bits); err != nil {
		return // refused: too many came from here at once
	}
	var b []byte
	for range 1 + rnd.IntN(30) {
		body := make([]byte, rnd.IntN(60))
		for i := range body {
			body[i] = byte(rnd.Uint32() >> 3)
		}
		kind := byte(rnd.IntN(24)) // all messages there are, of BEP 3, 5, 6, 10 and 52, and some there are not
		length := uint32(len(body) + 1)
		if rnd.IntN(10) == 0 {
			length = rnd.Uint32() // cut off, or far too long
		}
		b = append(binary.BigEndian.AppendUint32(b, length), kind)
		if kind == 20 && rnd.IntN(2) == 0 {
			body = append([]byte{byte(rnd.IntN(4))},
				"d1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei-5e4:reqqi-1e1:v5:\x1b[31me"...)
			b = b[:len(b)-5]
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(body)+1)), kind)
		}
		b = append(b, body...)
	}
	_, _ = conn.Write(b)
	_, _ = conn.Read(make([]byte, 1<<10))
}

// TestAddAndDrop: torrents that come and go leave nothing behind.
func TestAddAndDrop(t *testing.T) {
	tracker := newTracker(t)
	s := newSite(t, 16<<10, 60_000, 10)
	author := start(t, config(t, tracker.url()))
	publish(t, author, s)
	c := start(t, config(t, tracker.url()))
	round := func() {
		tor := add(t, c, Spec{Infohash: s.hash})
		ready(t, tor)
		same(t, tor, s)
		tor.Drop()
		if err := c.Delete(s.hash); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		round()
	}
	goroutines, files, heap := runtime.NumGoroutine(), openFiles(t), heapInUse()
	for range 30 {
		round()
	}
	eventually(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= goroutines+20 })
	eventually(t, "files are closed", func() bool { return openFiles(t) <= files+10 })
	eventually(t, "the heap is as large as before", func() bool { return heapInUse() <= heap+heap/10 })
	c.budget.mu.Lock()
	defer c.budget.mu.Unlock()
	if len(c.torrents.all()) != 0 || c.budget.open.Load() != 0 || len(c.budget.shares) != 0 {
		t.Errorf("%d torrents, %d connections, %d shares are left",
			len(c.torrents.all()), c.budget.open.Load(), len(c.budget.shares))
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // which empties pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}

// A peer that repeats its extended handshake uses no more memory than one that does not.
func TestRepeatedExtendedHandshakes(t *testing.T) {
	const repeats = 20000
	s := newSite(t, 16<<10, 50_000)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	p := connectFicklePeer(t, c, s, rand.New(rand.NewPCG(1, 1)))
	p.sendRandom(tor, 0)
	before := runtime.NumGoroutine()
	first := pp.Message{Type: pp.Extended, ExtendedPayload: marshal(t, dict{"m": dict{"ut_pex": 1}})}.MustMarshalBinary()
	again := pp.Message{Type: pp.Extended, ExtendedPayload: marshal(t, dict{"m": dict{}})}.MustMarshalBinary()
	for range repeats / 2 {
		_, _ = p.conn.Write(append(first, again...))
	}
	p.sendRandom(tor, 0)
	eventually(t, "what the handshakes began has ended", func() bool { return runtime.NumGoroutine() < before+repeats/4 })
}
