package pieces

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/theme"
)

// Every piece is in exactly one cell, the one whose share it is in, whatever the numbers.
func TestEveryPieceHasItsCell(t *testing.T) {
	for count := 1; count <= 60; count++ {
		for n := 1; n <= count; n++ {
			seen := make([]int, n)
			at := 0
			for _, run := range []int{1, 3, 2, 100} {
				at = spreadRun(at, run, count, n, func(cell, pieces int) { seen[cell] += pieces })
			}
			for c, got := range seen {
				if want := (c+1)*count/n - c*count/n; got != want {
					t.Fatalf("%d pieces in %d cells: cell %d has %d of them, want %d", count, n, c, got, want)
				}
			}
		}
	}
}

func TestGridAndCopies(t *testing.T) {
	th := theme.None()
	p := New(&th)
	show := func(pieces engine.Pieces, w, h int) string {
		t.Helper()
		p.Set(engine.Detail{Pieces: pieces}, time.Time{})
		return ansi.Strip(p.View(w, h))
	}
	runs := []engine.PieceRun{
		{State: engine.PieceComplete, Count: 4},
		{State: engine.PiecePartial, Count: 1},
		{State: engine.PieceChecking, Count: 1},
		{State: engine.PieceMissing, Count: 2},
	}
	out := show(engine.Pieces{Length: 1 << 18, Count: 8, Runs: runs}, 100, 4)
	for _, want := range []string{
		"████▒×··", "here 4", "loading 1", "checking 1", "missing 2",
		"each is a piece of 256 KB",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	copies := []engine.CopyRun{{Copies: 3, Count: 4}, {Copies: 12, Count: 2}, {Copies: 1, Count: 2}}
	out = show(engine.Pieces{Length: 1 << 18, Count: 8, Runs: runs, Copies: copies}, 120, 6)
	if !strings.Contains(out, "3333++11") || !strings.Contains(out, "The rarest 2 pieces: 1") {
		t.Errorf("the copies are\n%s", out)
	}
	// More pieces than cells: four columns and one row for eight pieces.
	out = show(engine.Pieces{
		Length: 1 << 18, Count: 8,
		Runs: []engine.PieceRun{{State: engine.PieceComplete, Count: 3}, {State: engine.PieceMissing, Count: 5}},
	}, 8, 4)
	if !strings.Contains(out, "█▄··") {
		t.Errorf("eight pieces in four cells:\n%s", out)
	}
	for _, odd := range []engine.Pieces{
		{},
		{Count: 5},
		{
			Count: 3, Runs: []engine.PieceRun{{State: "odd", Count: 9}, {Count: -2}},
			Copies: []engine.CopyRun{{Copies: -4, Count: 1}},
		},
	} {
		show(odd, 40, 5)
		show(odd, 1, 1)
	}
}

// The signs differ from each other, also in ASCII: without colour pieces differ only by them.
func TestSignsDifferWithoutColour(t *testing.T) {
	seen := map[string]bool{}
	for _, sign := range signs {
		a := theme.ASCII(sign)
		if seen[sign] || seen[a] || ansi.StringWidth(sign) != 1 || a == "?" {
			t.Errorf("%q, in ASCII %q", sign, a)
		}
		seen[sign], seen[a] = true, true
	}
}

func BenchmarkView(b *testing.B) {
	th := theme.Dark()
	p := New(&th)
	d := engine.Detail{Pieces: engine.Pieces{Length: 16 << 10, Count: 1 << 20}}
	for range 1 << 10 {
		d.Pieces.Runs = append(d.Pieces.Runs, engine.PieceRun{State: engine.PieceComplete, Count: 512},
			engine.PieceRun{State: engine.PieceMissing, Count: 512})
	}
	p.Set(d, time.Time{})
	for b.Loop() {
		p.View(200, 50)
	}
}
