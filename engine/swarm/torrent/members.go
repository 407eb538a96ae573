package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine"
)

// members are the connected peers.
type members map[*peer]struct{}

// count returns how many connections take room: those to mirrors do not.
func (m members) count() int {
	n := len(m)
	for p := range m {
		if p.via == engine.WebSeed {
			n--
		}
	}
	return n
}

func (m members) knows(id [20]byte) bool {
	for p := range m {
		if p.id == id {
			return true
		}
	}
	return false
}

// least returns the peer with which least would be lost, nil if there is none.
func (m members) least(now time.Time) *peer {
	var least *peer
	for q := range m {
		if q.via != engine.WebSeed && (least == nil || q.worth(now) < least.worth(now)) {
			least = q
		}
	}
	return least
}

// callable are the connected peers that others can call.
func (m members) callable() map[netip.AddrPort]*peer {
	all := make(map[netip.AddrPort]*peer)
	for p := range m {
		if addr, ok := p.dialable(); ok {
			all[addr] = p
		}
	}
	return all
}
