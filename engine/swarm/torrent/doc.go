// Package torrent takes part in the swarm of one torrent: it meets peers, fetches what is wanted first and gives others
// what is here.
//
// One goroutine, the owner, has all the state of one torrent; others send it messages and read what it publishes, and
// no two torrents share a lock. It knows connections (package wire), which blocks to ask for (package pick), whom to
// call (package dial) and how pieces are hashed. It must not know where peers are found, what a file is, or how data is
// kept: Config and Content say that.
//
// Start with Torrent in torrent.go, then owner in owner.go: it hears what happens (hear.go, join.go, open.go) and has its
// parts do what follows. storage is the content of which pieces are here; fetcher makes a block a verified piece, with
// worker, which writes and hashes beside the owner, and ledger, which knows who gave wrong data. uploads (choke.go,
// serve.go) is what peers get from here, and when; spread.go in what order. meeting (meet.go) is who is called, places
// (room.go) who may stay, exchange (pex.go) what peers are told of each other, and collector (info.go) how the info
// dictionary comes from them.
package torrent
