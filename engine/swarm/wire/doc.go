// Package wire is one connection to a peer: the handshake, plain or obfuscated (MSE), and messages in both directions
// (BEP 3, BEP 5, BEP 6, BEP 9, BEP 10, BEP 11, BEP 55).
//
// It knows bytes, and what each message may say: all that a stranger sends is checked here, once, and nobody behind
// this package sees a number that is out of range. It bounds what waits to be sent to a peer that does not read. It
// must not know which pieces are wanted, who else is connected, or where peers are found.
//
// Start with Dial and Accept in handshake.go, then Conn in conn.go and Message in message.go. What comes in goes
// through read.go, extended.go and layout.go, what goes out through queue.go, write.go and encode.go; stream.go is what
// lies beneath both.
package wire
