package wire

import "net/netip"

// BlockSize is the length of the blocks that peers request, in bytes; only the last one of a torrent may be shorter.
const BlockSize = 16 << 10

// Type is the type of a message. Extended messages have a type for each extension. Messages that are not understood
// here are never returned.
type Type uint8

// The types of messages.
const (
	Choke Type = iota
	Unchoke
	Interested
	NotInterested
	Have        // Request.Piece
	Bitfield    // Bits
	HaveAll     // BEP 6
	HaveNone    // BEP 6
	Request     // Block
	Piece       // Block and Data
	Cancel      // Block
	Reject      // Block (BEP 6)
	Suggest     // Block.Piece (BEP 6)
	AllowedFast // Block.Piece (BEP 6)
	Port        // Port (BEP 5)
	Hello       // Hello: the extended handshake (BEP 10)
	InfoRequest // Info.Piece (BEP 9)
	InfoPiece   // Info (BEP 9)
	InfoReject  // Info.Piece (BEP 9)
	Peers       // Peers (BEP 11)
	Holepunch   // Holepunch (BEP 55)
)

// Block is a part of a piece.
type Block struct {
	Piece         int
	Begin, Length int // bytes
}

// Message is a message between peers. Type determines which fields are used.
type Message struct {
	Type  Type
	Block Block
	// Data holds the bytes of a received block. The caller of Read must pass it to Free once.
	Data []byte
	// Bits has a bit for each piece; the first is the highest bit of the first byte.
	Bits      []byte
	Port      uint16
	Hello     *HelloMsg
	Info      InfoMsg
	Peers     *PeersMsg
	Holepunch HolepunchMsg
}

// HelloMsg is an extended handshake (BEP 10). Peers may send several: each one that is read also holds the values of
// those before, unless it replaces them.
type HelloMsg struct {
	// Client is the peer's client name, foreign and not clean, cut to 128 bytes.
	Client string
	// InfoSize is the length of the info dictionary in bytes; 0 if the peer does not have it.
	InfoSize int
	// Requests is how many outstanding requests the peer accepts; 0 if unknown.
	Requests int
	// Port is the port on which the peer listens; 0 if unknown.
	Port uint16
	// Metadata, PEX and Holepunch report which extensions the peer supports.
	Metadata, PEX, Holepunch bool
	// UploadOnly reports that the peer does not download (BEP 21).
	UploadOnly bool
}

// InfoMsg is about a part of the info dictionary.
type InfoMsg struct {
	Piece int
	// Size is the size of the whole dictionary in bytes.
	Size int
	Data []byte
}

// PeersMsg is a PEX message (BEP 11).
type PeersMsg struct {
	Added, Dropped []netip.AddrPort
}

// HolepunchMsg is a message of BEP 55.
type HolepunchMsg struct {
	Kind HolepunchKind
	Peer netip.AddrPort
	// Code is the error code.
	Code uint32
}

// HolepunchKind is one of the three messages of BEP 55.
type HolepunchKind uint8

// The kinds of BEP 55.
const (
	Rendezvous HolepunchKind = iota
	Connect
	HolepunchError
)
