// Package swarm is the BitTorrent side: it joins torrents, downloads and seeds them, and gives readers of verified
// bytes. It is the only package that imports the torrent client.
//
// It knows infohashes, peers, trackers, pieces and numbered files on disk; it must not know domains, pins, deadlines
// or browsers. File names from a torrent never touch the disk: the files of a torrent lie in a folder named by its
// infohash and are named by their index.
//
// Start with Client in client.go and the Torrent interface in torrent.go. What strangers send is looked at before the
// libraries get it where those would fail, or let it cost too much: messages.go for all that peers say, metadata.go and
// info.go for info dictionaries, claims.go for pieces, backlog.go and infoserver.go for what they ask for and do not
// read, throttle.go for how much they say, addresses.go and pex.go for the addresses that they name, liars.go for wrong
// data, dhtsocket.go for the DHT.
package swarm
