// Package mirror is a web seed (BEP 19, "url-list") that behaves like a peer: the blocks that are requested of it are
// fetched over HTTP. So one picker decides what is fetched from whom, mirrors included.
//
// It knows files, byte ranges and what HTTP servers do wrong; it must not know which blocks are wanted, what else is
// connected, or which addresses may be dialed: the transport that it is given decides that.
//
// Start with Conn in conn.go. queue.go holds the requests, spans.go divides them among files, fetch.go is one GET
// request. response.go says what is a fault, health.go what follows from it.
package mirror
