// Package mutable looks up and puts mutable items of the DHT (BEP 44), each of which is stored by the nodes nearest to
// it.
//
// It knows how a lookup proceeds from node to node (BEP 5) and which replies count. It must not know sockets, the
// routing table or who wants the items: a Network queries single nodes.
//
// Start with Lookup in lookup.go; candidates.go holds the nodes that a lookup knows, and put.go puts an item to the
// nearest.
package mutable
