// Package cause says in plain words why a request over the network has failed: what a person can read beside the name of
// the server that was asked ("it refuses the connection", "DNS does not know tracker.example").
//
// It knows the errors of net, DNS, TLS, HTTP and the system. It must not know what was asked, of whom, or what follows
// from it: that is for whoever asked to say.
package cause
