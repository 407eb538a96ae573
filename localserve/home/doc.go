// Package home is the public HTTP server: for each of a few names it serves one site that a person has chosen, which
// any browser opens as on any web server.
//
// It shares the handling of a site's files (package files) with the loopback server, and nothing else: there is no
// control, no other site, and no page that opens one. It must not know torrents, the database or the control protocol.
// Under the same names it serves a tracker (package tracker), which knows only infohashes of torrents: the server tells
// it where a request comes from, and does not look at its content.
//
//	server.go        the server, and the steps of a request
//	guard.go         is it for one of the names?
//	origin.go        the origin of the site, and the URLs of other sites
//	loading.go       requests for the loader (package loader), with which browsers open the site from its swarm
//	plain.go         the plain website without the loader
//	announces.go     requests for the tracker, and where they come from
//	visitor.go       how a response is written, and the failure pages for visitors
//	farewell.go      responses for a site that was taken off
//	connections.go   limits of connections, requests and the upload rate
//	certificates.go  TLS: from files, or from an ACME authority (RFC 8555)
//
// Start with Server in server.go.
package home
