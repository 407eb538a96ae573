// Package lsd finds peers on the local network (BEP 14, Local Service Discovery).
//
// It knows multicast groups, infohashes and a port. It must not know which torrents are private (the caller decides
// what is announced) or how peers are connected to. The torrent library has an implementation, too, which reports
// every announcing peer to every torrent, listens on one interface only, and does not log to the injected logger.
//
// Start with Node in lsd.go; message.go is the message format.
package lsd
