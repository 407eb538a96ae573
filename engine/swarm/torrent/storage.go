package torrent

import (
	"errors"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// storage holds the content, and knows which verified pieces are here. Before open is called the content is unknown.
// Its methods may be called from any goroutine.
type storage struct {
	content atomic.Pointer[Content]
}

func (s *storage) open(c *Content) { s.content.Store(c) }

func (s *storage) opened() bool { return s.content.Load() != nil }

func (s *storage) private() bool {
	c := s.content.Load()
	return c != nil && c.Private
}

// info returns the info dictionary, nil if it is unknown.
func (s *storage) info() []byte {
	if c := s.content.Load(); c != nil {
		return c.Info
	}
	return nil
}

var errNoContent = errors.New("torrent: the content is not known yet")

// readBlock reads a verified block into p.
func (s *storage) readBlock(b wire.Block, p []byte) error {
	c := s.content.Load()
	if c == nil {
		return errNoContent
	}
	_, err := c.Data.ReadAt(p[:b.Length], int64(b.Piece)*c.Layout.PieceLength+int64(b.Begin))
	return err
}

// checkMessage returns an error if a message does not fit the content. The message may have been read before the
// content was known.
func (s *storage) checkMessage(m *wire.Message) error {
	if c := s.content.Load(); c != nil {
		return c.Layout.Check(m)
	}
	return nil
}

// pieces returns the number of pieces, 0 if it is unknown.
func (s *storage) pieces() int {
	if c := s.content.Load(); c != nil {
		return c.Layout.Pieces
	}
	return 0
}

// hasPiece reports whether a piece is complete and can be sent.
func (s *storage) hasPiece(piece int) bool {
	c := s.content.Load()
	if c == nil {
		return false
	}
	done, _ := c.Data.Piece(piece)
	return done
}

// availability returns the message that tells a new peer which pieces are here. fast reports whether the peer supports
// BEP 6.
func (s *storage) availability(fast bool) wire.Message {
	n := s.pieces()
	bits := make([]byte, (n+7)/8)
	count := 0
	for i := range n {
		if s.hasPiece(i) {
			bits[i/8] |= 0x80 >> (i % 8)
			count++
		}
	}
	switch {
	case fast && count == n:
		return wire.Message{Type: wire.HaveAll}
	case fast && count == 0:
		return wire.Message{Type: wire.HaveNone}
	}
	return wire.Message{Type: wire.Bitfield, Bits: bits}
}

// haveMessages returns a Have message for every piece that is here, for a peer that connected before the content was
// known.
func (s *storage) haveMessages() []wire.Message {
	var all []wire.Message
	for i := range s.pieces() {
		if s.hasPiece(i) {
			all = append(all, wire.Message{Type: wire.Have, Block: wire.Block{Piece: i}})
		}
	}
	return all
}
