package netsim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	packetMax  = 65507     // bytes of UDP over IPv4
	packetsMax = 256 << 10 // bytes that wait to be read from a socket
)

// packetConn is a UDP socket.
type packetConn struct {
	host    *Host
	port    uint16
	out, in []packet
	waiting int // bytes in in
	changed bool
	closed  bool
	cond    sync.Cond
	readBy  deadline
	random  *rand.Rand
}

type packet struct {
	data []byte
	peer netip.AddrPort
}

// Packet opens a UDP socket at a port; at any free one if port is 0. Packets are lost, delayed and dropped by full
// queues, and they overtake each other where there is jitter. One that is sent to a multicast address reaches the
// sockets of that port on the other hosts at home.
func (h *Host) Packet(port uint16) (net.PacketConn, error) {
	n := h.net
	n.mu.Lock()
	defer n.mu.Unlock()
	port, err := h.bind("udp", port, h.sockets[port] != nil)
	if err != nil {
		return nil, err
	}
	s := &packetConn{host: h, port: port, random: n.random(h.id<<32|uint64(port), 3)}
	s.cond.L = &n.mu
	s.readBy.init(n, &s.cond)
	h.sockets[port] = s
	return s, nil
}

func (s *packetConn) LocalAddr() net.Addr {
	return net.UDPAddrFromAddrPort(netip.AddrPortFrom(s.host.addr, s.port))
}

func (s *packetConn) fault(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: s.LocalAddr(), Err: err}
}

// WriteTo implements net.PacketConn. It never waits. addr must be a *net.UDPAddr.
func (s *packetConn) WriteTo(p []byte, addr net.Addr) (int, error) {
	udp, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, s.fault("write", fmt.Errorf("netsim: %v is not the address of a UDP socket", addr))
	}
	if len(p) > packetMax {
		return 0, s.fault("write", os.NewSyscallError("sendto", syscall.EMSGSIZE))
	}
	to := udp.AddrPort()
	n := s.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.closed {
		return 0, s.fault("write", net.ErrClosed)
	}
	s.out = append(s.out, packet{slices.Clone(p), netip.AddrPortFrom(to.Addr().Unmap(), to.Port())})
	if !s.changed {
		s.changed = true
		n.change(s)
	}
	return len(p), nil
}

func (s *packetConn) rank() [3]uint64 { return [3]uint64{3, s.host.id, uint64(s.port)} }

func (s *packetConn) apply() {
	s.changed = false
	for _, p := range s.out {
		s.send(p)
	}
	clear(s.out)
	s.out = s.out[:0]
}

// send sends a packet to its peer, or to all at home.
func (s *packetConn) send(p packet) {
	h := s.host
	if h.isOff {
		return
	}
	own := netip.AddrPortFrom(h.addr, s.port)
	if p.peer.Addr().IsMulticast() {
		for _, neighbour := range h.edge().homeHosts {
			if to := neighbour.sockets[p.peer.Port()]; to != nil && neighbour != h {
				s.move(p.data, neighbour, func() *packetConn { return to }, own)
			}
		}
		return
	}
	to := h.hostAt(p.peer.Addr())
	if to == nil {
		return
	}
	port := p.peer.Port()
	if to.edge() == h.edge() {
		s.move(p.data, to, func() *packetConn { return to.sockets[port] }, own)
		return
	}
	from := h.edge().nat.translate(s, p.peer)
	inside := to
	if m := to.nat.mappings[port]; m != nil {
		inside = m.host
	}
	s.move(p.data, inside, func() *packetConn { return to.nat.socketFor(port, from) }, from)
}

// move moves a packet through the network to a host, and there to the socket that it is for.
func (s *packetConn) move(data []byte, to *Host, socket func() *packetConn, from netip.AddrPort) {
	n, r := s.host.net, s.host.routeTo(to)
	size := max(int64(len(data)), minFrame)
	// TCP keeps the queue full but leaves a little room.
	if r.up.rate > 0 && r.up.backlog() >= r.up.queue+r.up.queue/4+int64(time.Millisecond) {
		return
	}
	leaves, _ := r.up.enqueue(size)
	s.host.stats.Out += int64(len(data))
	if r.loss > 0 && s.random.Float64() >= math.Pow(1-r.loss, float64((size+mss-1)/mss)) {
		return
	}
	arrives := leaves + r.latency
	if r.jitter > 0 {
		arrives += s.random.Int64N(r.jitter + 1)
	}
	n.call(arrives, func() {
		if r.down.overflows(0) {
			return
		}
		leaves, _ := r.down.enqueue(size)
		n.call(leaves, func() {
			if receiver := socket(); receiver != nil {
				receiver.receive(packet{data, from})
			}
		})
	})
}

func (s *packetConn) receive(p packet) {
	if s.closed || s.host.isOff || s.waiting+len(p.data) > packetsMax {
		return
	}
	s.host.stats.In += int64(len(p.data))
	s.waiting += len(p.data)
	s.in = append(s.in, p)
	s.cond.Broadcast()
}

// ReadFrom implements net.PacketConn. What does not fit into p is lost.
func (s *packetConn) ReadFrom(p []byte) (int, net.Addr, error) {
	s.host.net.mu.Lock()
	defer s.host.net.mu.Unlock()
	for {
		switch {
		case s.closed:
			return 0, nil, s.fault("read", net.ErrClosed)
		case s.readBy.passed():
			return 0, nil, s.fault("read", os.ErrDeadlineExceeded)
		case len(s.in) > 0:
			first := s.in[0]
			s.in = slices.Delete(s.in, 0, 1)
			s.waiting -= len(first.data)
			return copy(p, first.data), net.UDPAddrFromAddrPort(first.peer), nil
		}
		s.cond.Wait()
	}
}

// Close implements net.PacketConn. What was sent still arrives.
func (s *packetConn) Close() error {
	s.host.net.mu.Lock()
	defer s.host.net.mu.Unlock()
	if s.closed {
		return s.fault("close", net.ErrClosed)
	}
	s.shut()
	return nil
}

func (s *packetConn) shut() {
	s.closed = true
	delete(s.host.sockets, s.port)
	s.in = nil
	s.cond.Broadcast()
}

// SetDeadline implements net.PacketConn. Writes never wait.
func (s *packetConn) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (s *packetConn) SetReadDeadline(t time.Time) error {
	s.host.net.mu.Lock()
	defer s.host.net.mu.Unlock()
	if s.closed {
		return s.fault("set deadline", net.ErrClosed)
	}
	s.readBy.set(t)
	return nil
}

// SetWriteDeadline implements net.PacketConn.
func (s *packetConn) SetWriteDeadline(time.Time) error { return nil }
