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
		m, ok := parseKRPC(b[:n])
		if !ok || !isForDHT(m) {
			continue
		}
		s.named(m, from)
		if looksForNodes(m) {
			n = rewriteTarget(b, m)
		}
		if n > 0 {
			return n, from, nil
		}
	}
}

func looksForNodes(m krpc.Msg) bool { return m.Y == "q" && (m.Q == "find_node" || m.Q == "get") }

// rewriteTarget writes a query into b as it has to be for the library to name the nodes nearest to what it looks for,
// and returns its length, 0 if that does not fit. The library reads the target from info_hash, which only get_peers
// has: find_node (BEP 5) and get (BEP 44) have a target, and were answered with the nodes nearest to zero.
//
// A get becomes a find_node: we store no items, and must not give the token with which to put one. Who has one counts
// us among the few nodes that are to store the item, and libtorrent waits 15 s for us to do so.
func rewriteTarget(b []byte, query krpc.Msg) int {
	query.Q = "find_node"
	query.A.InfoHash = query.A.Target
	packet, err := bencode.Marshal(query)
	if err != nil || len(packet) > len(b) {
		return 0
	}
	return copy(b, packet)
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
