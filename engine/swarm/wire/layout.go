package wire

import (
	"errors"
	"fmt"
)

// MaxPieces is the maximum number of pieces of a torrent.
const MaxPieces = 1 << 19

// maxPiece limits where in a piece of unknown length a block may begin, in bytes.
const maxPiece = 1 << 30

// Layout is how a torrent is divided into pieces.
type Layout struct {
	Pieces int
	// PieceLength and Size, that of the whole torrent, are in bytes.
	PieceLength, Size int64
}

// LengthOf returns the length of a piece in bytes.
func (l Layout) LengthOf(piece int) int64 {
	return min(l.PieceLength, l.Size-int64(piece)*l.PieceLength)
}

// unknown is the layout of a torrent whose content is unknown.
var unknown = Layout{Pieces: MaxPieces}

var errNoPiece = errors.New("wire: the peer names a piece that does not exist")

// Check returns an error for a message that does not fit the torrent. It cuts or extends a bitfield to the right
// length, and clears its spare bits, which some clients set.
func (l Layout) Check(m *Message) error {
	switch m.Type {
	case Have, Suggest, AllowedFast:
		if m.Block.Piece >= l.Pieces {
			return errNoPiece
		}
	case Bitfield:
		m.Bits = l.fit(m.Bits)
	case Request, Piece, Cancel, Reject:
		return l.checkBlock(m.Block)
	}
	return nil
}

// checkBlock returns an error for a block that is not part of a piece. A block may be up to BlockSize long and begin
// anywhere.
func (l Layout) checkBlock(b Block) error {
	switch {
	case b.Piece >= l.Pieces:
		return errNoPiece
	case b.Length <= 0 || b.Length > BlockSize:
		return fmt.Errorf("wire: the peer names a block of %d bytes", b.Length)
	case b.Begin > maxPiece || l.PieceLength > 0 && int64(b.Begin)+int64(b.Length) > l.LengthOf(b.Piece):
		return fmt.Errorf("wire: the peer names a block of %d bytes at %d, behind the end of its piece", b.Length, b.Begin)
	}
	return nil
}

// fit returns bits with one bit for each piece, if the number of pieces is known.
func (l Layout) fit(bits []byte) []byte {
	if l.PieceLength == 0 {
		return bits
	}
	n := (l.Pieces + 7) / 8
	if len(bits) < n {
		bits = append(bits, make([]byte, n-len(bits))...)
	}
	bits = bits[:n]
	if spare := 8*n - l.Pieces; spare > 0 {
		bits[n-1] &^= 1<<spare - 1
	}
	return bits
}
