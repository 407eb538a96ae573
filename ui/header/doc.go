// Package header is the pane of the first line: whether the engine is there and online, both rates with their last
// seconds, peers, DHT, port and cache; and the line of warnings below it.
//
// It must not know the sites. Start with Pane.
package header
