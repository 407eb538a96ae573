package torrent

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"wtptui/engine/swarm/wire"
)

// spread knows to how many of the connected peers each piece was given. When several want something, each gets first
// what others have not got from here, and they can give it to each other: a crowd that comes for one page asks for the
// same pieces in the same order, and all would wait for each of them together.
type spread struct {
	served atomic.Int32 // how many peers want something and get it

	mu    sync.Mutex
	given []uint16
}

// gifts are the pieces that were given to one peer. The goroutine has them that writes to it.
type gifts struct {
	*spread
	current int      // the piece that was given last; none if it is less than zero
	pieces  []uint64 // a bit for each; spread.mu guards them
	gone    bool
}

func (s *spread) newGifts() *gifts { return &gifts{spread: s, current: -1} }

// next chooses a block of those that wait, and notes that it is given. The first piece of all is the one that was asked
// for first, whatever others were given: whoever comes for a page waits for its first file.
func (g *gifts) next(waiting []wire.Block) int {
	if waiting[0].Piece == g.current {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i := 0
	if g.current >= 0 && g.served.Load() > 1 {
		i = g.choose(waiting)
	}
	g.note(waiting[i].Piece)
	return i
}

// choose returns the first block of the piece that was begun, or else of one that fewest others were given.
func (g *gifts) choose(waiting []wire.Block) int {
	if i := slices.IndexFunc(waiting, func(b wire.Block) bool { return b.Piece == g.current }); i >= 0 {
		return i
	}
	best, least := 0, -1
	for i, b := range waiting {
		n := g.others(b.Piece)
		if least < 0 || n < least {
			best, least = i, n
		}
		if n == 0 {
			break
		}
	}
	return best
}

// others returns how many other peers were given a piece.
func (g *gifts) others(piece int) int {
	n := 0
	if piece < len(g.given) {
		n = int(g.given[piece])
	}
	if g.has(piece) {
		n--
	}
	return n
}

func (g *gifts) has(piece int) bool {
	return piece/64 < len(g.pieces) && g.pieces[piece/64]&(1<<(piece%64)) != 0
}

func (g *gifts) note(piece int) {
	if g.current = piece; g.gone || g.has(piece) {
		return
	}
	if n := piece/64 + 1 - len(g.pieces); n > 0 {
		g.pieces = append(g.pieces, make([]uint64, n)...)
	}
	g.pieces[piece/64] |= 1 << (piece % 64)
	if n := piece + 1 - len(g.given); n > 0 {
		g.given = append(g.given, make([]uint16, n)...)
	}
	g.given[piece]++
}

// forget takes back what was given to a peer that has gone.
func (g *gifts) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.pieces {
		for ; w != 0; w &= w - 1 {
			g.given[i*64+bits.TrailingZeros64(w)]--
		}
	}
	g.pieces, g.gone = nil, true
}
