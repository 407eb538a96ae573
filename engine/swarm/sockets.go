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

// Limits of the handshakes in progress from one network (a /24, or a /64 of IPv6), and in all. A crowd may well come
// from one company or one provider's gateway, but must not use up the handshakes of everybody else. Clients that try
// TCP and uTP at the same time, as this one does, leave one of the two unfinished.
const (
	maxHandshakesPerNetwork = 64
	maxHandshakes           = 256
)

// datagramBuffer is the requested size of the receive buffers in bytes.
const datagramBuffer = 2 << 20

// sockets holds the sockets for peers: TCP and uTP (BEP 29) on the same port, over IPv4 and IPv6. It counts the
// incoming connections that have not shaken hands yet.
type sockets struct {
	log       *slog.Logger
	listeners []net.Listener
	packets   []packetSocket // uTP, shared with the DHT
	port      int
	// maxPending limits the incoming handshakes in progress, maxPerNetwork those from one network.
	maxPending, maxPerNetwork int
	addresses                 addressFilter // decides which addresses are dialed
	offenders                 offenders

	mu                sync.Mutex
	closed            bool
	pending           map[net.Conn]netip.Prefix // incoming handshakes in progress, and their networks
	pendingPerNetwork map[netip.Prefix]int      // number of them by network
}

// packetSocket is a uTP socket of one address family.
type packetSocket struct {
	*utp.Socket
	network string
}

// errPortTaken reports that the port is in use; the next one may be free.
var errPortTaken = errors.New("the port is taken")

// openSockets listens on a port, the same for TCP and UDP; 0 picks one. Address families that the host does not have
// are skipped.
func openSockets(host string, port, maxPending int, log *slog.Logger) (*sockets, error) {
	s := &sockets{
		log: log, port: port, maxPending: maxPending,
		maxPerNetwork: min(max(maxPending/4, maxHandshakesPerNetwork/4), maxHandshakesPerNetwork),
		pending:       make(map[net.Conn]netip.Prefix), pendingPerNetwork: make(map[netip.Prefix]int),
	}
	var missing error
	for _, family := range []string{"4", "6"} {
		if !matchesFamily(host, family) {
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

func matchesFamily(host, family string) bool {
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
	u, err := utp.New(newSYNFilter(p, time.Now, s.canStartHandshake))
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

// listenPackets listens for datagrams. A peer sends bursts of hundreds if it is near. Each dropped datagram costs it a
// round trip or a second, and half of its rate.
func listenPackets(network, address string) (net.PacketConn, error) {
	p, err := net.ListenPacket(network, address)
	if u, ok := p.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(datagramBuffer) // The system may grant less.
	}
	return p, err
}

// dialWays returns the ways to dial peers.
func (s *sockets) dialWays() []dial.Way {
	var ways []dial.Way
	for _, l := range s.listeners {
		family, network := 4, "tcp4"
		if l.Addr().(*net.TCPAddr).IP.To4() == nil {
			family, network = 6, "tcp6"
		}
		dialer := &net.Dialer{FallbackDelay: -1, KeepAlive: -1}
		dialFunc := func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
			return dialer.DialContext(ctx, network, a.String())
		}
		ways = append(ways, dial.Way{Via: engine.TCP, Family: family, Dial: dialFunc})
	}
	for _, p := range s.packets {
		family := 4
		if p.network == "udp6" {
			family = 6
		}
		dialFunc := func(ctx context.Context, a netip.AddrPort) (net.Conn, error) {
			return p.DialContext(ctx, p.network, a.String())
		}
		ways = append(ways, dial.Way{Via: engine.UTP, Family: family, Dial: dialFunc})
	}
	return ways
}

// checkAddr returns an error if a peer must not be dialed.
func (s *sockets) checkAddr(peer netip.AddrPort) error {
	switch {
	case !s.addresses.allows(peer):
		return errPrivateAddr
	case s.offenders.isAddrBanned(peer.Addr().Unmap(), time.Now()):
		return errBannedAddr
	}
	return nil
}

// isOwn reports whether these sockets listen on an address.
func (s *sockets) isOwn(a netip.AddrPort) bool {
	return int(a.Port()) == s.port && (a.Addr().Unmap().IsLoopback() || s.addresses.isOwn(a.Addr()))
}

// close closes all sockets, and the connections that have not shaken hands.
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

// startHandshake records an incoming connection that has to shake hands. It returns false if a limit is reached or the
// peer's address is banned.
func (s *sockets) startHandshake(c net.Conn) bool {
	if ap, ok := addrPort(c.RemoteAddr()); ok && s.offenders.isAddrBanned(ap.Addr(), time.Now()) {
		return false
	}
	network := peerNetwork(c.RemoteAddr())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.atLimit(network) {
		return false
	}
	s.pendingPerNetwork[network]++
	s.pending[c] = network
	return true
}

// endHandshake records that a handshake has succeeded or failed.
func (s *sockets) endHandshake(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	network, waiting := s.pending[c]
	if !waiting {
		return
	}
	delete(s.pending, c)
	if s.pendingPerNetwork[network]--; s.pendingPerNetwork[network] == 0 {
		delete(s.pendingPerNetwork, network)
	}
}

// canStartHandshake reports whether one more incoming handshake may start from a network.
func (s *sockets) canStartHandshake(network netip.Prefix) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.atLimit(network)
}

func (s *sockets) atLimit(network netip.Prefix) bool {
	return s.pendingPerNetwork[network] >= s.maxPerNetwork || len(s.pending) >= s.maxPending
}

func peerNetwork(a net.Addr) netip.Prefix {
	ap, ok := addrPort(a)
	if !ok {
		return netip.Prefix{}
	}
	return networkOf(ap.Addr())
}

// networkOf returns the /24 of an address, or its /64 for IPv6.
func networkOf(ip netip.Addr) netip.Prefix {
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	network, _ := ip.Prefix(bits)
	return network
}
