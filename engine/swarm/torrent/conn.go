package torrent

import (
	"net"

	"wtptui/engine/swarm/wire"
)

// Conn is a connection that has shaken hands. *wire.Conn implements it, and so does a mirror (BEP 19): what is fetched
// from mirrors is decided by the same code as for peers. See *wire.Conn for the contract of the methods.
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
