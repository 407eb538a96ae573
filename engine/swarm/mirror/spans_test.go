package mirror

import (
	"bytes"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"wtptui/engine/swarm/wire"
)

func TestSplit(t *testing.T) {
	s := newSite().add("a", 10).add("empty", 0).add("b", 20).pad(pieceLength-30).add("c", pieceLength).pad(pieceLength).
		add("d", 5).add("end", 0)
	c := content{files: s.files, layout: s.layout()}
	for _, tc := range []struct {
		block wire.Block
		want  string // empty if it is not part of the torrent
	}{
		{wire.Block{Piece: 0, Begin: 0, Length: wire.BlockSize}, "0:0-10@0 2:0-20@10"},
		{wire.Block{Piece: 0, Begin: 5, Length: 10}, "0:5-10@0 2:0-5@5"},
		{wire.Block{Piece: 0, Begin: wire.BlockSize, Length: wire.BlockSize}, "zeros"},
		{wire.Block{Piece: 1, Begin: wire.BlockSize, Length: wire.BlockSize}, "4:16384-32768@0"},
		{wire.Block{Piece: 2, Begin: 0, Length: wire.BlockSize}, "zeros"},
		{wire.Block{Piece: 3, Begin: 0, Length: 5}, "6:0-5@0"},
		{wire.Block{Piece: 3, Begin: 0, Length: 6}, ""},
		{wire.Block{Piece: 4, Begin: 0, Length: 1}, ""},
		{wire.Block{Piece: -1, Begin: 0, Length: 1}, ""},
		{wire.Block{Piece: 0, Begin: -1, Length: 2}, ""},
		{wire.Block{Piece: 0, Begin: 0, Length: 0}, ""},
		{wire.Block{Piece: 0, Begin: 0, Length: wire.BlockSize + 1}, ""},
		{wire.Block{Piece: 0, Begin: pieceLength - 1, Length: 2}, ""},
	} {
		parts, ok := c.split(&request{block: tc.block})
		var got []string
		for _, p := range parts {
			if p.file == zeros {
				got = append(got, "zeros")
				continue
			}
			got = append(got, fmt.Sprintf("%d:%d-%d@%d", p.file, p.start, p.end, p.at))
		}
		if strings.Join(got, " ") != tc.want || ok != (tc.want != "") {
			t.Errorf("%+v: got %q, %v, want %q", tc.block, got, ok, tc.want)
		}
	}
	gap := content{
		files:  []File{{Offset: 0, Length: 10}, {Offset: 20, Length: 10}},
		layout: wire.Layout{Pieces: 1, PieceLength: 30},
	}
	if _, ok := gap.split(&request{block: wire.Block{Length: 30}}); ok {
		t.Error("there is a hole between files")
	}
}

func TestSplitRandom(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 50 {
		s := newSite()
		for i := range 1 + random.Intn(60) {
			switch n := random.Intn(3 * wire.BlockSize >> random.Intn(14)); random.Intn(4) {
			case 0:
				s.pad(n)
			default:
				s.add(fmt.Sprint(i), n)
			}
		}
		c := content{files: s.files, layout: s.layout()}
		for _, b := range s.all() {
			parts, ok := c.split(&request{block: b})
			got := make([]byte, b.Length)
			for _, p := range parts {
				if p.file != zeros {
					f := s.files[p.file]
					copy(got[p.at:], s.data[f.Offset+p.start:f.Offset+p.end])
				}
			}
			if !ok || !bytes.Equal(got, s.block(b)) {
				t.Fatalf("%+v: %v, wrong content", b, ok)
			}
		}
	}
}

func TestPieces(t *testing.T) {
	s := newSite().add("a", 10).add("b", 2*pieceLength).add("empty", 0).add("c", 3*pieceLength)
	c := content{files: s.files, layout: s.layout()}
	for _, tc := range []struct {
		out   []int
		bits  byte
		count int
	}{
		{nil, 0b11111100, 6},
		{[]int{0}, 0b01111100, 5},
		{[]int{1}, 0b00011100, 3},
		{[]int{2}, 0b11111100, 6},
		{[]int{3}, 0b11000000, 2},
		{[]int{0, 1, 3}, 0, 0},
	} {
		bits, n := c.pieces(func(yield func(int) bool) {
			for _, i := range tc.out {
				yield(i)
			}
		})
		if n != tc.count || len(bits) != 1 || bits[0] != tc.bits {
			t.Errorf("without %v: got %08b, %d, want %08b, %d", tc.out, bits, n, tc.bits, tc.count)
		}
	}
}
