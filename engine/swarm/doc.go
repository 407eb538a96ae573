// Package swarm is the BitTorrent side: it joins torrents, downloads and seeds them, and gives readers of verified
// bytes.
//
// It knows infohashes, peers, trackers, pieces and numbered files on disk; it must not know domains, pins, deadlines
// or browsers. File names from a torrent never touch the disk: the files of a torrent lie in a folder named by its
// infohash and are named by their index.
//
// Start with Client in client.go and the Torrent interface in torrent.go; handle.go is what implements it: the life of
// one torrent, with its content, its presence in the swarm, what is read of it (reading.go) and the discovery of its
// peers, each in a file of its own. Below them package torrent takes part in the swarm of one torrent, over
// connections (wire), which package dial makes and accept.go takes, and with the blocks that package pick chooses;
// disk keeps what has come; announce, lsd, webtorrent and dht.go find peers, and owntracker.go says which torrents are
// announced to a tracker in this process; mirror fetches from web seeds; mutable and items.go look up and put signed
// items in the DHT; counting.go asks how many have torrents that need not be here. What is foreign is judged where it
// enters: what peers say in wire, info dictionaries in dictionary.go, addresses in addresses.go, names of peers in
// peernames.go, who gave wrong data in liars.go, DHT messages in dhtsocket.go.
package swarm
