package disk

import (
	"maps"
	"slices"
	"sync"
)

// ledger is what is known of a torrent's data, and what of that has still to be recorded. All that changes together
// changes under its lock, in one method; none of them touches the disk. Its methods may be called from many goroutines.
type ledger struct {
	record notifier

	mu     sync.Mutex
	pieces pieces
	// suspect says that a flush has failed: what is written may be lost, although it can still be read; see Rewrite.
	suspect    bool
	onDamage   func(pieces []int)
	onComplete func(piece int)
}

// notifier is told that there is something to record, and how many bytes have to be flushed before.
type notifier interface {
	add(bytes int64)
	// urge is add for what cannot wait.
	urge()
}

// found notes what was found of a piece when the torrent was opened: whether the files are long enough to hold it, and
// whether it was recorded as complete and that is believed. It reports whether the piece is taken for complete.
func (l *ledger) found(piece int, here, recorded, believed bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pieces.recorded[piece], l.pieces.kept[piece] = recorded, recorded
	switch {
	case !here:
		l.pieces.set(piece, incomplete)
		if len(l.pieces.changes) > 0 {
			l.record.add(0)
		}
	case recorded && believed:
		l.pieces.set(piece, complete)
		return true
	}
	return false
}

// OnDamage sets what is called, from the store's goroutine, when files turned out to be shorter than they were and
// pieces that were complete are not any more.
func (l *ledger) OnDamage(f func(pieces []int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onDamage = f
}

// OnComplete sets what is called, from the goroutine that says so, when a piece has become complete.
func (l *ledger) OnComplete(f func(piece int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onComplete = f
}

// reportDamage tells the owner which pieces are not complete any more.
func (l *ledger) reportDamage() {
	l.mu.Lock()
	damaged, report := l.pieces.damaged, l.onDamage
	l.pieces.damaged = nil
	l.mu.Unlock()
	if len(damaged) > 0 && report != nil {
		report(damaged)
	}
}

// Piece tells whether a piece is complete, and whether that is known at all.
func (l *ledger) Piece(piece int) (done, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.pieces.states[piece]
	return s == complete, s != unknown
}

// verified is how many of n bytes from off on lie in complete pieces without a gap.
func (l *ledger) verified(n int, off int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces.verified(n, off)
}

// complete notes that a piece is right, and returns whom to tell that it has become complete; nil for nobody.
func (l *ledger) complete(piece int) (tell func(piece int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.pieces
	switch {
	case p.states[piece] == complete:
		return nil
	case l.suspect: // What was hashed need not be what is on the disk.
		p.doubt(piece)
		l.record.urge()
		return nil
	}
	p.set(piece, complete)
	if p.kept[piece] {
		return l.onComplete
	}
	_, length := p.layout.PieceRange(piece)
	l.record.add(length)
	if p.content == p.size {
		l.record.urge()
	}
	return l.onComplete
}

func (l *ledger) incomplete(piece int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pieces.states[piece] != incomplete {
		l.pieces.set(piece, incomplete)
		if len(l.pieces.changes) > 0 {
			l.record.add(0)
		}
	}
}

// noteWritten notes which pieces are about to be written to.
func (l *ledger) noteWritten(off, length int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := l.pieces.layout.PieceLength
	for p := off / size; p*size < off+length; p++ {
		l.pieces.written[int(p)] = struct{}{}
	}
}

// cut notes that a file ends at size now. It reports whether pieces are lost with what was there.
func (l *ledger) cut(file int, size int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first, last := l.pieces.layout.pieces(file, max(0, size))
	for p := first; p < last; p++ {
		if l.pieces.states[p] != incomplete {
			l.pieces.lose(p)
		}
	}
	if len(l.pieces.damaged) == 0 {
		return false
	}
	l.record.urge()
	return true
}

// lose notes that a kept piece is wrong, or cannot be read. It reports false, without having noted anything, if it may
// have been written anew since so many were lost as before.
func (l *ledger) lose(piece, before int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pieces.lost != before || !l.pieces.kept[piece] {
		return false
	}
	l.pieces.lose(piece)
	l.record.urge()
	return true
}

// keptAt reports whether a piece is complete and kept, and how many pieces have turned out not to be complete so far.
func (l *ledger) keptAt(piece int) (lost int, kept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces.lost, l.pieces.states[piece] == complete && l.pieces.kept[piece]
}

// keptIn returns the kept pieces of files, which are sorted.
func (l *ledger) keptIn(files []int) (kept []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := -1
	for _, i := range files {
		first, end := l.pieces.layout.pieces(i, 0)
		for p := max(first, last+1); p < end; p++ {
			last = p
			if l.pieces.kept[p] {
				kept = append(kept, p)
			}
		}
	}
	return kept
}

// intact reports whether no piece that was complete has turned out not to be.
func (l *ledger) intact() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces.lost == 0
}

// take returns what Completion has to be told, which is up to the caller from then on.
func (l *ledger) take() map[int]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	changes := l.pieces.changes
	l.pieces.changes = nil
	return changes
}

// due returns which pieces of changes that were taken are, or are not, complete, unless they changed since.
func (l *ledger) due(changes map[int]bool, done bool) (pieces []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, d := range changes {
		if _, changed := l.pieces.changes[p]; d == done && (l.pieces.states[p] == complete) == done && !changed {
			pieces = append(pieces, p)
		}
	}
	slices.Sort(pieces)
	return pieces
}

// recorded notes what has come of it that Completion was told of pieces. It reports whether it has to be told more.
func (l *ledger) recorded(pieces []int, done bool, err error) (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range pieces {
		_, changed := l.pieces.changes[p]
		if err == nil {
			l.pieces.recorded[p] = done
		}
		if err == nil && done && l.pieces.states[p] == complete && !changed {
			l.pieces.keep(p)
		}
		l.pieces.change(p)
	}
	return len(l.pieces.changes) > 0
}

// suspectUnkept notes that a flush has failed: what was not kept is doubted.
func (l *ledger) suspectUnkept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspect = true
	for p, s := range l.pieces.states {
		if s == complete && !l.pieces.kept[p] {
			l.pieces.doubt(p)
			l.record.urge()
		}
	}
}

// unsafe returns the pieces that have to be written again; none unless a flush has failed.
func (l *ledger) unsafe() (pieces []int, suspect bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.suspect {
		return nil, false
	}
	return slices.Sorted(maps.Keys(l.pieces.written)), true
}

// rewritten notes that they have been, and returns those that have to be hashed.
func (l *ledger) rewritten() (unchecked []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspect = false
	for p, s := range l.pieces.states {
		if s == unknown {
			unchecked = append(unchecked, p)
		}
	}
	return unchecked
}
