// Package header is the pane of the first line: whether the engine runs and is online, both rates with their last
// seconds, peers, DHT, port and cache; of the line of homes, and of the line of warnings below it.
//
// It must not know the sites. Start with Pane.
package header
