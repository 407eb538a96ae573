package torrent

import (
	"errors"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// storage is the content of which verified pieces are here: what peers are told of it, and sent from it. Nothing is
// known of it until open is called; any goroutine may ask.
type storage struct {
	content atomic.Pointer[Content]
}

func (s *storage) open(c *Content) { s.content.Store(c) }

func (s *storage) opened() bool { return s.content.Load() != nil }

func (s *storage) private() bool {
	c := s.content.Load()
	return c != nil && c.Private
}

// info is the info dictionary, nil while it is not known.
func (s *storage) info() []byte {
	if c := s.content.Load(); c != nil {
		return c.Info
	}
	return nil
}

var errNoContent = errors.New("torrent: nothing is known of its content")

// block reads a verified block.
func (s *storage) block(b wire.Block, p []byte) error {
	c := s.content.Load()
	if c == nil {
		return errNoContent
	}
	_, err := c.Data.ReadAt(p[:b.Length], int64(b.Piece)*c.Layout.PieceLength+int64(b.Begin))
	return err
}

// check reports what a message says that cannot be: it may have been read before that was known.
func (s *storage) check(m *wire.Message) error {
	if c := s.content.Load(); c != nil {
		return c.Layout.Check(m)
	}
	return nil
}

// pieces returns how many pieces there are, 0 while that is not known.
func (s *storage) pieces() int {
	if c := s.content.Load(); c != nil {
		return c.Layout.Pieces
	}
	return 0
}

// here reports whether a piece can be sent.
func (s *storage) here(piece int) bool {
	c := s.content.Load()
	if c == nil {
		return false
	}
	done, _ := c.Data.Piece(piece)
	return done
}

// have says to a peer that has just come what is here.
func (s *storage) have(fast bool) wire.Message {
	n := s.pieces()
	bits := make([]byte, (n+7)/8)
	count := 0
	for i := range n {
		if s.here(i) {
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

// news says to a peer that came before anything was known what is here.
func (s *storage) news() []wire.Message {
	var all []wire.Message
	for i := range s.pieces() {
		if s.here(i) {
			all = append(all, wire.Message{Type: wire.Have, Block: wire.Block{Piece: i}})
		}
	}
	return all
}
