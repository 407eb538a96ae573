// Package tracker is a BitTorrent tracker over HTTP (BEP 3, 7, 23, 24, 31, 48) and UDP (BEP 15), and a WebTorrent
// tracker, through which browsers connect to each other.
//
// It knows infohashes, addresses and sockets, all in memory and limited, and removes peers that stop announcing. It
// must not know sites, disks or pieces; the caller tells it which torrents to serve, and where an HTTP request comes
// from. Nothing about peers is logged or stored.
//
// # Which peers are named to whom
//
// A peer that others can connect to is known by the address of its announce, never by one that it claims to have. It is
// named to peers that could reach it: seeds to incomplete peers, and peers on this machine or its private networks not
// to the Internet. A browser does not accept connections. It sends WebRTC offers with its announce, each of which is
// relayed to another browser, or to this machine's own engine; answers are relayed back.
//
// The engine of this process is a peer like any other, except that it announces over connections in memory (Dial). The
// address that others get for it is the one at which they have reached this machine.
//
// # Limits
//
// The numbers of peers and sockets, and what waits to be read or sent, are limited in total and by address
// (limits.NetworkLimiter). An address is an IPv4 address, or an IPv6 network of 64 bits. Peers above the limit are told
// of others, but not named to them. A throttle limits requests.
//
//	tracker.go   the tracker, its goroutines and statistics
//	swarms.go    all swarms
//	swarm.go     one swarm: its peers, and which are named to whom
//	throttle.go  the request rate of an address
//	announce.go  an announce over HTTP or UDP
//	http.go      the HTTP format; udp.go the UDP format, datagrams.go the UDP socket
//	web.go       WebSockets: announces, offers, answers; socket.go a socket, message.go its messages
//	own.go       connections of this process's own engine
//	addresses.go which addresses can be reached from where
//
// Start with Tracker in tracker.go.
package tracker
