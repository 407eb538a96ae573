package torrent

import (
	"net/netip"
	"slices"

	"github.com/cespare/xxhash/v2"

	"wtptui/engine/swarm/wire"
)

// maxAccused bounds how many failures of one piece are remembered.
const maxAccused = 4

// giver is a peer as the source of blocks, whether it is still connected or not.
type giver struct {
	peer *peer
	id   [20]byte
	addr netip.Addr
}

// ledger knows which peers gave the blocks of pieces that are not verified.
type ledger struct {
	pieces map[int]*account
}

// account is what is known of one piece.
type account struct {
	blocks  []*giver
	accused []claim
}

// claim is what the givers of a piece that was wrong had sent.
type claim struct {
	blocks []*giver
	sums   []uint64
}

// gave notes where a block came from.
func (l *ledger) gave(b wire.Block, g *giver) {
	if l.pieces == nil {
		l.pieces = make(map[int]*account)
	}
	a := l.pieces[b.Piece]
	if a == nil {
		a = &account{}
		l.pieces[b.Piece] = a
	}
	i := b.Begin / wire.BlockSize
	if missing := i + 1 - len(a.blocks); missing > 0 {
		a.blocks = append(a.blocks, make([]*giver, missing)...)
	}
	a.blocks[i] = g
}

// disputed reports whether a piece has been wrong before, and the sums of its blocks tell who was.
func (l *ledger) disputed(piece int) bool {
	a := l.pieces[piece]
	return a != nil && len(a.accused) > 0
}

func (l *ledger) forget(piece int) { delete(l.pieces, piece) }

// givers are the peers that have given a block, each once.
func (a *account) givers() []*giver {
	var all []*giver
	for _, g := range a.blocks {
		if g != nil && !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}

// liars are those whose blocks were not what they turned out to be.
func (a *account) liars(right []uint64) []*giver {
	var all []*giver
	for _, c := range a.accused {
		for i, g := range c.blocks {
			if g != nil && i < len(right) && i < len(c.sums) && c.sums[i] != right[i] && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// settle closes the account of a piece that was hashed. It returns who gave it right, and who gave something wrong, as
// far as that can be told.
func (l *ledger) settle(v verdict) (honest, liars []*giver) {
	a := l.pieces[v.piece]
	if a == nil {
		return nil, nil
	}
	delete(l.pieces, v.piece)
	givers := a.givers()
	if v.right {
		return givers, a.liars(v.sums)
	}
	switch len(givers) {
	case 0:
	case 1:
		liars = givers
	default:
		a.accused = append(a.accused, claim{slices.Clone(a.blocks), v.sums})
		a.accused = a.accused[max(0, len(a.accused)-maxAccused):]
	}
	if len(a.accused) > 0 {
		clear(a.blocks)
		l.pieces[v.piece] = a
	}
	return nil, liars
}

// blockSums hashes what is written to it in blocks.
type blockSums struct {
	sums []uint64
	hash xxhash.Digest
	n    int // of the block that is not complete
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
			s.close()
		}
	}
	return n, nil
}

// close ends the last block, which may be a short one.
func (s *blockSums) close() {
	if s.n > 0 {
		s.sums = append(s.sums, s.hash.Sum64())
		s.n = 0
	}
}
