// Package control carries the contract of package engine over a unix socket: HTTP/1.1 with JSON bodies. Listen and
// Serve are the side of the program that keeps the sites; Dial gives a Client, which is an engine.Engine like any
// other, to everybody else: the command line, and a dashboard that attaches.
//
// A Client is good for one connection; an Attachment connects again by itself. DialOver and Pipe are the two ends of a
// line to another machine.
//
// It knows requests, replies and errors as values. It must not know what a site is, who keeps it, or where the data
// folder lies. It is never reachable over TCP: whoever may open the socket may do everything, and nobody else anything.
//
// Start with the table of requests in protocol.go.
package control
