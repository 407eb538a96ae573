package pick

import (
	"cmp"
	"slices"
	"time"
)

const (
	// retryInterval is how often outstanding blocks are checked for whether they should be requested from another peer
	// too, idleRetryInterval how often while no reader waits and there are free blocks.
	retryInterval     = 20 * time.Millisecond
	idleRetryInterval = 100 * time.Millisecond
	// minRetryGain is by how much sooner a block must arrive from another peer to be requested there too, plus a
	// quarter of the time that it takes there; if two requests were made before, plus all of that time.
	minRetryGain = 20 * time.Millisecond
	// overdueSlack is added to twice the time that a block was expected to take.
	overdueSlack = 250 * time.Millisecond
	// maxMisses is how many blocks in a row may turn out not worth it before the check ends.
	maxMisses           = 64
	maxRequestsPerBlock = 3
)

// lateRequest is an outstanding request, and when its block is expected now from any of its peers. copies is the
// number of requests for the block, overdue how many of them should have been answered by now.
type lateRequest struct {
	r               *request
	eta             moment
	copies, overdue int
}

// requestAgain requests outstanding blocks from a second peer that would send them clearly sooner: blocks that readers
// wait for from every peer with room, all others from idle peers.
func (pl *plan) requestAgain() {
	s := pl.s
	if pl.now < s.nextRetry {
		return
	}
	s.nextRetry, s.retryLikely = pl.now+idleRetryInterval, false
	if len(s.peers) < 2 || s.outstanding == 0 {
		return
	}
	idle := false
	for _, pe := range s.peers {
		pl.makeEstimate(pe)
		pe.estimate.idle = pe.useful() && pe.exhaustedAt == s.freed && !pe.estimate.preempt && !pe.line.snubbed &&
			pe.count*3 <= pe.line.maxOutstanding(false)*2
		idle = idle || pe.estimate.idle
	}
	if s.urgentRequests > 0 || s.urgent.hasFree() {
		s.retryLikely = true
	}
	if s.retryLikely || idle && s.started.head == nil {
		s.nextRetry = pl.now + retryInterval
	}
	if !idle && s.urgentRequests == 0 {
		return
	}
	pl.collectLate(idle)
	misses := 0
	for _, l := range s.late {
		if misses >= maxMisses {
			break
		}
		if l.r.state == stateCancelled {
			continue // It was canceled for one before it.
		}
		if pl.tryPeer(l) {
			misses = 0
		} else {
			misses++
		}
	}
	clear(s.late)
	s.late = s.late[:0]
}

// collectLate lists the blocks that may be requested from another peer too, the latest first.
func (pl *plan) collectLate(idle bool) {
	s := pl.s
	for _, pe := range s.peers {
		at, rate, trip := pl.now, pe.speed(pl.now), pe.line.roundTrip()
		for r := pe.queue.head; r != nil; r = r.next {
			at = arrival(max(at, r.at+trip), r.length(), rate)
			r.eta = at
		}
	}
	for _, pe := range s.peers {
		for r := pe.queue.head; r != nil; r = r.next {
			if r.state != stateLive || !r.piece.urgent && !idle {
				continue
			}
			l, first := lateRequest{r: r, eta: r.eta}, (*request)(nil)
			for q := r.piece.blocks[r.block].requests; q != nil; q = q.nextOfBlock {
				if q.state == stateLive {
					l.eta = min(l.eta, q.eta)
					l.copies++
					l.overdue += overdueCount(q, pl.now)
					if first == nil {
						first = q
					}
				}
			}
			late := l.eta > pl.now+minRetryGain || l.overdue > 0 // Otherwise no peer could send it clearly sooner.
			if late && l.copies < maxRequestsPerBlock && first == r {
				s.late = append(s.late, l)
			}
		}
	}
	slices.SortStableFunc(s.late, func(a, b lateRequest) int { return cmp.Compare(b.eta, a.eta) })
}

// overdueCount returns 1 if a request should have been answered by now, otherwise 0.
func overdueCount(r *request, now moment) int {
	if now > r.at+2*(r.due-r.at)+overdueSlack {
		return 1
	}
	return 0
}

// tryPeer requests the block of a late request from another peer if that helps. It reports whether it did.
func (pl *plan) tryPeer(l lateRequest) bool {
	pc, b := l.r.piece, l.r.block
	if pc.single {
		if !pc.urgent || l.overdue == 0 {
			return false
		}
		pc.sole = nil
		pe := pl.fastestPeer(pc, b, true)
		pc.sole = l.r.peer
		if pe == nil {
			return false
		}
		pl.s.dropSole(pc)
		pc.sole = pe
		return true
	}
	pe := pl.fastestPeer(pc, b, true)
	if pe == nil || !pc.urgent && (!pe.estimate.idle || pe.count >= pe.line.maxOutstanding(false)) {
		return false
	}
	t := &pe.estimate
	eta := t.eta(pl.now, pc.size(b))
	gain := minRetryGain + (eta-pl.now)/4
	if l.copies > 1 {
		gain = minRetryGain + (eta - pl.now)
	}
	if eta+gain >= l.eta && l.overdue < l.copies {
		return false
	}
	if pc.urgent {
		pl.preempt(pe, false)
		pe.urgentUntil = pl.now + bulkLimitTime
	}
	pl.addRequest(pe, pc, b, eta)
	t.end = eta
	t.room--
	return true
}
