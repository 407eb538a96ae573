// Package home is the public HTTP server: for each of a few names it has one site that a person has chosen, which any
// browser opens there, as from any web server.
//
// It shares the rules of a site's files (package files) with the loopback server, and nothing else: no control, no
// other site, no page that opens one. It must not know torrents, the database or the control protocol. Under the same
// names it takes announces and scrapes for a tracker (package tracker), which knows of torrents no more than
// infohashes: the server says who asks, and nothing of what is asked.
//
//	server.go        the server, and the way of a request through it
//	guard.go         is it for one of the names, and may it be asked?
//	origin.go        the site at its name, and what other sites are from there
//	loading.go       what is for the loader (package loader), with which browsers open the site from its swarm
//	plain.go         the way around the loader
//	announces.go     what is for the tracker, and from whom
//	visitor.go       how an answer reaches a visitor, and what they are told when there is none
//	farewell.go      what a browser gets of a site that was taken off
//	connections.go   how many connections and requests there are, and how much they are sent
//	certificates.go  TLS: from files, or from an ACME authority (RFC 8555)
//
// Start with Server in server.go.
package home
