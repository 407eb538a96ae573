package disk

import (
	"slices"
	"testing"
)

// The progress of one file equals its entry in the list of all files, and each subscriber is notified of each piece
// once.
func TestFileProgress(t *testing.T) {
	l := Layout{
		PieceLength: 10, Pieces: 4,
		Files: []File{{Offset: 0, Length: 15}, {Offset: 15}, {Offset: 15, Length: 3}, {Offset: 18, Length: 17}},
	}
	s, err := New(Options{Dir: t.TempDir(), Completion: &memory{}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tor, err := s.Open([20]byte{1}, l, false)
	if err != nil {
		t.Fatal(err)
	}
	var reported []int
	tor.OnComplete(func(piece int) {
		if done, _ := tor.Piece(piece); done {
			reported = append(reported, piece)
		}
	})
	for _, p := range []int{3, 1, 1, 0} {
		tor.Complete(p)
		for i, want := range tor.FileProgress() {
			if got := tor.FileHave(i); got != want {
				t.Errorf("after piece %d: %d bytes of file %d, want %d", p, got, i, want)
			}
		}
	}
	if !slices.Equal(reported, []int{3, 1, 0}) {
		t.Errorf("told of %v", reported)
	}
}
