package disk

// Progress is how much of a torrent is here.
type Progress struct {
	// Completed is how many bytes of files that are not hidden lie in complete pieces.
	Completed int64
	// Kept is how many of these bytes would survive a power cut: they have been flushed, and their pieces are recorded.
	Kept int64
	// Unchecked is the number of pieces whose data has not been hashed yet.
	Unchecked int
}

// Progress returns the current progress. It is cheap: the numbers are updated as pieces change.
func (l *ledger) Progress() Progress {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Progress{Completed: l.pieces.content, Kept: l.pieces.keptContent, Unchecked: l.pieces.unchecked}
}

// FileProgress returns the number of verified bytes of each file, hidden ones included.
func (l *ledger) FileProgress() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	done := make([]int64, len(l.pieces.layout.Files))
	for p, s := range l.pieces.states {
		if s != complete {
			continue
		}
		offset, length := l.pieces.layout.PieceRange(p)
		for _, seg := range l.pieces.layout.segments(offset, length) {
			done[seg.file] += seg.length
		}
	}
	return done
}

// FileHave returns the number of verified bytes of one file.
func (l *ledger) FileHave(file int) (have int64) {
	f := l.pieces.layout.Files[file]
	l.mu.Lock()
	defer l.mu.Unlock()
	first, last := l.pieces.layout.pieces(file, 0)
	for p := first; p < last; p++ {
		if l.pieces.states[p] == complete {
			offset, length := l.pieces.layout.PieceRange(p)
			have += min(offset+length, f.Offset+f.Length) - max(offset, f.Offset)
		}
	}
	return have
}

// FileComplete reports whether all bytes of a file are here and verified.
func (l *ledger) FileComplete(file int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first, last := l.pieces.layout.pieces(file, 0)
	for p := first; p < last; p++ {
		if l.pieces.states[p] != complete {
			return false
		}
	}
	return true
}

// Verify hashes each piece with check, which reports whether it is right, and records the result. It is for a torrent
// that is not in its swarm. It ends early when stop returns true.
func (t *Torrent) Verify(check func(piece int) bool, stop func() bool) {
	for p := range t.layout.Pieces {
		if stop() {
			return
		}
		if check(p) {
			t.Complete(p)
		} else {
			t.Incomplete(p)
		}
	}
}
