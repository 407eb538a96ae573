// Package torrent takes part in the swarm of one torrent: it meets peers, fetches what is wanted first and gives others
// what is here.
//
// One goroutine, the owner, has all the state of one torrent; others send it messages and read what it publishes, and
// no two torrents share a lock. It knows connections (package wire), which blocks to ask for (package pick), whom to
// call (package dial) and how pieces are hashed. It must not know where peers are found, what a file is, or how data is
// kept: Config and Content say that.
//
// Start with Torrent in torrent.go, then owner in owner.go. open.go is what happens when the content becomes known,
// fetch.go how a block becomes a verified piece, worker.go what is written and hashed beside the owner, info.go how the
// info dictionary comes from peers; serve.go, choke.go and spread.go what peers get from here, and when; meet.go who is
// called, room.go who may stay, pex.go what peers are told of each other, ledger.go who gave wrong data.
package torrent
