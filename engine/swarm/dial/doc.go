// Package dial decides which peers of a torrent are called and when, and calls them.
//
// Book holds the addresses that may be called, for one torrent. It is pure: no goroutines, no clock, no network.
// Dialer makes the connections of all torrents: TCP and uTP (BEP 29), plain and obfuscated (MSE), within a budget that
// torrents share fairly.
//
// It must not know what is asked of peers once they are met, or who may name which address: addresses that must not be
// called are filtered before they are put into a Book, and by Config.Allowed.
//
// Start with Book in book.go, then Dialer.Meet in dialer.go; race.go is how one peer is met.
package dial
