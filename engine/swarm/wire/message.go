package wire

import "net/netip"

// BlockSize is how long the blocks are that peers ask each other for, in bytes; only the last one of a torrent may be
// shorter.
const BlockSize = 16 << 10

// Type says what a message means. Extended messages have a type for each extension, and those that nobody here
// understands do not get as far as this.
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

// Message is what one peer says to the other. Which fields count depends on Type.
type Message struct {
	Type  Type
	Block Block
	// Data are the bytes of a block that has come. Whoever is given them by Read frees them with Free once.
	Data []byte
	// Bits has a bit for each piece, the first one the highest of the first byte.
	Bits      []byte
	Port      uint16
	Hello     *HelloMsg
	Info      InfoMsg
	Peers     *PeersMsg
	Holepunch HolepunchMsg
}

// HelloMsg is an extended handshake (BEP 10). Peers may say several: each one that is read holds what was said before,
// too, as far as it has not been said anew.
type HelloMsg struct {
	// Client is what the peer calls itself, foreign and not clean, cut to 128 bytes.
	Client string
	// InfoSize is the length of the info dictionary in bytes; 0 if the peer does not know it.
	InfoSize int
	// Requests is how many requests the peer takes at a time; 0 if it does not say.
	Requests int
	// Port is where the peer listens; 0 if it does not say.
	Port uint16
	// Metadata, PEX and Holepunch say which extensions the peer takes.
	Metadata, PEX, Holepunch bool
	// UploadOnly says that the peer wants nothing (BEP 21).
	UploadOnly bool
}

// InfoMsg is about a part of the info dictionary.
type InfoMsg struct {
	Piece int
	// Size is that of the whole dictionary in bytes.
	Size int
	Data []byte
}

// PeersMsg names peers (BEP 11).
type PeersMsg struct {
	Added, Dropped []netip.AddrPort
}

// HolepunchMsg is one of BEP 55.
type HolepunchMsg struct {
	Kind HolepunchKind
	Peer netip.AddrPort
	// Code says why there is no rendezvous.
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
