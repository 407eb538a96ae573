// Package mirror makes a web seed (BEP 19, "url-list") behave like a peer: the blocks that are requested from it are
// fetched over HTTP. So one picker decides what is fetched from whom, mirrors included.
//
// It knows files, byte ranges and the faults of HTTP servers. It must not know which blocks are wanted, what else is
// connected, or which addresses may be dialed: its transport decides that.
//
// Start with Conn in conn.go. queue.go holds the requests, spans.go divides them among files, fetch.go is one GET
// request. response.go detects faults, health.go decides what follows from them.
package mirror
