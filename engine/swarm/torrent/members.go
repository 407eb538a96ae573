package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine"
)

// members is the set of connected peers.
type members map[*peer]struct{}

// count returns how many connections take a slot. Those to mirrors do not.
func (m members) count() int {
	n := len(m)
	for p := range m {
		if p.via == engine.WebSeed {
			n--
		}
	}
	return n
}

func (m members) hasID(id [20]byte) bool {
	for p := range m {
		if p.id == id {
			return true
		}
	}
	return false
}

// leastValuable returns the peer that would be missed least, nil if there is none. See peer.value.
func (m members) leastValuable(now time.Time) *peer {
	var least *peer
	for q := range m {
		if q.via != engine.WebSeed && (least == nil || q.value(now) < least.value(now)) {
			least = q
		}
	}
	return least
}

// byDialAddr returns the connected peers that others can dial, by address.
func (m members) byDialAddr() map[netip.AddrPort]*peer {
	all := make(map[netip.AddrPort]*peer)
	for p := range m {
		if addr, ok := p.dialAddr(); ok {
			all[addr] = p
		}
	}
	return all
}
