// Package lsd finds peers in the local network (BEP 14, Local Service Discovery).
//
// It knows multicast groups, infohashes and a port; it must not know what is private (whoever announces decides) or how
// peers are connected to. The torrent library has an implementation too, which tells every torrent of every peer that
// announces any, listens on one interface only, and logs past the injected logger.
//
// Start with Node in lsd.go; message.go is what goes over the wire.
package lsd
