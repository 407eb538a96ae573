package torrent

import (
	"net/netip"
	"slices"

	"github.com/cespare/xxhash/v2"

	"wtptui/engine/swarm/wire"
)

// maxAccusations limits how many failures of one piece are remembered.
const maxAccusations = 4

// sender is a peer that has sent blocks. It may have disconnected.
type sender struct {
	peer *peer
	id   [20]byte
	addr netip.Addr
}

// senderLedger records which peers sent the blocks of unverified pieces.
type senderLedger struct {
	pieces map[int]*pieceSenders
}

// pieceSenders holds the senders of one piece: of its current blocks, and of earlier blocks that turned out wrong.
type pieceSenders struct {
	blocks      []*sender
	accusations []accusation
}

// accusation records the senders of a piece that failed verification, and the checksum of each block.
type accusation struct {
	blocks []*sender
	sums   []uint64
}

// recordBlock records who sent a block.
func (l *senderLedger) recordBlock(b wire.Block, g *sender) {
	if l.pieces == nil {
		l.pieces = make(map[int]*pieceSenders)
	}
	a := l.pieces[b.Piece]
	if a == nil {
		a = &pieceSenders{}
		l.pieces[b.Piece] = a
	}
	i := b.Begin / wire.BlockSize
	if missing := i + 1 - len(a.blocks); missing > 0 {
		a.blocks = append(a.blocks, make([]*sender, missing)...)
	}
	a.blocks[i] = g
}

// wasWrongBefore reports whether a piece has failed verification before, so that the checksums of its blocks are
// needed to find the liars.
func (l *senderLedger) wasWrongBefore(piece int) bool {
	a := l.pieces[piece]
	return a != nil && len(a.accusations) > 0
}

func (l *senderLedger) forget(piece int) { delete(l.pieces, piece) }

// distinct returns the senders of the current blocks, each once.
func (a *pieceSenders) distinct() []*sender {
	var all []*sender
	for _, g := range a.blocks {
		if g != nil && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}

// findLiars returns the senders of earlier blocks whose checksums differ from the right ones.
func (a *pieceSenders) findLiars(rightSums []uint64) []*sender {
	var all []*sender
	for _, c := range a.accusations {
		for i, g := range c.blocks {
			if g != nil && i < len(rightSums) && i < len(c.sums) && c.sums[i] != rightSums[i] && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// resolve handles the result of hashing a piece. It returns the peers that sent it right, and those known to have sent
// something wrong.
func (l *senderLedger) resolve(v verdict) (honest, liars []*sender) {
	a := l.pieces[v.piece]
	if a == nil {
		return nil, nil
	}
	delete(l.pieces, v.piece)
	senders := a.distinct()
	if v.valid {
		return senders, a.findLiars(v.blockSums)
	}
	switch len(senders) {
	case 0:
	case 1:
		liars = senders
	default:
		a.accusations = append(a.accusations, accusation{slices.Clone(a.blocks), v.blockSums})
		a.accusations = a.accusations[max(0, len(a.accusations)-maxAccusations):]
	}
	if len(a.accusations) > 0 {
		clear(a.blocks)
		l.pieces[v.piece] = a
	}
	return nil, liars
}

// blockSums computes a checksum for each block of what is written to it.
type blockSums struct {
	sums []uint64
	hash xxhash.Digest
	n    int // bytes of the unfinished block
}

// Write implements io.Writer.
func (s *blockSums) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if s.n == 0 {
			s.hash.Reset()
		}
		part := b[:min(len(b), wire.BlockSize-s.n)]
		_, _ = s.hash.Write(part)
		b = b[len(part):]
		if s.n += len(part); s.n == wire.BlockSize {
			s.finishBlock()
		}
	}
	return n, nil
}

// finishBlock ends the last block, which may be short.
func (s *blockSums) finishBlock() {
	if s.n > 0 {
		s.sums = append(s.sums, s.hash.Sum64())
		s.n = 0
	}
}
