// Package wire implements one connection to a peer: the handshake, plain or obfuscated (MSE), and messages in both
// directions (BEP 3, BEP 5, BEP 6, BEP 9, BEP 10, BEP 11, BEP 55).
//
// It knows bytes, and what each message may contain: everything that a peer sends is checked here, once, and no caller
// sees a number that is out of range. It limits what is queued for a peer that does not read. It must not know which
// pieces are wanted, who else is connected, or where peers are found.
//
// Start with Dial and Accept in handshake.go, then Conn in conn.go and Message in message.go. Incoming bytes go
// through read.go, extended.go and layout.go, outgoing ones through queue.go, write.go and encode.go; stream.go is
// below both.
package wire
