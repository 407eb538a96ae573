package swarm

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"wtptui/engine/enginetest"
	"wtptui/engine/swarm/utp"
)

// synFlood sends SYNs to a client, from several ports.
type synFlood struct {
	t       testing.TB
	to      net.Addr
	sockets []net.PacketConn
	sent    int
	// probe is not among the sockets: the client resets the unknown connection that its packets name.
	probe net.PacketConn
}

// The flood has 20,000 SYNs a second at most. The library accepts nearly all of those that it gets at this rate; of
// more it would drop most.
const (
	floodBatch = 20
	floodEvery = time.Millisecond
)

func newSYNFlood(t testing.TB, c *Client) *synFlood {
	t.Helper()
	f := &synFlood{t: t, to: udpAddr("127.0.0.1", c.Status().Port)}
	for range 33 {
		s, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		f.sockets = append(f.sockets, s)
	}
	f.probe = f.sockets[32]
	f.sockets = f.sockets[:32]
	return f
}

// batch sends some SYNs, no two of which are the same, and waits until the client has read them.
func (f *synFlood) batch() error {
	for range floodBatch {
		s := f.sockets[f.sent%len(f.sockets)]
		if _, err := s.WriteTo(utpPacket(4, uint16(f.sent/len(f.sockets)*2)), f.to); err != nil {
			return err
		}
		f.sent++
	}
	b := make([]byte, 100)
	for range 60 {
		if _, err := f.probe.WriteTo(utpPacket(2, 7), f.to); err != nil {
			return err
		}
		_ = f.probe.SetReadDeadline(time.Now().Add(time.Second))
		if _, _, err := f.probe.ReadFrom(b); err == nil {
			return nil
		}
	}
	return errors.New("the client does not read any more")
}

// run floods the client until stop is closed, and closes ample when it has sent that many SYNs.
func (f *synFlood) run(many int, ample chan<- struct{}, stop <-chan struct{}) {
	tick := time.NewTicker(floodEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		before := f.sent
		if err := f.batch(); err != nil {
			f.t.Error(err)
			return
		}
		if before < many && f.sent >= many {
			close(ample)
		}
	}
}

// liveBytes returns how much of the heap is in use.
func liveBytes() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestFloodOfSYNs: SYNs that nothing follows take little memory, and a peer that has only uTP gets through meanwhile.
func TestFloodOfSYNs(t *testing.T) {
	syns := 60_000
	if testing.Short() {
		syns = 10_000
	}
	s := newSite(t, 16<<10, 100_000)
	author := start(t, config(t))
	publish(t, author, s)
	author.sockets.listeners[0].Close() // TCP
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	flood := newSYNFlood(t, author)
	ample, stop := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(stop)
	before := liveBytes()
	wg.Go(func() { flood.run(syns, ample, stop) })
	enginetest.Receive(t, ample, "the flood")
	if more := liveBytes() - before; more > 4<<20 {
		t.Errorf("%d SYNs hold %d KB", syns, more>>10)
	}
	connect(tor, author)
	ready(t, tor)
	same(t, tor, s)
}

// TestCrowdOverUTP: many peers of one network, who all come at once and over uTP alone, get through.
func TestCrowdOverUTP(t *testing.T) {
	s := newSite(t, 16<<10, 1000)
	c := start(t, config(t))
	publish(t, c, s)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	to := udpAddr("127.0.0.1", c.Status().Port).String()
	done := make(chan error)
	for range 30 {
		go func() { done <- greetOverUTP(ctx, to, s.raw()) }()
	}
	for range 30 {
		if err := enginetest.Receive(t, done, "a peer to be greeted"); err != nil {
			t.Error(err)
		}
	}
}

// greetOverUTP shakes hands with a client; a peer that is refused tries again.
func greetOverUTP(ctx context.Context, to string, hash metainfo.Hash) error {
	socket, err := utp.Listen("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer socket.Close()
	for {
		if err = greetOnce(ctx, socket, to, hash); err == nil || ctx.Err() != nil {
			return err
		}
	}
}

func greetOnce(ctx context.Context, socket *utp.Socket, to string, hash metainfo.Hash) error {
	conn, err := socket.DialContext(ctx, "", to)
	if err != nil {
		return err
	}
	defer conn.Close()
	id := [20]byte([]byte("-XX0001-" + conn.LocalAddr().String())[:20])
	_, err = pp.Handshake(ctx, conn, &hash, id, pp.PeerExtensionBits{})
	return err
}
