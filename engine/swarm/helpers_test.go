package swarm

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	"go.uber.org/goleak"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/swarm/dial"
)

func TestMain(m *testing.M) {
	if os.Getenv(leecherEnv) != "" {
		os.Exit(leecherMain())
	}
	goleak.VerifyTestMain(m)
}

// site is a torrent that a test publishes.
type site struct {
	hash  string
	info  []byte
	files [][]byte
}

// newSite makes a torrent of files of the given sizes; a file's content is random but the same each time.
func newSite(t testing.TB, pieceLength int64, sizes ...int) *site {
	t.Helper()
	s := &site{}
	info := metainfo.Info{Name: "site", PieceLength: pieceLength}
	rnd := rand.NewChaCha8([32]byte{byte(len(sizes))})
	for i, n := range sizes {
		b := make([]byte, n)
		_, _ = rnd.Read(b)
		s.files = append(s.files, b)
		info.Files = append(info.Files, metainfo.FileInfo{Path: []string{fmt.Sprintf("f%d.html", i)}, Length: int64(n)})
	}
	return s.seal(t, info)
}

// seal hashes the files and makes the info dictionary.
func (s *site) seal(t testing.TB, info metainfo.Info) *site {
	t.Helper()
	all := bytes.Join(s.files, nil)
	for off := int64(0); off < int64(len(all)); off += info.PieceLength {
		sum := sha1.Sum(all[off:min(off+info.PieceLength, int64(len(all)))])
		info.Pieces = append(info.Pieces, sum[:]...)
	}
	raw, err := bencode.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	s.info, s.hash = raw, hashOf(raw)
	return s
}

func (s *site) raw() (h [20]byte) {
	_, _ = hex.Decode(h[:], []byte(s.hash))
	return h
}

func hashOf(info []byte) string {
	sum := sha1.Sum(info)
	return hex.EncodeToString(sum[:])
}

// memory is a Completion without a disk.
type memory struct {
	mu   sync.Mutex
	done map[string]bool
	sets int
}

func (m *memory) key(h [20]byte, p int) string { return fmt.Sprintf("%x/%d", h, p) }

func (m *memory) Get(h [20]byte, p int) (complete, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	complete, known = m.done[m.key(h, p)]
	return complete, known
}

func (m *memory) Set(h [20]byte, pieces []int, complete bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sets++
	if m.done == nil {
		m.done = make(map[string]bool)
	}
	for _, p := range pieces {
		m.done[m.key(h, p)] = complete
	}
	return nil
}

// config returns the configuration of a client on loopback without any peers.
func config(t testing.TB, trackers ...string) Config {
	t.Helper()
	return Config{
		Dir: t.TempDir(), Completion: &memory{}, PeerHost: "127.0.0.1", Trackers: trackers, Logger: testLog(t),
	}
}

// withDHT waits, after the client has closed, for the DHT's last queries, which end two seconds later.
func withDHT(t testing.TB, cfg *Config, bootstrap ...string) {
	t.Helper()
	cfg.DHT, cfg.DHTBootstrap = true, bootstrap
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { eventually(t, "the DHT's goroutines end", func() bool { return goleak.Find(before) == nil }) })
}

func testLog(t testing.TB) *slog.Logger {
	if !testing.Verbose() {
		return nil
	}
	return slog.New(slog.NewTextHandler(logWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type logWriter struct{ testing.TB }

func (w logWriter) Write(b []byte) (int, error) {
	fmt.Fprint(os.Stderr, w.Name(), " ", string(b))
	return len(b), nil
}

func start(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
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

func add(t testing.TB, c *Client, spec Spec) Torrent {
	t.Helper()
	tor, err := c.Add(spec)
	if err != nil {
		t.Fatal(err)
	}
	return tor
}

// publish imports a site's files into a client and seeds it.
func publish(t testing.TB, c *Client, s *site) Torrent {
	t.Helper()
	files := map[int][]byte{}
	for i, b := range s.files {
		files[i] = b
	}
	addContent(t, c, s, files)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	ready(t, tor)
	eventually(t, "all imported data is verified", func() bool { return complete(tor) })
	return tor
}

// addContent writes some files of a site, without hashing them.
func addContent(t testing.TB, c *Client, s *site, files map[int][]byte) {
	t.Helper()
	in, err := c.Intake()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Discard()
	for i, b := range files {
		f, err := in.Create(i)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Commit(s.hash, 0); err != nil {
		t.Fatal(err)
	}
}

// patience is how long a test waits for what has to come, on a machine that is busy with other things.
const patience = time.Minute

func ready(t testing.TB, tor Torrent) {
	t.Helper()
	enginetest.Receive(t, tor.Ready(), "the torrent to get ready")
}

func complete(tor Torrent) bool {
	i := tor.Info()
	return i != nil && tor.Stats().Completed == i.Size
}

// eventually polls until ok returns true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timeout: %s", what)
		}
	}
}

// same compares all files of a torrent with the site's.
func same(t testing.TB, tor Torrent, s *site) {
	t.Helper()
	for _, f := range tor.Info().Files {
		if got := read(t, tor, f.Index); !bytes.Equal(got, s.files[f.Index]) {
			t.Errorf("file %d: %d bytes differ from %d", f.Index, len(got), len(s.files[f.Index]))
		}
	}
}

func read(t testing.TB, tor Torrent, index int) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := tor.Open(ctx, index, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("file %d: %v", index, err)
	}
	return b
}

// connect makes a client's torrent known to a peer.
func connect(tor Torrent, c *Client) {
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: c.Status().Port}
	tor.(*handle).addPeers(netip.IPv6Loopback(), []netip.AddrPort{addr.AddrPort()}, dial.Given)
}

// fakeTracker is a minimal HTTP tracker.
type fakeTracker struct {
	*httptest.Server
	mu     sync.Mutex
	peers  map[string]map[string]bool // infohash → address
	events []string
}

func newTracker(t testing.TB) *fakeTracker {
	t.Helper()
	f := &fakeTracker{peers: make(map[string]map[string]bool)}
	f.Server = httptest.NewServer(http.HandlerFunc(f.announce))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeTracker) announce(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	f.mu.Lock()
	defer f.mu.Unlock()
	hash := hex.EncodeToString([]byte(q.Get("info_hash")))
	if f.peers[hash] == nil {
		f.peers[hash] = make(map[string]bool)
	}
	f.events = append(f.events, q.Get("event"))
	self := "127.0.0.1:" + q.Get("port")
	if q.Get("event") == "stopped" {
		delete(f.peers[hash], self)
	} else {
		f.peers[hash][self] = true
	}
	var list []map[string]any
	for p := range f.peers[hash] {
		if host, port, _ := strings.Cut(p, ":"); p != self {
			var n int
			_, _ = fmt.Sscan(port, &n)
			list = append(list, map[string]any{"ip": host, "port": n})
		}
	}
	b, _ := bencode.Marshal(map[string]any{"interval": 1800, "peers": list, "complete": 1, "incomplete": 0})
	_, _ = w.Write(b)
}

func (f *fakeTracker) url() string { return f.URL + "/announce" }

func (f *fakeTracker) heard(event string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.events, event)
}
