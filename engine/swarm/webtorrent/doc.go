// Package webtorrent makes browsers peers: it announces torrents to WebTorrent trackers, arranges WebRTC connections
// through them, and hands each connection to the torrent client as a net.Conn.
//
// It knows trackers, offers, answers and the first 68 bytes of a BitTorrent connection. It must not know pieces, sites
// or disks, nor import the torrent client.
//
// # WebTorrent
//
// A browser has no address that could be called, so a tracker does more than name peers. Each tracker is one WebSocket
// that carries JSON. A peer that wants others announces a torrent with a few offers (SDP); the tracker passes each to
// some other peer of that torrent, which may send an answer back the same way; then both open a data channel, straight
// to each other. A peer that has everything sends no offers and answers those of others. A tracker forgets who is
// silent or hangs up, so announcing goes on for as long as a torrent is seeded.
//
// # The door to the torrent client
//
// Client is a listener: the torrent client's AddListener takes it, and Accept gives each new connection, whoever began
// it, as a *Conn. A torrent client waits on accepted connections until the other side has said which torrent it is
// about (the BitTorrent handshake, BEP 3), while two that have both accepted would wait forever. A browser says its
// handshake as soon as the channel opens, on either side, and so does this package, in the torrent client's name: Config
// has what that handshake will be. Accept gives a connection only when the other side's handshake has come and names
// the right torrent. It is then read from the Conn like any other data, and what the torrent client writes as its own
// handshake is compared with what was sent and goes no further. So the torrent client never sees a channel that stays
// silent, and never has to know who made the offer. Addr, the type of a Conn's RemoteAddr, tells that to others.
//
// Close the torrent client first and the Client after it: an accept loop spins on a listener that is closed.
//
// # Where to start
//
// Client in client.go and Torrent in torrent.go are what others see. tracker.go is one tracker: connect, announce, begin
// again. negotiate.go turns offers and answers into links (link.go), links.go says which may exist, greet.go and conn.go
// make a net.Conn of one. Nearly all state is guarded by Client.mu; nothing waits while it holds that lock.
package webtorrent
