package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/utp"
	"wtptui/engine/swarm/wire"
)

// listener accepts connections over TCP, uTP or both on one port of this machine.
type listener struct {
	t      *testing.T
	port   uint16
	socket *utp.Socket
	tcp    net.Listener
	wg     sync.WaitGroup
}

func listen(t *testing.T, overTCP bool, o wire.AcceptOptions) *listener {
	t.Helper()
	l := &listener{t: t}
	p, err := l.open(overTCP)
	for errors.Is(err, syscall.EADDRINUSE) { // Somebody else has the same port of TCP.
		p, err = l.open(overTCP)
	}
	must(t, err)
	l.socket, err = utp.New(p)
	must(t, err)
	l.wg.Go(func() { l.serve(l.socket.Accept, o) })
	t.Cleanup(l.wg.Wait)
	t.Cleanup(func() { _ = l.socket.Close() })
	if overTCP {
		l.wg.Go(func() { l.serve(l.tcp.Accept, o) })
		t.Cleanup(func() { _ = l.tcp.Close() })
	}
	return l
}

// open listens on a UDP port, and on the TCP port of the same number.
func (l *listener) open(overTCP bool) (net.PacketConn, error) {
	p, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l.port = uint16(p.LocalAddr().(*net.UDPAddr).Port)
	if overTCP {
		if l.tcp, err = net.Listen("tcp4", l.addr().String()); err != nil {
			_ = p.Close()
		}
	}
	return p, err
}

func (l *listener) addr() netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), l.port)
}

// serve accepts handshakes, and holds each connection until the other side ends it.
func (l *listener) serve(next func() (net.Conn, error), o wire.AcceptOptions) {
	for {
		c, err := next()
		if err != nil {
			return
		}
		l.wg.Go(func() {
			defer c.Close()
			if _, err := wire.Accept(l.t.Context(), c, o); err == nil {
				drain(c)
			}
		})
	}
}

func (l *listener) ways() []Way {
	dialer := &net.Dialer{FallbackDelay: -1, KeepAlive: -1}
	return []Way{
		{Via: engine.TCP, Family: 4, Dial: func(ctx context.Context, peer netip.AddrPort) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp4", peer.String())
		}},
		{Via: engine.UTP, Family: 4, Dial: func(ctx context.Context, peer netip.AddrPort) (net.Conn, error) {
			return l.socket.DialContext(ctx, "udp4", peer.String())
		}},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Over real sockets a peer is reached in the way that it supports, within a second even the first time.
func TestDialOverLoopback(t *testing.T) {
	for name, c := range map[string]struct {
		overTCP, onlyMSE bool
		via              engine.Via
	}{
		"TCP":              {true, false, tcp},
		"uTP only":         {false, false, uTP},
		"TCP with MSE":     {true, true, tcp},
		"uTP only and MSE": {false, true, uTP},
	} {
		t.Run(name, func(t *testing.T) {
			theirs := listen(t, c.overTCP, acceptOptions(c.onlyMSE))
			ours := listen(t, false, acceptOptions(false))
			d := New(Config{Ways: ours.ways()})
			defer d.Close()
			for range 3 {
				began := time.Now()
				conn, via, err := d.Dial(t.Context(), theirs.addr(), ourselves)
				must(t, err)
				t.Log(via, time.Since(began))
				if via != c.via || conn.Obfuscated() != c.onlyMSE {
					t.Errorf("met over %v, obfuscated %v", via, conn.Obfuscated())
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("it took %v", took)
				}
				conn.Close()
			}
		})
	}
}

// A dial to a closed port fails at once, and a dial without an answer can be cancelled.
func TestDialClosedPortOverLoopback(t *testing.T) {
	ours := listen(t, false, acceptOptions(false))
	gone, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	must(t, gone.Close())
	d := New(Config{Ways: ours.ways(), Timeout: 500 * time.Millisecond})
	defer d.Close()
	addr := netip.MustParseAddrPort(gone.Addr().String())
	if _, _, err := d.Dial(t.Context(), addr, ourselves); err == nil {
		t.Error("nobody was met")
	} else {
		t.Log(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, err := d.Dial(ctx, addr, ourselves); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
