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

// Config holds the settings of a Torrent.
type Config struct {
	// Handshake is the handshake sent to peers (BEP 3).
	Handshake wire.Handshake
	// Client is the client name sent to peers (BEP 10), Port the port on which this program listens for peers.
	Client string
	Port   uint16
	// Dialer connects to peers. If it is nil, only connections passed to AddConn are used.
	Dialer Dialer
	// Up and Down limit the rates of content; nil is no limit. They are shared with other torrents.
	Up, Down *wire.Limit
	// UnreadBytes counts the bytes sent to peers of all torrents that wait to be read by them.
	UnreadBytes *atomic.Int64
	// MaxPeers is the maximum number of connections of this torrent. ConnLimit limits those of all torrents; it may be
	// nil.
	MaxPeers  int
	ConnLimit ConnLimit
	// IsOwnAddr reports whether an address is that of this program; nil if no address is.
	IsOwnAddr func(netip.AddrPort) bool
	// AdmitPEX reports whether an address may be dialed because the peer at origin has sent it (BEP 11, BEP 55).
	AdmitPEX func(origin netip.Addr, peer netip.AddrPort) bool
	// Events receives notifications.
	Events Events
	Log    *slog.Logger
}

// ConnLimit limits the connections of all torrents. Its methods must not wait for the torrent.
type ConnLimit interface {
	// TryAcquire counts one more connection. It returns false, and counts nothing, when the limit is reached.
	TryAcquire() bool
	// Release must be called once for each connection that was counted.
	Release()
}

// Dialer connects to peers. *dial.Dialer implements it.
type Dialer interface {
	// Dial connects to a peer and shakes hands.
	Dial(ctx context.Context, peer netip.AddrPort, ours wire.Handshake) (*wire.Conn, engine.Via, error)
}

// Events receives notifications from the owner of a torrent. Its methods must not wait for the torrent.
type Events interface {
	// InfoReceived is called with an info dictionary that one peer has sent completely. It reports whether the
	// dictionary matches the infohash; if not, the peer is banned.
	InfoReceived(info []byte) bool
	// BlockReceived is called when n bytes of a missing piece have arrived; from is the peer's address.
	BlockReceived(piece, n int, from string)
	// NodeFound is called when a peer has a DHT node (BEP 5).
	NodeFound(addr netip.AddrPort)
	// Finished is called when the last missing piece has been fetched, Checked when the last piece did not have to be
	// fetched but only hashed.
	Finished()
	Checked()
	// WriteFailed is called when data could not be written. Fetching has been stopped then.
	WriteFailed(err error)
	// SenderChecked is called when a piece has been hashed. right is true for a peer whose blocks of it were all
	// right, and false for one that has sent wrong data: its connection is closed then.
	SenderChecked(id [20]byte, addr netip.Addr, right bool)
	// PeerSighted is called when a peer first says which pieces it has, when it becomes a seed, when it disconnects,
	// and once an hour.
	PeerSighted(copies.Sighting)
	// PeerDialed is called when a dialed peer has shaken hands. It reports whether the connection may stay.
	PeerDialed(id [20]byte, addr netip.Addr) bool
}

// Content is the content of the torrent: its info dictionary, and where its data is stored.
type Content struct {
	// Info is the bencoded info dictionary, for peers that ask for it (BEP 9).
	Info   []byte
	Layout wire.Layout
	// VerifyHash reports whether sum is the SHA-1 hash of a piece.
	VerifyHash func(piece int, sum [20]byte) bool
	Data       Data
	// Private disables peer exchange (BEP 27).
	Private bool
}

// Data is a torrent's data on the disk. *disk.Torrent implements it. Its methods are called from many goroutines.
type Data interface {
	// ReadAt reads bytes of verified pieces only.
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	// CopyPiece writes the bytes of a piece, verified or not, to w.
	CopyPiece(w io.Writer, piece int) (int64, error)
	// Piece reports whether a piece is complete, and whether that is known at all.
	Piece(piece int) (done, known bool)
	// Complete records that a piece was hashed and is right, Incomplete that it is missing or wrong.
	Complete(piece int)
	Incomplete(piece int)
}

// Source is the origin of a found peer, as package dial defines it.
type Source = dial.Origin
