// Package dial decides which peers of a torrent are dialed and when, and dials them.
//
// Book holds the addresses that may be dialed, for one torrent. It is pure: no goroutines, no clock, no network.
// Dialer makes the connections of all torrents: TCP and uTP (BEP 29), plain and obfuscated (MSE), within a budget that
// torrents share fairly.
//
// It must not know what connections are used for, or who may name which address: addresses that must not be dialed are
// filtered before they are added to a Book, and by Config.Allowed.
//
// Start with Book in book.go, then Dialer.Dial in dialer.go; race.go dials one peer.
package dial
