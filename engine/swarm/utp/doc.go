// Package utp has the endpoints of uTP (BEP 29), over github.com/anacrolix/utp, and mends how these are closed.
//
// It knows sockets and connections. It must not know what is sent over them.
package utp
