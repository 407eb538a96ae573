package wire

import (
	"errors"
	"fmt"
)

// MaxPieces is how many pieces a torrent may have.
const MaxPieces = 1 << 19

// maxPiece bounds where in a piece of unknown length a block may begin, in bytes.
const maxPiece = 1 << 30

// Layout is how a torrent is divided into pieces.
type Layout struct {
	Pieces int
	// PieceLength and Size, that of the whole torrent, are in bytes.
	PieceLength, Size int64
}

// LengthOf returns how long a piece is, in bytes.
func (l Layout) LengthOf(piece int) int64 {
	return min(l.PieceLength, l.Size-int64(piece)*l.PieceLength)
}

// unknown is the layout of a torrent of which nothing is known.
var unknown = Layout{Pieces: MaxPieces}

var errNoPiece = errors.New("wire: the peer names a piece that there is not")

// Check returns an error for a message that does not make sense in a torrent. It cuts a bitfield to the right length,
// and clears its spare bits, which some clients set.
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

// checkBlock returns an error for a block that is not a part of a piece. It can be asked for if it is no longer than
// BlockSize, wherever it begins.
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

// fit makes bits as long as the pieces are many, if that is known.
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
