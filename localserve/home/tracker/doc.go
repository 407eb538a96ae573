// Package tracker tells peers of a torrent about each other: a BitTorrent tracker over HTTP (BEP 3, 7, 23, 24, 31, 48)
// and UDP (BEP 15), and a WebTorrent tracker, by which browsers meet.
//
// It knows infohashes, addresses and sockets, all in memory and within bounds, and forgets who is silent. It must not
// know sites, disks or pieces; which torrents it is for, and who asks over HTTP, it is told. Nothing of those who
// announce is written down.
//
// # Who is told of whom
//
// A peer that can be called is known by the address that it announced from, never by one that it claims to have, and is
// named to others who could reach it: seeds to those who miss something, and nobody on this machine or its private
// networks to the Internet. A browser cannot be called. It sends offers along with its announce, each of which is
// passed on to another browser, or to this machine's own engine, and answers go back the same way.
//
// The engine of this process is a peer like any other, but for the way: it announces over connections in memory (Dial).
// Where it is to be called depends on who asks: at the address at which they have reached this machine.
//
// # Bounds
//
// Peers, sockets, and what waits to be read or sent are bounded in all and by address (places.Bounds). An address is
// one of IPv4, or a network of 64 bits of IPv6. Who is one too many is still told of others, but others not of it. A
// throttle bounds requests.
//
//	tracker.go   the tracker, its life, and what it counts
//	swarms.go    who is in which swarm
//	swarm.go     one swarm: who joins, who is named to whom
//	throttle.go  how often an address may ask
//	announce.go  an announce over HTTP or UDP
//	http.go      HTTP's form of it; udp.go UDP's, datagrams.go how they come and go
//	web.go       WebSockets: announces, offers, answers; socket.go one of them, message.go its messages
//	own.go       this process's own engine
//	addresses.go which addresses are named to whom
//
// Start with Tracker in tracker.go.
package tracker
