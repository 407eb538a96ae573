package netsim

import "net/netip"

// NAT is how a host's router filters packets from outside (RFC 4787).
type NAT uint8

const (
	// Open accepts everything: a public address, or a forwarded port.
	Open NAT = iota
	// FullCone accepts everything for a host that has sent something lately (endpoint-independent filtering).
	FullCone
	// PortRestricted accepts packets from destinations to which the host has sent something lately.
	PortRestricted
	// Symmetric uses another port for each destination, so that nobody knows where to send to: it accepts only
	// answers, and hosts that are PortRestricted do not accept its packets, since they have sent to another port.
	Symmetric
)

func (n NAT) String() string {
	return [...]string{"open", "full cone", "port restricted", "symmetric"}[n]
}

// natState is the state of a NAT for a host.
type natState struct {
	host   *Host
	sent   int64                // when it last sent something
	sentTo map[netip.Addr]int64 // when it last sent a SYN to a public address

	// Of a host with a public address: the mappings of UDP for itself and those behind it, by the public port, and
	// which one packets of a host's port come from.
	mappings map[uint16]*mapping
	ports    map[mappingKey]uint16
}

type mappingKey struct {
	host *Host
	port uint16
	to   netip.AddrPort // if the NAT is symmetric
}

// mapping is a public port of UDP that leads to a host's port.
type mapping struct {
	host   *Host
	port   uint16
	used   int64
	sentTo map[netip.AddrPort]int64
}

// recordSYN records that a SYN was sent to a host.
func (nat *natState) recordSYN(to *Host, now int64) {
	if nat.sentTo == nil {
		nat.sentTo = map[netip.Addr]int64{}
	}
	nat.sent = now
	nat.sentTo[to.edge().addr] = now
}

// allows reports whether connections from another host are accepted. As with uTP and hole punching, a host is assumed
// to dial from the port that it listens on.
func (nat *natState) allows(from *Host) bool {
	h := nat.host
	if h.edge() == from.edge() {
		return true
	}
	now := h.net.now
	switch h.edge().link.NAT {
	case Open:
		return true
	case FullCone:
		return nat.sentTo != nil && recent(nat.sent, now)
	case PortRestricted:
		at, ok := nat.sentTo[from.edge().addr]
		return ok && recent(at, now) && from.edge().link.NAT != Symmetric
	default:
		return false
	}
}

// translate returns the source address of a socket's packet as its destination sees it, and records that it was sent.
func (nat *natState) translate(s *packetConn, to netip.AddrPort) netip.AddrPort {
	h := nat.host
	own := netip.AddrPortFrom(s.host.addr, s.port)
	if h.link.NAT == Open && s.host == h {
		return own
	}
	now := h.net.now
	if nat.mappings == nil {
		nat.mappings, nat.ports = map[uint16]*mapping{}, map[mappingKey]uint16{}
	}
	key := mappingKey{host: s.host, port: s.port}
	if h.link.NAT == Symmetric {
		key.to = to
	}
	port, found := nat.ports[key]
	m := nat.mappings[port]
	if !found || m == nil || !recent(m.used, now) {
		port = s.port
		for h.link.NAT == Symmetric || nat.mappings[port] != nil {
			port = h.freePort()
			if nat.mappings[port] == nil {
				break
			}
		}
		m = &mapping{host: s.host, port: s.port, sentTo: map[netip.AddrPort]int64{}}
		nat.mappings[port], nat.ports[key] = m, port
	}
	m.used, m.sentTo[to] = now, now
	return netip.AddrPortFrom(h.addr, port)
}

func recent(at, now int64) bool { return now-at < int64(holeOpen) }

// socketFor returns the socket that packets from outside to a public port reach, nil if they are dropped.
func (nat *natState) socketFor(port uint16, from netip.AddrPort) *packetConn {
	h := nat.host
	now := h.net.now
	m := nat.mappings[port]
	if h.link.NAT == Open {
		if s := h.sockets[port]; s != nil {
			return s
		}
		for _, inside := range h.homeHosts {
			if s := inside.sockets[port]; s != nil && (m == nil || !recent(m.used, now)) {
				return s
			}
		}
	}
	if m == nil || !recent(m.used, now) {
		return nil
	}
	if at, ok := m.sentTo[from]; h.link.NAT > FullCone && !(ok && recent(at, now)) {
		return nil
	}
	return m.host.sockets[m.port]
}
