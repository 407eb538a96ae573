// Package torrent takes part in the swarm of one torrent: it connects to peers, fetches wanted pieces in the order of
// their urgency, and uploads the pieces that are here.
//
// One goroutine, the owner, has all the state of one torrent. Other goroutines send it commands and read the counters
// that it publishes, and no two torrents share a lock. The package knows connections (package wire), which blocks to
// request (package pick), whom to dial (package dial) and how pieces are hashed. It must not know where peers are
// found, what a file is, or how data is stored: Config and Content provide that.
//
// Start with Torrent in torrent.go, then owner in owner.go: it handles events (messages.go, join.go, open.go) and then
// updates its parts. storage is the content and which verified pieces are here. fetcher turns blocks into verified
// pieces; its worker writes and hashes in a goroutine of its own, and its senderLedger knows which peers sent wrong
// data. uploads (choke.go, serve.go) decides which peers are served, and spread.go in which order. connector
// (connector.go) decides who is dialed, connSlots (slots.go) who may stay, peerExchange (pex.go) which addresses are
// exchanged, and infoCollector (info.go) fetches the info dictionary from peers.
package torrent
