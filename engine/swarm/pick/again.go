package pick

import (
	"cmp"
	"slices"
	"time"
)

const (
	// againTime is how often it is checked whether blocks that were asked for are worth asking for again, and idleAgain
	// how often while nobody waits for anything and there is more to ask for.
	againTime = 20 * time.Millisecond
	idleAgain = 100 * time.Millisecond
	// againGain is by how much sooner a block must come from another peer to be asked of that one too, beside a quarter of
	// what it takes there; when it was asked of two before, all of what it takes there.
	againGain = 20 * time.Millisecond
	// overdueSlack is added to twice the time that a block was expected to take.
	overdueSlack = 250 * time.Millisecond
	// mostMisses is how many blocks in turn may be found not worth it before the rest is taken for that too.
	mostMisses = 64
	mostCopies = 3
)

// late is an outstanding request and when its block is expected now, from whichever peer that it was asked of: copies
// is how many they are, overdue how many of them should have sent it by now.
type late struct {
	r               *request
	eta             moment
	copies, overdue int
}

// askAgain asks for what is outstanding a second time if another peer would send it clearly sooner: what readers wait
// for of every peer that has room, all else of those that have nothing else to do.
func (pl *plan) askAgain() {
	s := pl.s
	if pl.now < s.nextAgain {
		return
	}
	s.nextAgain, s.againLikely = pl.now+idleAgain, false
	if len(s.peers) < 2 || s.outstanding == 0 {
		return
	}
	idle := false
	for _, pe := range s.peers {
		pl.makeEstimate(pe)
		pe.estimate.idle = pe.useful() && pe.dry == s.freed && !pe.estimate.preempt && !pe.line.snubbed &&
			pe.count*3 <= pe.line.maxOutstanding(false)*2
		idle = idle || pe.estimate.idle
	}
	if s.urgentAsked > 0 || s.urgent.anyFree() {
		s.againLikely = true
	}
	if s.againLikely || idle && s.open.head == nil {
		s.nextAgain = pl.now + againTime
	}
	if !idle && s.urgentAsked == 0 {
		return
	}
	pl.gatherLate(idle)
	misses := 0
	for _, l := range s.late {
		if misses >= mostMisses {
			break
		}
		if l.r.state == stateCancelled {
			continue // It was taken back for one before it.
		}
		if pl.again(l) {
			misses = 0
		} else {
			misses++
		}
	}
	clear(s.late)
	s.late = s.late[:0]
}

// gatherLate lists the blocks that may be asked of another peer too, the latest one first.
func (pl *plan) gatherLate(idle bool) {
	s := pl.s
	for _, pe := range s.peers {
		at, rate, trip := pl.now, pe.speed(pl.now), pe.line.roundTrip()
		for r := pe.queue.head; r != nil; r = r.next {
			at = after(max(at, r.at+trip), r.length(), rate)
			r.eta = at
		}
	}
	for _, pe := range s.peers {
		for r := pe.queue.head; r != nil; r = r.next {
			if r.state != stateLive || !r.piece.urgent && !idle {
				continue
			}
			l, first := late{r: r, eta: r.eta}, (*request)(nil)
			for q := r.piece.blocks[r.block].requests; q != nil; q = q.also {
				if q.state == stateLive {
					l.eta = min(l.eta, q.eta)
					l.copies++
					l.overdue += overdue(q, pl.now)
					if first == nil {
						first = q
					}
				}
			}
			late := l.eta > pl.now+againGain || l.overdue > 0 // Otherwise nobody could send it clearly sooner.
			if late && l.copies < mostCopies && first == r {
				s.late = append(s.late, l)
			}
		}
	}
	slices.SortStableFunc(s.late, func(a, b late) int { return cmp.Compare(b.eta, a.eta) })
}

// overdue is 1 if a request should have been answered by now.
func overdue(r *request, now moment) int {
	if now > r.at+2*(r.due-r.at)+overdueSlack {
		return 1
	}
	return 0
}

// again asks another peer for the block of a request if that is good for anything.
func (pl *plan) again(l late) bool {
	pc, b := l.r.piece, l.r.block
	if pc.single {
		if !pc.urgent || l.overdue == 0 {
			return false
		}
		pc.sole = nil
		pe := pl.soonest(pc, b, true)
		pc.sole = l.r.peer
		if pe == nil {
			return false
		}
		pl.s.dropSole(pc)
		pc.sole = pe
		return true
	}
	pe := pl.soonest(pc, b, true)
	if pe == nil || !pc.urgent && (!pe.estimate.idle || pe.count >= pe.line.maxOutstanding(false)) {
		return false
	}
	t := &pe.estimate
	eta := t.eta(pl.now, pc.size(b))
	gain := againGain + (eta-pl.now)/4
	if l.copies > 1 {
		gain = againGain + (eta - pl.now)
	}
	if eta+gain >= l.eta && l.overdue < l.copies {
		return false
	}
	if pc.urgent {
		pl.preempt(pe, false)
		pe.urgentUntil = pl.now + bulkHold
	}
	pl.ask(pe, pc, b, eta)
	t.end = eta
	t.room--
	return true
}
