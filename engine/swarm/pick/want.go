package pick

import (
	"slices"
	"time"
)

// wantOrder holds missing pieces in the order in which they are wanted.
type wantOrder struct {
	named    []int // as passed to SetWanted
	pieces   []*piece
	previous []*piece
	from     int // no piece before this one has free blocks
	// stale reports whether a named piece may be missing now that was not before.
	stale bool
}

// SetWanted sets which missing pieces come before all others, in order: urgent are those that a reader waits for, soon
// those that follow.
func (p *Picker) SetWanted(urgent, soon []int, now time.Time) {
	p.moment(now)
	s := &p.s
	if !s.urgent.stale && slices.Equal(urgent, s.urgent.named) && slices.Equal(soon, s.soon.named) {
		return
	}
	s.urgent.stale = false
	s.order++
	s.freed++
	s.urgent.set(s, urgent, true)
	s.soon.set(s, soon, false)
	s.urgent.releasePrevious(s)
	s.soon.releasePrevious(s)
}

// set sets the order of one kind.
func (w *wantOrder) set(s *store, asked []int, urgent bool) {
	w.named = append(w.named[:0], asked...)
	w.pieces, w.previous = w.previous[:0], w.pieces
	w.from = 0
	for _, i := range asked {
		if i < 0 || i >= s.shape.Pieces || !s.missing.has(i) {
			continue
		}
		pc := s.activate(i)
		if pc.want == s.order {
			continue // It was named before.
		}
		pc.want, pc.rank = s.order, len(w.pieces)
		pc.soon = !urgent
		s.setUrgent(pc, urgent)
		w.pieces = append(w.pieces, pc)
	}
}

// releasePrevious releases the pieces that are not wanted any more.
func (w *wantOrder) releasePrevious(s *store) {
	for _, pc := range w.previous {
		if pc.want == s.order || !pc.wanted() {
			continue
		}
		pc.soon = false
		s.setUrgent(pc, false)
		s.release(pc)
	}
	clear(w.previous)
	w.previous = w.previous[:0]
}

// setUrgent sets whether a reader waits for a piece.
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
		for r := pc.blocks[b].requests; r != nil; r = r.nextOfBlock {
			if r.state != stateLive && r.state != stateDoubtful {
				continue
			}
			r.peer.urgent += sign
			r.peer.urgentBytes += sign * r.length()
			s.urgentRequests += sign
			r.peer.hasNewUrgent = r.peer.hasNewUrgent || urgent
			s.markDirty(r.peer)
		}
	}
}

// setSingle sets whether the blocks of a piece must come from one peer.
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

// dropSole gives up on the sole peer of a piece. The blocks that it has sent are requested again from the next one:
// with blocks from two peers it would stay unknown who sent wrong data.
func (s *store) dropSole(pc *piece) {
	s.cancelPiece(pc)
	pc.sole = nil
	s.restart(pc)
}

// dropSoleOf gives up on a peer as the sole peer of pieces, except for some.
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

// markDirty has the next plan visit a peer.
func (s *store) markDirty(pe *Peer) {
	if !pe.dirty {
		pe.dirty = true
		s.dirtyPeers = append(s.dirtyPeers, pe)
	}
}
