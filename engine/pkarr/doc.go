// Package pkarr parses and signs the record that the owner of a key publishes about a site: a mutable item of the DHT
// without salt (BEP 44) whose value is a DNS packet, in the format of pkarr, or a dictionary of BEP 46.
//
// It knows bytes and signatures. It must not know the DHT, relays, sites or where items are stored.
//
// Start with Item in item.go. record.go makes the content of a site's record, relay.go encodes items for relays and
// the disk, and dictionary.go parses BEP 46.
package pkarr
