package pieces

import "wtptui/engine"

// kind is the state of the pieces in a cell of the grid.
type kind int

const (
	missing  kind = iota // none of its pieces is here
	partial              // some are, and none of the others is on its way
	loading              // at least one is on its way
	checking             // at least one is being hashed
	complete             // all are here
	kinds
)

// countKinds returns the number of pieces of each kind.
func countKinds(runs []engine.PieceRun) (n [kinds]int) {
	for _, r := range runs {
		n[kindOf(r.State)] += r.Count
	}
	return n
}

func kindOf(s engine.PieceState) kind {
	switch s {
	case engine.PieceComplete:
		return complete
	case engine.PiecePartial:
		return loading
	case engine.PieceChecking:
		return checking
	case engine.PieceMissing:
	}
	return missing
}

// spreadCells spreads all pieces over n cells of as nearly as possible equal shares. It goes through the runs once,
// whatever the number of pieces. If the runs do not add up to the count the remaining pieces count as missing.
func spreadCells(p engine.Pieces, n int) []kind {
	out := make([]kind, n)
	tally := make([][kinds]int, n)
	at := 0
	for _, r := range p.Runs {
		at = spreadRun(at, r.Count, p.Count, n, func(cell, pieces int) { tally[cell][kindOf(r.State)] += pieces })
	}
	for i, t := range tally {
		switch whole := (i+1)*p.Count/n - i*p.Count/n; {
		case t[complete] == whole:
			out[i] = complete
		case t[checking] > 0:
			out[i] = checking
		case t[loading] > 0:
			out[i] = loading
		case t[complete] > 0:
			out[i] = partial
		}
	}
	return out
}

// rarest returns for each of n cells how many peers have the rarest piece of it; nil while that is not known.
func rarest(p engine.Pieces, n int) []int {
	if len(p.Copies) == 0 {
		return nil
	}
	out := make([]int, n)
	for i := range out {
		out[i] = -1
	}
	at := 0
	for _, r := range p.Copies {
		at = spreadRun(at, r.Count, p.Count, n, func(cell, _ int) {
			if out[cell] < 0 || r.Copies < out[cell] {
				out[cell] = r.Copies
			}
		})
	}
	for i := range out {
		out[i] = max(out[i], 0)
	}
	return out
}

// spreadRun calls add for each of n cells that a run of pieces falls into, which begins at piece at, with the number of
// pieces in it. It returns the piece after the run. Pieces beyond count are left out.
func spreadRun(at, length, count, n int, add func(cell, pieces int)) int {
	end := min(at+max(length, 0), count)
	for at < end {
		// The cell of piece i is the one whose share [c·count/n, (c+1)·count/n) it lies in.
		cell := ((at+1)*n - 1) / count
		next := min((cell+1)*count/n, end)
		if next <= at {
			next = at + 1
		}
		add(min(cell, n-1), next-at)
		at = next
	}
	return end
}
