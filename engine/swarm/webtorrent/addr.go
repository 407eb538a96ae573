package webtorrent

import "net/netip"

// Addr is a peer's or our own address on a WebRTC connection.
type Addr struct {
	// IP and port as the connection's selected candidate pair has them (RFC 8445); the zero value when it does not say.
	Endpoint netip.AddrPort
	// Offered says that we made the offer, and so that a tracker found the peer for us.
	Offered bool
	// PeerID is the peer's id as its tracker gave it; zero in our own address.
	PeerID [20]byte
}

// Network implements net.Addr.
func (Addr) Network() string { return "webrtc" }

// String gives "ip:port", or "webrtc" when that is not known.
func (a Addr) String() string {
	if !a.Endpoint.IsValid() {
		return "webrtc"
	}
	return a.Endpoint.String()
}

// AddrPort is never valid: nobody can call a peer at the address of its WebRTC connection. The torrent client asks before
// it recommends a peer's address to others (BEP 11, BEP 55); for bans it reads String.
func (Addr) AddrPort() netip.AddrPort { return netip.AddrPort{} }
