package torrent

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// spread counts to how many of the connected peers each piece was sent. When several peers want something, each gets
// first what the others did not get from here, so that they can exchange it: peers that come for the same page request
// the same pieces in the same order, and would all wait for each of them.
type spread struct {
	unchoked atomic.Int32 // number of peers that are interested and not choked

	mu     sync.Mutex
	sentTo []uint16
}

// sentPieces is the set of pieces sent to one peer. It belongs to the goroutine that writes to the peer, except where
// noted.
type sentPieces struct {
	*spread
	current int      // the piece sent last, -1 if none
	pieces  []uint64 // a bit for each piece; guarded by spread.mu
	closed  bool
}

func (s *spread) newSentPieces() *sentPieces { return &sentPieces{spread: s, current: -1} }

// nextBlock returns the index of the block to send next, and marks its piece as sent. The very first piece is the one
// that was requested first, whatever others were sent: the peer waits for the first file of a page.
func (g *sentPieces) nextBlock(waiting []wire.Block) int {
	if waiting[0].Piece == g.current {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i := 0
	if g.current >= 0 && g.unchoked.Load() > 1 {
		i = g.chooseBlock(waiting)
	}
	g.markSent(waiting[i].Piece)
	return i
}

// chooseBlock returns the index of the first block of the current piece, or else of a piece that fewest other peers
// were sent.
func (g *sentPieces) chooseBlock(waiting []wire.Block) int {
	if i := slices.IndexFunc(waiting, func(b wire.Block) bool { return b.Piece == g.current }); i >= 0 {
		return i
	}
	best, least := 0, -1
	for i, b := range waiting {
		n := g.countOtherPeers(b.Piece)
		if least < 0 || n < least {
			best, least = i, n
		}
		if n == 0 {
			break
		}
	}
	return best
}

// countOtherPeers returns to how many other peers a piece was sent.
func (g *sentPieces) countOtherPeers(piece int) int {
	n := 0
	if piece < len(g.sentTo) {
		n = int(g.sentTo[piece])
	}
	if g.has(piece) {
		n--
	}
	return n
}

func (g *sentPieces) has(piece int) bool {
	return piece/64 < len(g.pieces) && g.pieces[piece/64]&(1<<(piece%64)) != 0
}

func (g *sentPieces) markSent(piece int) {
	if g.current = piece; g.closed || g.has(piece) {
		return
	}
	if n := piece/64 + 1 - len(g.pieces); n > 0 {
		g.pieces = append(g.pieces, make([]uint64, n)...)
	}
	g.pieces[piece/64] |= 1 << (piece % 64)
	if n := piece + 1 - len(g.sentTo); n > 0 {
		g.sentTo = append(g.sentTo, make([]uint16, n)...)
	}
	g.sentTo[piece]++
}

// close subtracts the pieces of a peer that has disconnected.
func (g *sentPieces) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.pieces {
		for ; w != 0; w &= w - 1 {
			g.sentTo[i*64+bits.TrailingZeros64(w)]--
		}
	}
	g.pieces, g.closed = nil, true
}
