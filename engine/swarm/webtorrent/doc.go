// Package webtorrent connects to browsers: it announces torrents to WebTorrent trackers, negotiates WebRTC connections
// through them, and passes each connection to the torrent client as a net.Conn.
//
// It knows trackers, offers, answers and the first 68 bytes of a BitTorrent connection. It must not know pieces, sites
// or disks, nor import the torrent client.
//
// # WebTorrent
//
// A browser has no address that could be dialed, so a tracker does more than return peers. Each tracker is one
// WebSocket that carries JSON. A peer that wants others announces a torrent with a few offers (SDP). The tracker
// forwards each to another peer of that torrent, which may return an answer the same way. Then both open a data
// channel directly between them. A peer that has everything sends no offers and answers those of others. A tracker
// forgets peers that are silent or disconnect, so announcing continues as long as a torrent is seeded.
//
// # The interface to the torrent client
//
// Client is a net.Listener: the torrent client accepts connections from it, whoever made the offer. A torrent client
// waits on accepted connections until the other side has sent its handshake (BEP 3), so two that have both accepted
// would wait for ever. A browser sends its handshake as soon as the channel opens, on either side, and so does this
// package on behalf of the torrent client: Config holds the values of that handshake. Accept returns a connection only
// when the other side's handshake has arrived and names the right torrent. The handshake is then read from the Conn
// like any other data, and what the torrent client writes as its own handshake is compared with what was sent, and not
// sent again. So the torrent client never sees a channel that stays silent, and need not know who made the offer.
// Addr, the type of a Conn's RemoteAddr, reports that.
//
// Close the torrent client first and the Client after it: an accept loop spins on a closed listener.
//
// # Where to start
//
// Client in client.go and Torrent in torrent.go are the interface. tracker.go is one tracker: connect, announce,
// reconnect. link.go is one peer connection, which negotiate.go makes of offers and answers; greet.go and conn.go turn
// it into a net.Conn. All that changes is in state.go, with its parts in entry.go (a torrent at a tracker),
// trackerstate.go and links.go, which also decides which links may exist. Only functions that are passed to
// Client.update read or change it.
package webtorrent
