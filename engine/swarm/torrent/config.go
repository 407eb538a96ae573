package torrent

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/engine/swarm/copies"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

// Config says how to take part in a torrent's swarm.
type Config struct {
	// Ours is what is said to peers first (BEP 3).
	Ours wire.Handshake
	// Client is what this program calls itself (BEP 10), Port where it listens for peers.
	Client string
	Port   uint16
	// Caller makes connections; nil if there are only those that Join brings.
	Caller Caller
	// Up and Down bound the rates of content; nil is no bound. They are shared with other torrents.
	Up, Down *wire.Limit
	// Unread counts the bytes that wait for peers to read them, of all torrents.
	Unread *atomic.Int64
	// MaxPeers is how many connections there may be, and Room whether one more may be of all torrents. It may be nil.
	MaxPeers int
	Room     Room
	// Own reports whether an address is that of this program; nil if none is.
	Own func(netip.AddrPort) bool
	// Admit reports whether an address may be called because a peer at origin has named it.
	Admit func(origin netip.Addr, peer netip.AddrPort) bool
	// Events is told what happens.
	Events Events
	Log    *slog.Logger
}

// Room counts the connections of all torrents. Its methods must not wait for the torrent.
type Room interface {
	// Opened counts a connection. It reports false when there must not be one more, and does not count it then.
	Opened() bool
	// Ended is called once for each connection that was counted.
	Ended()
}

// Caller makes connections to peers; dial.Dialer is one.
type Caller interface {
	// Meet calls a peer and shakes hands.
	Meet(ctx context.Context, peer netip.AddrPort, ours wire.Handshake) (*wire.Conn, engine.Via, error)
}

// Events is told by the owner what happens in a torrent. Its methods must not wait for the torrent.
type Events interface {
	// Told gives an info dictionary that a peer has told whole. It reports whether it is the torrent's; if not, the
	// peer has lied.
	Told(info []byte) bool
	// Block tells that n bytes have come that were missing; from is the peer's address.
	Block(piece, n int, from string)
	// Node tells that a peer has a DHT node (BEP 5).
	Node(addr netip.AddrPort)
	// Finished tells that the last piece has been fetched, Checked that the last one was here and had to be hashed only.
	Finished()
	Checked()
	// WriteFailed tells that data could not be written; fetching has been stopped.
	WriteFailed(err error)
	// Gave tells that a peer gave all that it did of a piece right, or something wrong: its connection is ended then.
	Gave(id [20]byte, addr netip.Addr, right bool)
	// Seen tells of a peer that has said what it has: when it says so first, when it has everything, when it leaves, and
	// once an hour.
	Seen(copies.Sighting)
	// Met tells that a peer has been called and has shaken hands. It reports whether it may stay.
	Met(id [20]byte, addr netip.Addr) bool
}

// Content is what the info dictionary says, and where the data is kept.
type Content struct {
	// Info is the bencoded info dictionary, for peers that ask for it (BEP 9).
	Info   []byte
	Layout wire.Layout
	// Right reports whether a piece is to have this SHA-1 hash.
	Right func(piece int, sum [20]byte) bool
	Data  Data
	// Private forbids to exchange peers (BEP 27).
	Private bool
}

// Data is a torrent's data on the disk; disk.Torrent is one. Its methods are called from many goroutines.
type Data interface {
	// ReadAt gives bytes of verified pieces only.
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	// CopyPiece writes the bytes of a piece, verified or not, to w.
	CopyPiece(w io.Writer, piece int) (int64, error)
	// Piece tells whether a piece is complete, and whether that is known at all.
	Piece(piece int) (done, known bool)
	// Complete and Incomplete note that a piece was hashed and is right, or is missing or wrong.
	Complete(piece int)
	Incomplete(piece int)
}

// Source is a found peer's origin, as package dial names it.
type Source = dial.Origin
