package swarm

import (
	"net/netip"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
)

// Bounds on the addresses of others that a peer names (BEP 11), which are remembered while it is connected.
const (
	pexEach  = 200  // in one message
	pexInAll = 2000 // over a connection
)

// filterPEX returns a message about peers without the addresses that the peer may not name and those that are too many.
// A message that is not one is left to the library, which hangs up.
func (c *connection) filterPEX(filter *addressFilter, origin netip.Addr, payload []byte) []byte {
	m, err := pp.LoadPexMsg(payload)
	if err != nil {
		return payload
	}
	room := min(pexEach, pexInAll-c.named)
	may := func(a krpc.NodeAddr) bool {
		ip, ok := netip.AddrFromSlice(a.IP)
		if !ok || a.Port == 0 || room == 0 || !filter.admit(origin, netip.AddrPortFrom(ip, uint16(a.Port))) {
			return false
		}
		room--
		c.named++
		return true
	}
	m.Added, m.AddedFlags = allowed(m.Added, m.AddedFlags, may)
	m.Added6, m.Added6Flags = allowed(m.Added6, m.Added6Flags, may)
	return bencode.MustMarshal(m)
}

// allowed returns the addresses that may be used, with their flags.
func allowed(
	addrs []krpc.NodeAddr, flags []pp.PexPeerFlags, may func(krpc.NodeAddr) bool,
) ([]krpc.NodeAddr, []pp.PexPeerFlags) {
	var some []krpc.NodeAddr
	var theirs []pp.PexPeerFlags
	for i, a := range addrs {
		if !may(a) {
			continue
		}
		some = append(some, a)
		if i < len(flags) {
			theirs = append(theirs, flags[i])
		}
	}
	return some, theirs
}
