package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

const rtt = 40 * time.Millisecond

var (
	torrentA  = [20]byte{1}
	ourselves = wire.Handshake{Infohash: torrentA, PeerID: [20]byte{2}, Extended: true, Fast: true}
)

// host defines what happens when a peer is dialed over TCP and over uTP.
type host struct{ tcp, utp end }

// end defines what happens when a peer is dialed in one way: the dial fails, or the connection is served.
type end struct {
	refused error // errNobody if nobody answers
	serve   func(c net.Conn)
}

var (
	errNobody = errors.New("nobody answers")
	refuses   = end{refused: syscall.ECONNREFUSED}
	nobody    = end{refused: errNobody}
	silent    = end{serve: drain}
	hangsUp   = end{serve: func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }}
	// Those who take some kinds of handshakes, for the right torrent.
	takesAll = end{serve: accept(false, true)}
	takesMSE = end{serve: accept(true, true)}
	// takesPlain hangs up on what is not a plain handshake.
	takesPlain = end{serve: accept(false, false)}
	other      = end{serve: func(c net.Conn) {
		head := append([]byte("\x13BitTorrent protocol"), make([]byte, 48)...)
		_, _ = io.ReadFull(c, make([]byte, len(head)))
		_, _ = c.Write(head)
		drain(c)
	}}
)

func drain(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func accept(onlyMSE, mse bool) func(c net.Conn) {
	return func(c net.Conn) {
		if !mse {
			first := make([]byte, 8)
			if _, err := io.ReadFull(c, first); err != nil || string(first) != "\x13BitTorr" {
				return
			}
			c = &unread{c, first}
		}
		_, err := wire.Accept(context.Background(), c, acceptOptions(onlyMSE))
		if err == nil {
			drain(c)
		}
	}
}

func acceptOptions(onlyMSE bool) wire.AcceptOptions {
	return wire.AcceptOptions{
		Ours: func(infohash [20]byte) (wire.Handshake, bool) {
			return wire.Handshake{Infohash: infohash, PeerID: [20]byte{3}, Extended: true}, infohash == torrentA
		},
		Infohashes: slices.Values([][20]byte{torrentA}),
		RequireMSE: onlyMSE,
	}
}

// unread is a connection of which some bytes have been read already.
type unread struct {
	net.Conn
	first []byte
}

func (u *unread) Read(b []byte) (int, error) {
	if len(u.first) > 0 {
		n := copy(b, u.first)
		u.first = u.first[n:]
		return n, nil
	}
	return u.Conn.Read(b)
}

// network is a simulated network in which all hosts are a round trip away.
type network struct {
	hosts func(peer netip.AddrPort) host
	wg    sync.WaitGroup

	mu         sync.Mutex
	open, most int // connections, and those in the making
	dials      []dialed
}

type dialed struct {
	via  engine.Via
	peer netip.AddrPort
	at   time.Time
}

func (n *network) ways() []Way {
	way := func(via engine.Via, of func(host) end) Way {
		return Way{Via: via, Family: 4, Dial: func(ctx context.Context, peer netip.AddrPort) (net.Conn, error) {
			return n.dial(ctx, via, peer, of(n.hosts(peer)))
		}}
	}
	return []Way{
		way(engine.TCP, func(h host) end { return h.tcp }),
		way(engine.UTP, func(h host) end { return h.utp }),
	}
}

func (n *network) dial(ctx context.Context, via engine.Via, peer netip.AddrPort, e end) (net.Conn, error) {
	n.mu.Lock()
	n.open++
	n.most = max(n.most, n.open)
	n.dials = append(n.dials, dialed{via, peer, time.Now()})
	n.mu.Unlock()
	closed := sync.OnceFunc(func() {
		n.mu.Lock()
		n.open--
		n.mu.Unlock()
	})
	arrives := time.After(rtt)
	if errors.Is(e.refused, errNobody) {
		arrives = nil
	}
	select {
	case <-arrives:
	case <-ctx.Done():
		closed()
		return nil, ctx.Err()
	}
	if e.refused != nil {
		closed()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: e.refused}
	}
	ours, theirs := net.Pipe()
	c := newFar(theirs)
	n.wg.Go(c.deliver)
	n.wg.Go(func() {
		defer c.Close()
		e.serve(c)
	})
	return &tracked{ours, closed}, nil
}

// far is a connection that delays what is written by a round trip.
type far struct {
	net.Conn
	sent chan chunk
}

type chunk struct {
	data    []byte
	arrives time.Time
}

func newFar(c net.Conn) *far { return &far{c, make(chan chunk, 100)} }

// Write implements net.Conn.
func (f *far) Write(b []byte) (int, error) {
	f.sent <- chunk{slices.Clone(b), time.Now().Add(rtt)}
	return len(b), nil
}

// Close implements net.Conn. It may be called more than once, but not together with Write.
func (f *far) Close() error {
	f.sent <- chunk{nil, time.Now().Add(rtt)}
	return nil
}

// deliver passes on what is written, until the end.
func (f *far) deliver() {
	defer f.Conn.Close()
	for c := range f.sent {
		<-time.After(time.Until(c.arrives))
		if c.data == nil {
			return
		}
		if _, err := f.Conn.Write(c.data); err != nil {
			return
		}
	}
}

type tracked struct {
	net.Conn
	closed func()
}

func (c *tracked) Close() error {
	c.closed()
	return c.Conn.Close()
}

// tried returns the ways in which peers were dialed, in order.
func (n *network) tried() (vias []engine.Via) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, d := range n.dials {
		vias = append(vias, d.via)
	}
	return vias
}

// end closes the dialer and checks that nothing is left of all dials.
func (n *network) end(t *testing.T, d *Dialer) {
	t.Helper()
	d.Close()
	n.wg.Wait()
	if n.open != 0 {
		t.Errorf("%d connections are left open", n.open)
	}
}
