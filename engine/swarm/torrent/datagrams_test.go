package torrent

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/utp"
	"wtptui/engine/swarm/wire"
)

// mostQueued is for how long datagrams queue up before a slow line, as before a modem: what comes then is lost.
const mostQueued = 250 * time.Millisecond

// datagramBuffer is for what a socket is asked to buffer, in bytes. The system gives what it allows.
const datagramBuffer = 4 << 20

// udpProxy is a UDP proxy in this process, for one caller at a time, that adds round-trip time, and bounds the rate
// towards the caller.
type udpProxy struct {
	addr netip.AddrPort
	near *net.UDPConn // where the caller is
	far  *net.UDPConn // where the target is

	mu     sync.Mutex
	caller netip.AddrPort // whoever has called last
}

// newUDPProxy serves until the test ends.
func newUDPProxy(t testing.TB, target netip.AddrPort, rtt time.Duration, rate int64) *udpProxy {
	t.Helper()
	near, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	far, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(target))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*net.UDPConn{near, far} {
		_ = c.SetReadBuffer(datagramBuffer)
	}
	d := &udpProxy{addr: near.LocalAddr().(*net.UDPAddr).AddrPort(), near: near, far: far}
	var wg sync.WaitGroup
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
		wg.Wait()
	})
	out, back := make(chan parcel, 1<<14), make(chan parcel, 1<<14)
	wg.Go(func() {
		defer close(out)
		d.readDatagrams(near, out, rtt/2, 0, d.setCaller)
	})
	wg.Go(func() { carry(out, func(b []byte) { _, _ = far.Write(b) }) })
	wg.Go(func() {
		defer close(back)
		d.readDatagrams(far, back, rtt/2, rate, func(netip.AddrPort) {})
	})
	wg.Go(func() { carry(back, d.sendToCaller) })
	return d
}

func (d *udpProxy) setCaller(from netip.AddrPort) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.caller = from
}

func (d *udpProxy) sendToCaller(b []byte) {
	d.mu.Lock()
	to := d.caller
	d.mu.Unlock()
	_, _ = d.near.WriteToUDPAddrPort(b, to)
}

// readDatagrams forwards each datagram with the time when it is due at the other side, until the socket is closed.
func (d *udpProxy) readDatagrams(
	c *net.UDPConn, way chan<- parcel, delay time.Duration, rate int64, from func(netip.AddrPort),
) {
	var free time.Time // when the line is
	for {
		b := make([]byte, 2048)
		n, addr, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // Nobody listens there any more.
		}
		from(addr)
		now := time.Now()
		if rate > 0 {
			if free.Before(now) {
				free = now
			}
			if free.Sub(now) > mostQueued {
				continue
			}
			free = free.Add(time.Duration(n) * time.Second / time.Duration(rate))
			now = free
		}
		way <- parcel{now.Add(delay), b[:n]}
	}
}

func carry(way <-chan parcel, deliver func([]byte)) {
	for p := range way {
		time.Sleep(time.Until(p.due))
		deliver(p.data)
	}
}

// utpDialer dials over uTP, without encryption.
type utpDialer struct{ socket *utp.Socket }

func newUTPDialer(t testing.TB) *utpDialer {
	t.Helper()
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadBuffer(datagramBuffer)
	s, err := utp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &utpDialer{s}
}

func (u *utpDialer) Dial(
	ctx context.Context, peer netip.AddrPort, ours wire.Handshake,
) (*wire.Conn, engine.Via, error) {
	c, err := u.socket.DialContext(ctx, "udp4", peer.String())
	if err != nil {
		return nil, engine.UTP, err
	}
	w, err := wire.Dial(ctx, c, ours, false)
	return w, engine.UTP, err
}
