// Package pkarr reads and signs what the owner of a key says of their site: a mutable item of the DHT without salt (BEP
// 44) whose value is a DNS packet, as pkarr has it, or a dictionary of BEP 46.
//
// It knows bytes and signatures. It must not know the DHT, relays, sites or where anything is kept.
//
// Start with Item in item.go: what is signed. record.go says what a site's record has in it, relay.go in which form
// relays and the disk have an item, and dictionary.go reads BEP 46.
package pkarr
