package swarm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/utp"
)

// Handshakes that may be under way from one network (a /24, or a /64 of IPv6), and from all: a crowd may well come from
// one company or one provider's gateway, but it does not take everybody else's place. Clients that try TCP and uTP at
// the same time, as this one does, leave one of the two unfinished.
const (
	handshakesPerNetwork = 64
	handshakesInAll      = 256
)

// datagramBuffer is for how many bytes of datagrams the system is asked to make room, beside their overhead.
const datagramBuffer = 2 << 20

// sockets are what peers are met through: TCP and uTP (BEP 29) on the same port, over IPv4 and IPv6. They count the
// incoming connections that have not shaken hands yet.
type sockets struct {
	log       *slog.Logger
	listeners []net.Listener
	packets   []packetSocket // uTP, and the DHT beside it
	port      int
	// mostPending bounds incoming handshakes that are under way, mostFrom those from one network.
	mostPending, mostFrom int
	addresses             addressFilter // which are dialed
	offenders             offenders

	mu      sync.Mutex
	closed  bool
	pending map[net.Conn]netip.Prefix // incoming handshakes under way, and where they come from
	from    map[netip.Prefix]int      // how many of them came from where
}

// packetSocket is a uTP socket of one family.
type packetSocket struct {
	*utp.Socket
	network string
}

// errPortTaken means that the next port may work.
var errPortTaken = errors.New("the port is taken")

// openSockets listens on a port, the same for TCP and UDP; 0 picks one. A family that the host does not have is left
// out.
func openSockets(host string, port, mostPending int, log *slog.Logger) (*sockets, error) {
	s := &sockets{
		log: log, port: port, mostPending: mostPending,
		mostFrom: min(max(mostPending/4, handshakesPerNetwork/4), handshakesPerNetwork),
		pending:  make(map[net.Conn]netip.Prefix), from: make(map[netip.Prefix]int),
	}
	var missing error
	for _, family := range []string{"4", "6"} {
		if !mayListen(host, family) {
			continue
		}
		err := s.open(host, family)
		if isInUse(err) {
			s.close()
			return nil, fmt.Errorf("%w: %w", errPortTaken, err)
		}
		missing = errors.Join(missing, err)
	}
	if len(s.listeners) == 0 {
		s.close()
		return nil, missing
	}
	return s, nil
}

func mayListen(host, family string) bool {
	ip, err := netip.ParseAddr(host)
	return err != nil || ip.Unmap().Is4() == (family == "4")
}

func (s *sockets) open(host, family string) error {
	address := net.JoinHostPort(host, strconv.Itoa(s.port))
	l, err := net.Listen("tcp"+family, address)
	if err != nil {
		return err
	}
	port := l.Addr().(*net.TCPAddr).Port
	p, err := listenPackets("udp"+family, net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		l.Close()
		return err
	}
	u, err := utp.New(newSYNFilter(p, time.Now, s.mayBegin))
	if err != nil {
		l.Close()
		p.Close()
		return err
	}
	s.port = port
	s.listeners = append(s.listeners, l)
	s.packets = append(s.packets, packetSocket{u, "udp" + family})
	return nil
}

// listenPackets listens for datagrams. A peer sends as many at once as it thinks fit, hundreds if it is near: each that
// has no room costs it a round trip or a second, and half of its rate.
func listenPackets(network, address string) (net.PacketConn, error) {
	p, err := net.ListenPacket(network, address)
	if u, ok := p.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(datagramBuffer) // The system gives what it allows.
	}
	return p, err
}

// ways are how peers can be called from here.
func (s *sockets) ways() []dial.Way {
	var ways []dial.Way
	for _, l := range s.listeners {
		family, network := 4, "tcp4"
		if l.Addr().(*net.TCPAddr).IP.To4() == nil {
			family, network = 6, "tcp6"
		}
		dialer := &net.Dialer{FallbackDelay: -1, KeepAlive: -1}
		call := func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
			return dialer.DialContext(ctx, network, a.String())
		}
		ways = append(ways, dial.Way{Via: engine.TCP, Family: family, Dial: call})
	}
	for _, p := range s.packets {
		family := 4
		if p.network == "udp6" {
			family = 6
		}
		call := func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
			return p.DialContext(ctx, p.network, a.String())
		}
		ways = append(ways, dial.Way{Via: engine.UTP, Family: family, Dial: call})
	}
	return ways
}

// allowed says why a peer is not to be called; nil if it may be.
func (s *sockets) allowed(peer netip.AddrPort) error {
	switch {
	case !s.addresses.allows(peer):
		return errStranger
	case s.offenders.isAddrBanned(peer.Addr().Unmap(), time.Now()):
		return errLiars
	}
	return nil
}

// isOwn reports whether an address is one at which these sockets listen.
func (s *sockets) isOwn(a netip.AddrPort) bool {
	return int(a.Port()) == s.port && (a.Addr().Unmap().IsLoopback() || s.addresses.isOwn(a.Addr()))
}

// close ends all sockets, and the connections that have not shaken hands.
func (s *sockets) close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.pending {
		_ = c.Close()
	}
	s.mu.Unlock()
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for _, p := range s.packets {
		_ = p.Close()
	}
}

// begin notes an incoming connection that has to shake hands. It reports false when that is one too many, or nobody at
// that address is met.
func (s *sockets) begin(c net.Conn) bool {
	if ap, ok := addrPort(c.RemoteAddr()); ok && s.offenders.isAddrBanned(ap.Addr(), time.Now()) {
		return false
	}
	origin := originOf(c.RemoteAddr())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.atLimit(origin) {
		return false
	}
	s.from[origin]++
	s.pending[c] = origin
	return true
}

// shaken notes that a handshake has ended, one way or the other.
func (s *sockets) shaken(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	origin, waiting := s.pending[c]
	if !waiting {
		return
	}
	delete(s.pending, c)
	if s.from[origin]--; s.from[origin] == 0 {
		delete(s.from, origin)
	}
}

// mayBegin reports whether one more incoming handshake may begin from a network.
func (s *sockets) mayBegin(network netip.Prefix) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.atLimit(network)
}

func (s *sockets) atLimit(network netip.Prefix) bool {
	return s.from[network] >= s.mostFrom || len(s.pending) >= s.mostPending
}

func originOf(a net.Addr) netip.Prefix {
	ap, ok := addrPort(a)
	if !ok {
		return netip.Prefix{}
	}
	return networkOf(ap.Addr())
}

// networkOf returns the network that an address counts as a part of: a /24, or a /64 of IPv6.
func networkOf(ip netip.Addr) netip.Prefix {
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	network, _ := ip.Prefix(bits)
	return network
}
