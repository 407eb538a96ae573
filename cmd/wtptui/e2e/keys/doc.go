// Package keys holds the end-to-end tests of sites under a key: the wtptui binary, seen only through its command line
// and its HTTP server, in a DHT whose nodes and owners of records are other programs: bittorrent-dht, libtorrent, and
// npm's pkarr with its relay.
//
// net_test.go is that net, and what all tests do in it. owner_test.go is who publishes with a key, reader_test.go who
// reads what others have signed, forged_test.go what nobody has signed, relay_test.go both without the DHT,
// follow_test.go who stays with a site, and node_test.go what our node is to others.
package keys
