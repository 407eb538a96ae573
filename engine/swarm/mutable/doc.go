// Package mutable looks up and puts mutable items of the DHT (BEP 44), each of which is kept by the nodes nearest to
// it.
//
// It knows how a look-up goes from node to node (BEP 5) and what of their answers counts. It must not know sockets, the
// routing table or who wants the items: a Network asks single nodes for it.
//
// Start with Lookup in lookup.go; candidates.go has the nodes that one knows, and put.go tells those that are nearest.
package mutable
