package swarm

import (
	"net/netip"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
)

// meetAgain is for a torrent whose info has just become known. A peer that was met before and does not know it either
// could wait for it for ever: it asks only peers whose extended handshake (BEP 10) told its size, and the library says
// that once, at the beginning. So it is met anew. Peers of a private torrent are as well, all of them: whether others are told
// of them (BEP 11) was agreed upon before anybody knew that it is private.
func (h *handle) meetAgain() {
	browsers := false
	var addrs []netip.AddrPort
	for pc, via := range h.c.conns.metTooEarly(h) {
		if via == engine.WebRTC {
			browsers = true
		} else if addr, ok := dialable(pc); ok && h.c.sockets.addresses.admit(addr.Addr(), addr) {
			addrs = append(addrs, addr)
		}
		h.c.conns.hangUp(pc)
	}
	h.known.callBack(addrs)
	if w := h.web.Load(); w != nil && browsers {
		w.Announce()
	}
}

// dialable gives the address at which a peer can be called: not where it called from, if it was the one who did.
func dialable(pc *torrent.PeerConn) (netip.AddrPort, bool) {
	addr, ok := addrPort(pc.RemoteAddr)
	if pc.Discovery == torrent.PeerSourceIncoming {
		addr = netip.AddrPortFrom(addr.Addr(), uint16(pc.PeerListenPort)) //nolint:gosec // A port that is none fails when it is dialed.
		ok = ok && pc.PeerListenPort != 0
	}
	return addr, ok
}

// metTooEarly are those of a torrent's peers that are to be met anew, and how they are connected.
func (s *connections) metTooEarly(h *handle) map[*torrent.PeerConn]engine.Via {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[*torrent.PeerConn]engine.Via{}
	for pc, conn := range s.open {
		if conn.torrent == h && (!conn.informed || h.private()) {
			all[pc] = conn.via
		}
	}
	return all
}
