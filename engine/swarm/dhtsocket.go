package swarm

import (
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
)

// dhtSocket is what a DHT node reads from. It gets no packet that is no message (BEP 5), and no query that it does not know
// or that it stores other people's data for (BEP 44): the library panics at some of them (an "ip" of a single byte is
// enough, or a query without arguments), logs each of the others or keeps its name for ever, and bounds no store.
//
// It sends nothing to addresses that strangers may not name: the library asks all nodes that others tell it of.
type dhtSocket struct {
	net.PacketConn
	addresses *addressFilter // which are asked
}

// ReadFrom implements net.PacketConn.
func (s dhtSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		if m, ok := parseKRPC(b[:n]); ok && isForDHT(m) {
			s.named(m, from)
			return n, from, nil
		}
	}
}

// WriteTo implements net.PacketConn. What is sent to an address that is not to be asked is lost.
func (s dhtSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	if a, ok := addrPort(to); ok && !s.addresses.allows(a) {
		return len(b), nil
	}
	return s.PacketConn.WriteTo(b, to)
}

// named notes the addresses of private networks that a message brings up: its own, and those of nodes.
func (s dhtSocket) named(m krpc.Msg, from net.Addr) {
	origin, ok := addrPort(from)
	if !ok {
		return
	}
	s.addresses.admit(origin.Addr(), origin)
	if m.R == nil {
		return
	}
	for _, n := range slices.Concat([]krpc.NodeInfo(m.R.Nodes), []krpc.NodeInfo(m.R.Nodes6)) {
		if ip, ok := netip.AddrFromSlice(n.Addr.IP); ok && n.Addr.Port > 0 && n.Addr.Port < 1<<16 {
			s.addresses.admit(origin.Addr(), netip.AddrPortFrom(ip, uint16(n.Addr.Port)))
		}
	}
}

func isForDHT(m krpc.Msg) bool {
	if m.Y != "q" {
		return true
	}
	switch m.Q {
	case "ping":
		return true
	case "find_node", "get_peers", "announce_peer", "get", "sample_infohashes":
		return m.A != nil
	}
	return false
}

func parseKRPC(b []byte) (m krpc.Msg, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	err := bencode.Unmarshal(b, &m)
	var trailing bencode.ErrUnusedTrailingBytes // The library takes those.
	return m, err == nil || errors.As(err, &trailing)
}
