package swarm

import (
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
)

// dhtSocket is the socket of a DHT node. It drops packets that are not valid messages (BEP 5) and queries that the
// node does not support, those that store data for others (BEP 44) among them. The library panics at some of these (an
// "ip" of a single byte, or a query without arguments), logs each of the others or keeps its name for ever, and does
// not limit its store.
//
// It sends nothing to addresses that untrusted sources may not name: the library queries all nodes that it learns of.
type dhtSocket struct {
	net.PacketConn
	addresses *addressFilter // decides which nodes may be queried
}

// ReadFrom implements net.PacketConn.
func (s dhtSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		m, ok := parseKRPC(b[:n])
		if !ok || !isSupportedQuery(m) {
			continue
		}
		s.admitNodes(m, from)
		if isNodeQuery(m) {
			n = rewriteTarget(b, m)
		}
		if n > 0 {
			return n, from, nil
		}
	}
}

func isNodeQuery(m krpc.Msg) bool { return m.Y == "q" && (m.Q == "find_node" || m.Q == "get") }

// rewriteTarget rewrites a query in b so that the library answers with the nodes nearest to its target, and returns
// the new length, 0 if it does not fit. The library reads the target from info_hash, which only get_peers has.
// find_node (BEP 5) and get (BEP 44) have a target, and would be answered with the nodes nearest to zero.
//
// A get becomes a find_node: we store no items, and must not return a token for a put. A client with a token counts us
// among the few nodes that store the item, and libtorrent waits 15 s for us to do so.
func rewriteTarget(b []byte, query krpc.Msg) int {
	query.Q = "find_node"
	query.A.InfoHash = query.A.Target
	packet, err := bencode.Marshal(query)
	if err != nil || len(packet) > len(b) {
		return 0
	}
	return copy(b, packet)
}

// WriteTo implements net.PacketConn. It drops packets to addresses that may not be queried.
func (s dhtSocket) WriteTo(b []byte, to net.Addr) (int, error) {
	if a, ok := addrPort(to); ok && !s.addresses.allows(a) {
		return len(b), nil
	}
	return s.PacketConn.WriteTo(b, to)
}

// admitNodes admits the private addresses in a message: the sender's, and those of the nodes that it names.
func (s dhtSocket) admitNodes(m krpc.Msg, from net.Addr) {
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

func isSupportedQuery(m krpc.Msg) bool {
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
	var trailing bencode.ErrUnusedTrailingBytes // The library accepts those.
	return m, err == nil || errors.As(err, &trailing)
}
