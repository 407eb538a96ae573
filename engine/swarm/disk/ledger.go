package disk

import (
	"maps"
	"slices"
	"sync"
)

// ledger holds the state of a torrent's pieces, and which changes have not been recorded yet. Fields that change
// together change in one method, under its lock; no method accesses the disk. Its methods may be called from many
// goroutines.
type ledger struct {
	record notifier

	mu     sync.Mutex
	pieces pieces
	// untrusted reports whether a flush has failed: written data may be lost, although it can still be read; see
	// Rewrite.
	untrusted  bool
	onDamage   func(pieces []int)
	onComplete func(piece int)
}

// notifier is notified of changes to record, and how many bytes must be flushed before.
type notifier interface {
	add(bytes int64)
	// addUrgent is like add, for changes that must be recorded at once.
	addUrgent()
}

// setInitial sets the state of a piece when the torrent is opened. present reports whether the files are long enough
// to hold it, recorded whether it was recorded as complete, believed whether records are trusted. It returns true if
// the piece counts as complete.
func (l *ledger) setInitial(piece int, present, recorded, believed bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pieces.recorded[piece], l.pieces.kept[piece] = recorded, recorded
	switch {
	case !present:
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

// OnDamage sets the function that is called from the store's goroutine when files have become shorter, so that pieces
// are not complete any more.
func (l *ledger) OnDamage(f func(pieces []int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onDamage = f
}

// OnComplete sets the function that is called when a piece has become complete, from the goroutine that reports it.
func (l *ledger) OnComplete(f func(piece int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onComplete = f
}

// reportDamage calls OnDamage's function with the pieces that are not complete any more.
func (l *ledger) reportDamage() {
	l.mu.Lock()
	damaged, report := l.pieces.damaged, l.onDamage
	l.pieces.damaged = nil
	l.mu.Unlock()
	if len(damaged) > 0 && report != nil {
		report(damaged)
	}
}

// Piece reports whether a piece is complete, and whether that is known at all.
func (l *ledger) Piece(piece int) (done, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.pieces.states[piece]
	return s == complete, s != unknown
}

// verifiedLength returns how many of n bytes from off on lie in complete pieces without a gap.
func (l *ledger) verifiedLength(n int, off int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces.verifiedLength(n, off)
}

// markComplete records that a piece is right. It returns the function to call because the piece has become complete;
// nil if there is none.
func (l *ledger) markComplete(piece int) (onComplete func(piece int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.pieces
	switch {
	case p.states[piece] == complete:
		return nil
	case l.untrusted: // What was hashed may differ from what is on the disk.
		p.markUntrusted(piece)
		l.record.addUrgent()
		return nil
	}
	p.set(piece, complete)
	if p.kept[piece] {
		return l.onComplete
	}
	_, length := p.layout.PieceRange(piece)
	l.record.add(length)
	if p.content == p.size {
		l.record.addUrgent()
	}
	return l.onComplete
}

func (l *ledger) markIncomplete(piece int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pieces.states[piece] != incomplete {
		l.pieces.set(piece, incomplete)
		if len(l.pieces.changes) > 0 {
			l.record.add(0)
		}
	}
}

// noteWritten records which pieces are about to be written to.
func (l *ledger) noteWritten(off, length int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := l.pieces.layout.PieceLength
	for p := off / size; p*size < off+length; p++ {
		l.pieces.written[int(p)] = struct{}{}
	}
}

// markShorter records that a file ends at size now. It reports whether pieces were lost.
func (l *ledger) markShorter(file int, size int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first, last := l.pieces.layout.pieces(file, max(0, size))
	for p := first; p < last; p++ {
		if l.pieces.states[p] != incomplete {
			l.pieces.markLost(p)
		}
	}
	if len(l.pieces.damaged) == 0 {
		return false
	}
	l.record.addUrgent()
	return true
}

// markDamaged records that a kept piece is wrong or cannot be read. before is the number of lost pieces before it was
// read. It returns false, and records nothing, if the piece may have been rewritten since.
func (l *ledger) markDamaged(piece, before int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pieces.lost != before || !l.pieces.kept[piece] {
		return false
	}
	l.pieces.markLost(piece)
	l.record.addUrgent()
	return true
}

// isKept reports whether a piece is complete and kept, and how many pieces have been lost so far.
func (l *ledger) isKept(piece int) (lost int, kept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces.lost, l.pieces.states[piece] == complete && l.pieces.kept[piece]
}

// keptPieces returns the kept pieces of files. files must be sorted.
func (l *ledger) keptPieces(files []int) (kept []int) {
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

// isIntact reports whether no complete piece has been lost.
func (l *ledger) isIntact() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pieces.lost == 0
}

// takeChanges returns the changes that Completion must record. The caller must record them.
func (l *ledger) takeChanges() map[int]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	changes := l.pieces.changes
	l.pieces.changes = nil
	return changes
}

// filterChanges returns which of the taken changes are to, or from, complete as done says, without pieces that have
// changed since.
func (l *ledger) filterChanges(changes map[int]bool, done bool) (pieces []int) {
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

// markRecorded records the result of Completion.Set. It reports whether there are more changes to record.
func (l *ledger) markRecorded(pieces []int, done bool, err error) (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range pieces {
		_, changed := l.pieces.changes[p]
		if err == nil {
			l.pieces.recorded[p] = done
		}
		if err == nil && done && l.pieces.states[p] == complete && !changed {
			l.pieces.markKept(p)
		}
		l.pieces.change(p)
	}
	return len(l.pieces.changes) > 0
}

// distrustUnkept records that a flush has failed: pieces that are not kept must be rewritten.
func (l *ledger) distrustUnkept() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.untrusted = true
	for p, s := range l.pieces.states {
		if s == complete && !l.pieces.kept[p] {
			l.pieces.markUntrusted(p)
			l.record.addUrgent()
		}
	}
}

// piecesToRewrite returns the pieces that must be written again. untrusted is false if no flush has failed.
func (l *ledger) piecesToRewrite() (pieces []int, untrusted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.untrusted {
		return nil, false
	}
	return slices.Sorted(maps.Keys(l.pieces.written)), true
}

// markRewritten records that they have been written again, and returns the pieces that must be hashed.
func (l *ledger) markRewritten() (unchecked []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.untrusted = false
	for p, s := range l.pieces.states {
		if s == unknown {
			unchecked = append(unchecked, p)
		}
	}
	return unchecked
}
