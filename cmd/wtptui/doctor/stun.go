package doctor

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"wtptui/engine/cause"
)

// stunCheck asks all servers from one socket: if they see it at different ports, unknown peers cannot reach it.
func stunCheck(ctx context.Context, d *doctor) []Finding {
	if len(d.STUN) == 0 {
		return warn("STUN", "none is configured: browsers elsewhere cannot reach this machine", "name one with --stun")
	}
	conn, err := new(net.ListenConfig).ListenPacket(ctx, "udp", net.JoinHostPort(d.PeerHost, "0"))
	if err != nil {
		return fail("STUN", "cannot open a socket: "+listenReason(err), "check the network")
	}
	s := &stunSocket{conn: conn, pending: map[string]chan netip.AddrPort{}}
	reading := make(chan struct{})
	go func() { defer close(reading); s.readResponses() }()
	defer func() { _ = conn.Close(); <-reading }()
	return downgradeFailures(probeAll(ctx, "STUN", d.STUN, func(ctx context.Context, server string) Finding {
		mapped, err := s.requestBinding(ctx, server)
		if err != nil {
			return Finding{
				Status: Fail, Found: cause.Describe(err), err: err,
				Do: "if none works, let UDP through the firewall; name others with --stun",
			}
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.mappedAddrs = append(d.mappedAddrs, mapped)
		return Finding{Status: OK, Found: "sees this machine as " + mapped.Addr().String()}
	}))
}

// stunSocket is a socket that sends requests to all servers (RFC 8489).
type stunSocket struct {
	conn    net.PacketConn
	mu      sync.Mutex
	pending map[string]chan netip.AddrPort // by transaction ID
}

const stunCookie = 0x2112A442

// requestBinding sends a Binding request until the server answers, and returns the address from which the server saw
// it.
func (s *stunSocket) requestBinding(ctx context.Context, server string) (netip.AddrPort, error) {
	var none netip.AddrPort
	addr, err := resolveSTUNServer(ctx, server)
	if err != nil {
		return none, err
	}
	request := make([]byte, 20)
	binary.BigEndian.PutUint16(request, 0x0001)
	binary.BigEndian.PutUint32(request[4:], stunCookie)
	if _, err := rand.Read(request[8:]); err != nil {
		return none, err
	}
	answer := make(chan netip.AddrPort, 1)
	s.mu.Lock()
	s.pending[string(request[8:20])] = answer
	s.mu.Unlock()
	again := time.NewTicker(500 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := s.conn.WriteTo(request, net.UDPAddrFromAddrPort(addr)); err != nil {
			return none, err
		}
		select {
		case mapped := <-answer:
			return mapped, nil
		case <-again.C:
		case <-ctx.Done():
			return none, context.DeadlineExceeded
		}
	}
}

// readResponses passes responses to the requests that wait for them, until the socket is closed.
func (s *stunSocket) readResponses() {
	buf := make([]byte, 2048)
	for {
		n, _, err := s.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // Some server's port is closed; others may answer.
		}
		mapped, err := parseBindingResponse(buf[:n])
		if err != nil {
			continue
		}
		s.mu.Lock()
		answer, asked := s.pending[string(buf[8:20])]
		delete(s.pending, string(buf[8:20]))
		s.mu.Unlock()
		if asked {
			answer <- mapped
		}
	}
}

// resolveSTUNServer returns the address of a server given as stun:host:port or turn:user:password@host:port. TURN
// servers answer STUN requests too.
func resolveSTUNServer(ctx context.Context, server string) (netip.AddrPort, error) {
	_, host, _ := strings.Cut(server, ":")
	host = host[strings.LastIndex(host, "@")+1:]
	host, _, _ = strings.Cut(host, "?")
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, "3478"
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return netip.AddrPort{}, err
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", strings.Trim(name, "[]"))
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), uint16(number)), nil
}

// parseBindingResponse returns the XOR-MAPPED-ADDRESS of a Binding success response.
func parseBindingResponse(b []byte) (netip.AddrPort, error) {
	var none netip.AddrPort
	if len(b) < 20 || binary.BigEndian.Uint16(b) != 0x0101 || binary.BigEndian.Uint32(b[4:]) != stunCookie {
		return none, errMalformed
	}
	const xorMapped, ipv4, ipv6 = 0x0020, 1, 2
	for rest := b[20:]; len(rest) >= 4; {
		kind, length := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		padded := 4 + (length+3)&^3
		if len(rest) < 4+length {
			return none, errMalformed
		}
		value := rest[4 : 4+length]
		rest = rest[min(padded, len(rest)):]
		if kind != xorMapped || length < 8 {
			continue
		}
		port := binary.BigEndian.Uint16(value[2:]) ^ (stunCookie >> 16)
		switch {
		case value[1] == ipv4:
			var addr [4]byte
			binary.BigEndian.PutUint32(addr[:], binary.BigEndian.Uint32(value[4:])^stunCookie)
			return netip.AddrPortFrom(netip.AddrFrom4(addr), port), nil
		case value[1] == ipv6 && length >= 20:
			var addr [16]byte
			for i := range addr {
				addr[i] = value[4+i] ^ b[4+i]
			}
			return netip.AddrPortFrom(netip.AddrFrom16(addr), port), nil
		}
	}
	return none, errMalformed
}

func natCheck(_ context.Context, d *doctor) []Finding {
	const name = "NAT"
	for _, m := range d.mappedAddrs {
		if m.Addr() == d.mappedAddrs[0].Addr() && m.Port() != d.mappedAddrs[0].Port() {
			return warn(name, "the router shows every peer another port",
				"browsers behind such a router themselves cannot reach you: name a TURN server with --stun "+
					"turn:user:password@host:port")
		}
	}
	switch {
	case len(d.mappedAddrs) == 0:
		return warn(name, "unknown: no STUN server has answered", "see the STUN servers above")
	case len(d.mappedAddrs) == 1:
		return ok(name, "one STUN server has answered: two would tell what kind it is")
	}
	return ok(name, "browsers can connect through it")
}

func webrtcCheck(_ context.Context, d *doctor) []Finding {
	const name = "WebRTC"
	working := d.web.working
	if d.Engine != nil {
		working = d.Engine.WebTrackers
	}
	switch {
	case d.web.total == 0 && working == 0:
		return warn(name, "no WebTorrent tracker is configured: no browser can be met", "name one with --tracker wss://…")
	case working == 0:
		return fail(name, "no WebTorrent tracker answers: no browser can find a site here",
			"name others with --tracker wss://…")
	case len(d.mappedAddrs) == 0:
		return warn(name, "browsers can be found, but reached only in the local network", "see the STUN servers above")
	case d.Engine != nil && d.Engine.WebPeers > 0:
		return ok(name, "browsers are connected")
	}
	return ok(name, "browsers can be met")
}
