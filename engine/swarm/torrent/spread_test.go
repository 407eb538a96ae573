package torrent

import (
	"slices"
	"testing"

	"wtptui/engine/swarm/wire"
)

// waitingPieces returns the blocks that a peer waits for, two of each piece.
func waitingPieces(pieces ...int) (all []wire.Block) {
	for _, i := range pieces {
		for b := range 2 {
			all = append(all, wire.Block{Piece: i, Begin: b * wire.BlockSize, Length: wire.BlockSize})
		}
	}
	return all
}

// sendNext sends a peer n blocks, and returns the pieces they belong to.
func (g *sentPieces) sendNext(waiting *[]wire.Block, n int) (pieces []int) {
	for range n {
		i := g.nextBlock(*waiting)
		pieces = append(pieces, (*waiting)[i].Piece)
		*waiting = slices.Delete(*waiting, i, i+1)
	}
	return pieces
}

// Peers that request the same get different pieces, each of them whole, but their first requests are served first.
func TestPiecesAreSpread(t *testing.T) {
	s := &spread{}
	s.unchoked.Store(3)
	expect := func(what string, got []int, want ...int) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s gets %v, want %v", what, got, want)
		}
	}
	var peers []*sentPieces
	var waiting [][]wire.Block
	for range 3 {
		peers = append(peers, s.newSentPieces())
		waiting = append(waiting, waitingPieces(0, 1, 2, 3))
	}
	expect("the first one", peers[0].sendNext(&waiting[0], 4), 0, 0, 1, 1)
	expect("the second one", peers[1].sendNext(&waiting[1], 4), 0, 0, 2, 2)
	expect("the third one", peers[2].sendNext(&waiting[2], 4), 0, 0, 3, 3)
	expect("the first one", peers[0].sendNext(&waiting[0], 4), 2, 2, 3, 3)
	peers[0].close()
	peers[0].nextBlock(waitingPieces(9)) // on its way out
	expect("the second one", peers[1].sendNext(&waiting[1], 4), 1, 1, 3, 3)
	for i, n := range s.sentTo[:4] {
		if want := []uint16{2, 1, 1, 2}[i]; n != want {
			t.Errorf("piece %d was given to %d, want %d", i, n, want)
		}
	}
	s.unchoked.Store(1)
	expect("who is alone", peers[2].sendNext(&waiting[2], 4), 1, 1, 2, 2)
}

func BenchmarkSpread(b *testing.B) {
	s := &spread{}
	s.unchoked.Store(8)
	g := s.newSentPieces()
	waiting := make([]wire.Block, 64)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		for i := range waiting {
			waiting[i].Piece = (n + i) / 4 % 10_000
		}
		g.nextBlock(waiting)
	}
}
