// Package control is the control protocol: package engine's contract over a unix socket, as HTTP with JSON bodies. The
// program that keeps the sites calls Listen and Serve. All others, such as the command line and an attached dashboard,
// call Dial. The Client that it returns is an engine.Engine like any other.
//
// A Client has one connection; an Attachment reconnects by itself. DialOver and Pipe connect to the socket of another
// machine.
//
// The package knows requests, replies and errors as values. It must not know what a site is, who keeps it, or where the
// data folder is. The protocol is never served over TCP: the permissions of the socket decide who may use it, and
// whoever may use it may do everything.
//
// Start with the table of requests in protocol.go.
package control
