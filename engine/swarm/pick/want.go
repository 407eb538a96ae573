package pick

import (
	"slices"
	"time"
)

// wants are missing pieces in the order in which they are wanted.
type wants struct {
	asked  []int // as they were named
	pieces []*piece
	old    []*piece
	from   int // no piece before this one has free blocks
	// stale says that a piece may be missing that was not when they were named.
	stale bool
}

// Want says which missing pieces come before all others, in order: urgent are those that a reader waits for, soon those
// that follow.
func (p *Picker) Want(urgent, soon []int, now time.Time) {
	p.moment(now)
	s := &p.s
	if !s.urgent.stale && slices.Equal(urgent, s.urgent.asked) && slices.Equal(soon, s.soon.asked) {
		return
	}
	s.urgent.stale = false
	s.order++
	s.freed++
	s.urgent.set(s, urgent, true)
	s.soon.set(s, soon, false)
	s.urgent.dropOld(s)
	s.soon.dropOld(s)
}

// set makes the order of one kind.
func (w *wants) set(s *store, asked []int, urgent bool) {
	w.asked = append(w.asked[:0], asked...)
	w.pieces, w.old = w.old[:0], w.pieces
	w.from = 0
	for _, i := range asked {
		if i < 0 || i >= s.shape.Pieces || !s.missing.has(i) {
			continue
		}
		pc := s.claim(i)
		if pc.want == s.order {
			continue // Named before.
		}
		pc.want, pc.rank = s.order, len(w.pieces)
		pc.soon = !urgent
		s.setUrgent(pc, urgent)
		w.pieces = append(w.pieces, pc)
	}
}

// dropOld lets go of what is no longer wanted.
func (w *wants) dropOld(s *store) {
	for _, pc := range w.old {
		if pc.want == s.order || !pc.wanted() {
			continue
		}
		pc.soon = false
		s.setUrgent(pc, false)
		s.release(pc)
	}
	clear(w.old)
	w.old = w.old[:0]
}

// setUrgent says whether a reader waits for a piece.
func (s *store) setUrgent(pc *piece, urgent bool) {
	if pc.urgent == urgent {
		return
	}
	sign := -1
	if urgent {
		sign = 1
	}
	pc.urgent = urgent
	if pc.requests == 0 {
		return
	}
	for b := range pc.blocks {
		for r := pc.blocks[b].requests; r != nil; r = r.also {
			if r.state != stateLive && r.state != stateDoubtful {
				continue
			}
			r.peer.urgent += sign
			r.peer.urgentBytes += sign * r.length()
			s.urgentAsked += sign
			r.peer.hurry = r.peer.hurry || urgent
			s.touch(r.peer)
		}
	}
}

// setSingle says whether the blocks of a piece are to come from one peer.
func (s *store) setSingle(pc *piece, single bool) {
	if pc.single == single {
		return
	}
	pc.single, pc.sole = single, nil
	if single {
		s.singles++
	} else {
		s.singles--
	}
}

// dropSole gives up on the one peer that a piece was to come from. What it has sent is asked of the next one again: one
// piece of two peers would leave open who is wrong.
func (s *store) dropSole(pc *piece) {
	s.cancelPiece(pc)
	pc.sole = nil
	s.restart(pc)
}

// dropSoleOf gives up on a peer for the pieces that were to come from it alone, except for some.
func (s *store) dropSoleOf(pe *Peer, except []int) {
	if s.singles == 0 {
		return
	}
	for _, pc := range s.pieces {
		if pc.sole == pe && !pc.checking && !slices.Contains(except, pc.index) {
			s.dropSole(pc)
		}
	}
}

// touch has the next plan look at a peer.
func (s *store) touch(pe *Peer) {
	if !pe.touched {
		pe.touched = true
		s.touched = append(s.touched, pe)
	}
}
