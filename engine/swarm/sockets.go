package swarm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	utp "github.com/anacrolix/go-utp"
	"github.com/anacrolix/torrent"

	"wtptui/engine"
)

// Handshakes that may be under way from one network (a /24, or a /64 of IPv6), and from all: a crowd may well come from
// one company or one provider's gateway, but it does not take everybody else's place. The library would rather ban a
// network for a quarter of an hour after a single handshake that was not finished; but clients that try TCP and uTP at
// the same time leave one of the two unfinished each time, this one too.
const (
	handshakesPerNetwork = 64
	handshakesInAll      = 256
)

// sockets are what peers are met through: TCP and uTP (BEP 29) on the same port, over IPv4 and IPv6. They keep all
// connections, so that they can be counted and closed, those that have not shaken hands yet among them.
type sockets struct {
	log       *slog.Logger
	listeners []net.Listener
	packets   []packetSocket // uTP, and the DHT beside it
	port      int
	// mostPending bounds incoming handshakes that are under way, mostFrom those from one network.
	mostPending, mostFrom int
	addresses             addressFilter // which are dialed
	offenders             offenders
	unread                atomic.Int64 // bytes that wait to be sent, of all connections
	written               func()       // called after each Write

	// lent is closed when the library has all listeners. It must not be given more while it accepts connections.
	lent chan struct{}

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	conns   map[connKey][]*peerConn // oldest first
	pending map[*peerConn]struct{}  // incoming handshakes under way
	from    map[netip.Prefix]int    // how many of them came from where
}

// packetSocket is a uTP socket of one family.
type packetSocket struct {
	utp.Socket
	network string
}

// errPortTaken means that the next port may work.
var errPortTaken = errors.New("the port is taken")

// openSockets listens on a port, the same for TCP and UDP; 0 picks one. A family that the host does not have is left out.
func openSockets(host string, port, mostPending int, log *slog.Logger) (*sockets, error) {
	s := &sockets{
		log: log, port: port, mostPending: mostPending, lent: make(chan struct{}),
		mostFrom: min(max(mostPending/4, handshakesPerNetwork/4), handshakesPerNetwork),
		conns:    make(map[connKey][]*peerConn), pending: make(map[*peerConn]struct{}),
		from: make(map[netip.Prefix]int),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
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
	p, err := net.ListenPacket("udp"+family, net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		l.Close()
		return err
	}
	u, err := utp.NewSocketFromPacketConn(newSYNFilter(p, time.Now, s.mayBegin), utp.WithLogger(s.log))
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

// lend gives the sockets to the library: it accepts and dials through them.
func (s *sockets) lend(lib *torrent.Client) {
	for _, l := range s.listeners {
		lib.AddListener(gate{l, s, false})
		network := "tcp4"
		if l.Addr().(*net.TCPAddr).IP.To4() == nil {
			network = "tcp6"
		}
		dialer := &net.Dialer{FallbackDelay: -1, KeepAlive: -1}
		lib.AddDialer(peerDialer{s, network, 0, dialer.DialContext})
	}
	for _, p := range s.packets {
		lib.AddListener(gate{p, s, false})
		lib.AddDialer(peerDialer{s, p.network, utpDelay, p.DialContext})
	}
}

// close ends all sockets and connections.
func (s *sockets) close() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	conns := slices.Concat(slices.Collect(maps.Values(s.conns))...)
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for _, p := range s.packets {
		_ = p.Close()
	}
}

// connKey names a connection in the way that the library's description of it does, too. Two torrents with the same peer
// may have two of the same name.
type connKey struct {
	via    engine.Via
	remote string
}

// keep notes a connection, or gives nil when it is one too many, or nobody at that address is met: those that are
// pending, incoming ones that have not shaken hands yet, are bounded.
func (s *sockets) keep(c net.Conn, pending bool) *peerConn {
	if ap, ok := addrPort(c.RemoteAddr()); ok && s.offenders.isAddrBanned(ap.Addr(), time.Now()) {
		return nil
	}
	p := &peerConn{
		Conn: c, sockets: s, key: connKey{viaOf(c.RemoteAddr().Network()), c.RemoteAddr().String()},
		done: make(chan struct{}), readSome: quickAck(c), written: s.written,
	}
	p.backlog.total = &s.unread
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if pending {
		p.origin = originOf(c.RemoteAddr())
		if s.atLimit(p.origin) {
			return nil
		}
		s.from[p.origin]++
		s.pending[p] = struct{}{}
	}
	s.conns[p.key] = append(s.conns[p.key], p)
	return p
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

// viaOf goes by the network of an address, listener or dialer.
func viaOf(network string) engine.Via {
	switch {
	case strings.Contains(network, "udp"):
		return engine.UTP
	case strings.Contains(network, "webrtc"):
		return engine.WebRTC
	}
	return engine.TCP
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

// shaken notes that the handshake of a connection is done.
func (s *sockets) shaken(key connKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.conns[key] {
		if _, waiting := s.pending[p]; waiting {
			s.settle(p)
			return
		}
	}
}

// claim gives the connection of that name that begins to be used by a torrent.
func (s *sockets) claim(key connKey) *peerConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.conns[key] {
		if p.first.Load() != 0 && !p.used {
			p.used = true
			return p
		}
	}
	return nil
}

func (s *sockets) remove(p *peerConn) {
	s.settle(p)
	s.conns[p.key] = slices.DeleteFunc(s.conns[p.key], func(o *peerConn) bool { return o == p })
	if len(s.conns[p.key]) == 0 {
		delete(s.conns, p.key)
	}
}

// settle makes room for another handshake.
func (s *sockets) settle(p *peerConn) {
	if _, waiting := s.pending[p]; !waiting {
		return
	}
	delete(s.pending, p)
	if s.from[p.origin]--; s.from[p.origin] == 0 {
		delete(s.from, p.origin)
	}
}
