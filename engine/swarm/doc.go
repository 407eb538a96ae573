// Package swarm is the BitTorrent side: it joins torrents, downloads and seeds them, and provides readers of verified
// bytes.
//
// It knows infohashes, peers, trackers, pieces and numbered files on disk. It must not know domains, pins, deadlines
// or browsers. File names from a torrent never reach the disk: the files of a torrent are stored in a folder named by
// its infohash, and are named by their index.
//
// Start with Client in client.go and the Torrent interface in torrent.go. handle.go implements it: one torrent, with
// its life cycle, its content, its presence in the swarm, its readers (reading.go) and the discovery of its peers, each
// in a file of its own. Below them, package torrent takes part in the swarm of one torrent: over connections (wire),
// which package dial makes and accept.go accepts, with the blocks that package pick chooses. disk stores the data;
// announce, lsd, webtorrent and dht.go find peers, and owntracker.go decides which torrents are announced to a tracker
// in this process; mirror fetches from web seeds; mutable and items.go look up and put signed items in the DHT;
// counting.go counts the copies of torrents that need not be here; serial runs functions one at a time where a lock
// would be held for long. Untrusted input is checked where it arrives: messages of peers in wire, info dictionaries in
// dictionary.go, addresses in addresses.go, names of peers in peernames.go, senders of wrong data in liars.go, DHT
// messages in dhtsocket.go.
package swarm
