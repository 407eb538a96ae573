package torrent

import (
	"cmp"
	"context"
	"crypto/sha1"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/swarm/copies"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/disk"
	"wtptui/engine/swarm/wire"
)

// site is a torrent to test with: one file of random bytes.
type site struct {
	hash   [20]byte
	info   []byte
	layout wire.Layout
	sums   []byte
	bytes  []byte
}

// newSite returns a site whose bytes depend on the seed alone.
func newSite(t testing.TB, size, pieceLength int, seed byte) *site {
	t.Helper()
	s := &site{bytes: make([]byte, size)}
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(s.bytes)
	for piece := range slices.Chunk(s.bytes, pieceLength) {
		sum := sha1.Sum(piece)
		s.sums = append(s.sums, sum[:]...)
	}
	info := metainfo.Info{Name: "site.bin", Length: int64(size), PieceLength: int64(pieceLength), Pieces: s.sums}
	s.info = bencode.MustMarshal(info)
	s.hash = sha1.Sum(s.info)
	s.layout = wire.Layout{Pieces: len(s.sums) / sha1.Size, PieceLength: int64(pieceLength), Size: int64(size)}
	return s
}

// right reports whether a piece has this hash.
func (s *site) right(piece int, sum [20]byte) bool {
	return string(s.sums[piece*20:piece*20+20]) == string(sum[:])
}

// noCompletion is a Completion that stores nothing.
type noCompletion struct{}

func (noCompletion) Get([20]byte, int) (complete, known bool) { return false, false }

func (noCompletion) Set([20]byte, []int, bool) error { return nil }

// newData opens data of a site on the disk, complete or empty.
func newData(t testing.TB, s *site, whole bool) *disk.Torrent {
	t.Helper()
	store, err := disk.New(disk.Options{
		Dir: t.TempDir(), Completion: noCompletion{}, MaxOpen: 16, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	d, err := store.Open(s.hash, disk.Layout{
		PieceLength: s.layout.PieceLength, Pieces: s.layout.Pieces, Files: []disk.File{{Length: s.layout.Size}},
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if whole {
		if _, err := d.WriteAt(s.bytes, 0); err != nil {
			t.Fatal(err)
		}
		for i := range s.layout.Pieces {
			d.Complete(i)
		}
	}
	return d
}

func (s *site) content(d Data) Content {
	return Content{Info: s.info, Layout: s.layout, VerifyHash: s.right, Data: d}
}

// node is one torrent with its events, and perhaps a listener.
type node struct {
	*Torrent
	site *site
	data data
	id   [20]byte
	addr netip.AddrPort
	via  engine.Via // of those who call

	finished, gotInfo chan struct{}
	checked           chan struct{}
	failed            chan error // of writing
	once              [3]sync.Once
	blocks            atomic.Int64

	mu     sync.Mutex
	pieces map[int]chan struct{}
	blamed []netip.Addr
	news   chan struct{} // has a value when a piece has come
	copies copies.Counter
}

var lastID atomic.Uint32

// newID returns an id that no other peer has.
func newID() [20]byte {
	n := lastID.Add(1)
	return [20]byte{'-', 'T', 'T', 18: byte(n >> 8), 19: byte(n)}
}

// data is a torrent's Data that reports completed pieces.
type data interface {
	Data
	OnComplete(f func(piece int))
}

// options configure a node.
type options struct {
	data     data // on the disk if it is nil
	complete bool // it has everything
	magnet   bool // it is told nothing of the content
	dialer   Dialer
	max      int
	noPEX    bool // it calls nobody whom peers name
	up       *rate.Limiter
	limit    *wire.Limit // in place of up
	port     uint16
	room     ConnLimit
	via      engine.Via // of those who call; TCP if it is empty
}

func newNode(t testing.TB, s *site, o options) *node {
	t.Helper()
	if o.data == nil {
		o.data = newData(t, s, o.complete)
	}
	n := &node{
		site: s, data: o.data, via: cmp.Or(o.via, engine.TCP),
		finished: make(chan struct{}), gotInfo: make(chan struct{}), checked: make(chan struct{}),
		failed: make(chan error, 1024), pieces: make(map[int]chan struct{}), news: make(chan struct{}, 1),
	}
	n.data.OnComplete(n.handleComplete)
	n.id = newID()
	cfg := Config{
		Handshake: wire.Handshake{Infohash: s.hash, PeerID: n.id, Extended: true, Fast: true}, Client: "test",
		Port: o.port, Dialer: o.dialer,
		MaxPeers: cmp.Or(o.max, 50), Up: cmp.Or(o.limit, wire.NewLimit(o.up)), ConnLimit: o.room,
		AdmitPEX: func(netip.Addr, netip.AddrPort) bool { return !o.noPEX }, Events: n,
		Log: slog.New(slog.DiscardHandler),
	}
	if cfg.Dialer == nil {
		cfg.Dialer = tcpDialer{}
	}
	n.Torrent = New(cfg)
	t.Cleanup(n.Close)
	if !o.magnet {
		n.Open(s.content(n.data))
	}
	return n
}

// disconnectPeer ends the connection to a peer.
func (n *node) disconnectPeer(address string) {
	n.run(func(o *owner) {
		for p := range o.peers {
			if p.name == address {
				o.disconnect(p)
			}
		}
	})
}

// listen accepts peers on loopback.
func (n *node) listen(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.addr = l.Addr().(*net.TCPAddr).AddrPort()
	n.serve(t, l)
}

func (n *node) serve(t testing.TB, l net.Listener) {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				w, err := wire.Accept(ctx, c, wire.AcceptOptions{
					Ours: func(h [20]byte) (wire.Handshake, bool) {
						return wire.Handshake{Infohash: h, PeerID: n.id, Extended: true, Fast: true}, h == n.site.hash
					},
					Infohashes: maps.Keys(map[[20]byte]bool{n.site.hash: true}),
				})
				if err == nil {
					n.AddConn(w, n.via, incoming)
				}
			})
		}
	})
}

// InfoReceived implements Events. It opens the content of a magnet link.
func (n *node) InfoReceived(raw []byte) bool {
	if sha1.Sum(raw) != n.site.hash {
		return false
	}
	n.once[0].Do(func() { close(n.gotInfo) })
	go n.Open(n.site.content(n.data))
	return true
}

// BlockReceived, and the methods that follow, implement Events.
func (n *node) BlockReceived(int, int, string) { n.blocks.Add(1) }

func (n *node) handleComplete(piece int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	select {
	case n.news <- struct{}{}:
	default:
	}
	if ch := n.pieces[piece]; ch != nil {
		close(ch)
		delete(n.pieces, piece)
	}
}

func (n *node) Finished() { n.once[1].Do(func() { close(n.finished) }) }

func (n *node) WriteFailed(err error) { n.failed <- err }

func (n *node) SenderChecked(_ [20]byte, addr netip.Addr, right bool) {
	if right {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.blamed = append(n.blamed, addr)
}

func (n *node) Checked() { n.once[2].Do(func() { close(n.checked) }) }

func (n *node) NodeFound(netip.AddrPort) {}

func (n *node) PeerSighted(s copies.Sighting) { n.copies.PeerSighted(s, time.Now()) }

func (n *node) PeerDialed([20]byte, netip.Addr) bool { return true }

// pieceCompletion returns a channel that is closed when a piece is here.
func (n *node) pieceCompletion(piece int) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	ch := make(chan struct{})
	if done, _ := n.data.Piece(piece); done {
		close(ch)
		return ch
	}
	if old := n.pieces[piece]; old != nil {
		return old
	}
	n.pieces[piece] = ch
	return ch
}

// tcpDialer dials over TCP.
type tcpDialer struct{ obfuscate bool }

func (d tcpDialer) Dial(
	ctx context.Context, peer netip.AddrPort, ours wire.Handshake,
) (*wire.Conn, engine.Via, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", peer.String())
	if err != nil {
		return nil, engine.TCP, err
	}
	w, err := wire.Dial(ctx, c, ours, d.obfuscate)
	return w, engine.TCP, err
}

// addGivenPeers adds peers as a person would.
func (n *node) addGivenPeers(addrs ...netip.AddrPort) { n.AddFound(dial.Given, addrs) }
