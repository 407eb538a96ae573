// Package cause describes in plain words why a request over the network failed: a text that a person can read beside
// the name of the server ("it refuses the connection", "DNS does not know tracker.example").
//
// It knows the errors of net, DNS, TLS, HTTP and the system. It must not know what was requested, from which server,
// or what follows from it: the caller adds that.
package cause
