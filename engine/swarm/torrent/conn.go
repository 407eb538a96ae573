package torrent

import (
	"net"

	"wtptui/engine/swarm/wire"
)

// Conn is a connection that has shaken hands. *wire.Conn is one; a mirror (BEP 19) behaves like one, so that what it
// fetches is decided in the one place where that is done for peers. See *wire.Conn for what the methods promise.
type Conn interface {
	Theirs() wire.Handshake
	Obfuscated() bool
	RemoteAddr() net.Addr
	Start(wire.Options)
	SetLayout(wire.Layout)
	Read() (wire.Message, error)
	Send(...wire.Message)
	Serve(wire.Block) bool
	ServeInfo(piece int) bool
	Unserve(wire.Block) bool
	UnserveAll() []wire.Block
	Close()
	Wait()
}

var _ Conn = (*wire.Conn)(nil)
