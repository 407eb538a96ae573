package disk

import (
	"slices"
	"testing"
)

// What is here of one file is the same as in the list of all, and whoever asked is told of each piece once.
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
	var told []int
	tor.OnComplete(func(piece int) {
		if done, _ := tor.Piece(piece); done {
			told = append(told, piece)
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
	if !slices.Equal(told, []int{3, 1, 0}) {
		t.Errorf("told of %v", told)
	}
}
