package webtorrent

import "net/netip"

// Addr is a peer's or our own address on a WebRTC connection.
type Addr struct {
	// Endpoint is the address of the connection's selected candidate pair (RFC 8445); the zero value if unknown.
	Endpoint netip.AddrPort
	// Offered reports that we made the offer, and so that a tracker found the peer for us.
	Offered bool
	// PeerID is the peer's id as its tracker sent it; zero in our own address.
	PeerID [20]byte
}

// Network implements net.Addr.
func (Addr) Network() string { return "webrtc" }

// String returns "ip:port", or "webrtc" if the address is unknown.
func (a Addr) String() string {
	if !a.Endpoint.IsValid() {
		return "webrtc"
	}
	return a.Endpoint.String()
}

// AddrPort always returns an invalid address: a peer cannot be dialed at the address of its WebRTC connection. The
// torrent client calls it before it sends a peer's address to others (BEP 11, BEP 55); for bans it uses String.
func (Addr) AddrPort() netip.AddrPort { return netip.AddrPort{} }
