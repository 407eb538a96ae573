package pick

import "time"

const (
	// preemptSlack is how much longer than a round trip the bulk at a peer must take to be worth canceling.
	preemptSlack = 50 * time.Millisecond
	// maxReserved is how many urgent blocks are left to faster peers with full windows, before slower peers get none.
	maxReserved = 64
)

// requestUrgent requests the blocks that readers wait for, each from the peer that will have sent it first. If that
// peer's window is full, the block is left for it.
func (pl *plan) requestUrgent() {
	s := pl.s
	for _, pe := range s.dirtyPeers {
		if pe.hasNewUrgent && !pe.removed {
			pe.hasNewUrgent = false
			if pe.urgent > 0 {
				pl.makeEstimate(pe)
				pl.preempt(pe, true)
			}
		}
	}
	if !s.urgent.hasFree() {
		return
	}
	rooms := 0
	for _, pe := range s.peers {
		pl.makeEstimate(pe)
		if pe.estimate.room > 0 {
			rooms++
		}
	}
	reserved := 0
	for i := s.urgent.from; i < len(s.urgent.pieces); i++ {
		pc := s.urgent.pieces[i]
		if pc.free == 0 || s.seeds+s.rarity.count(pc.index) == 0 {
			continue
		}
		for b := pc.nextFree(nil, 0); b >= 0 && rooms > 0; b = pc.nextFree(nil, b+1) {
			pe := pl.fastestPeer(pc, b, false)
			if pe == nil {
				if !pc.hasBlocks() {
					break // The peers that have the piece do not serve it.
				}
				continue
			}
			t := &pe.estimate
			t.end = t.eta(pl.now, pc.size(b))
			if t.room <= 0 {
				pe.line.windowLimited = true
				if reserved++; reserved >= maxReserved {
					return
				}
				continue
			}
			pl.preempt(pe, false)
			pl.addRequest(pe, pc, b, t.end)
			pe.urgentUntil = pl.now + bulkLimitTime
			if t.room--; t.room == 0 {
				pe.line.windowLimited = true
				rooms--
			}
		}
		if rooms == 0 {
			return
		}
	}
}

// hasFree reports whether a piece in the order has free blocks.
func (w *wantOrder) hasFree() bool {
	for w.from < len(w.pieces) && w.pieces[w.from].free == 0 {
		w.from++
	}
	return w.from < len(w.pieces)
}

// fastestPeer returns the peer that will have sent a block first, nil if it cannot be requested from any.
func (pl *plan) fastestPeer(pc *piece, b int, room bool) *Peer {
	var best *Peer
	var first moment
	for _, pe := range pl.s.peers {
		if room && pe.estimate.room <= 0 || !pe.useful() || !pe.serves(pc) || pc.hasBlocks() && pc.blocks[b].hasRequest(pe) {
			continue
		}
		if eta := pe.estimate.eta(pl.now, pc.size(b)); best == nil || eta < first {
			best, first = pe, eta
		}
	}
	return best
}

// makeEstimate computes what to expect of a peer for an urgent block.
func (pl *plan) makeEstimate(pe *Peer) {
	t := &pe.estimate
	if !pe.useful() {
		*t = estimate{}
		return
	}
	*t = estimate{rate: pe.speed(pl.now), trip: pe.line.roundTrip()}
	t.end = pl.queueEnd(pe, t.rate, t.trip)
	t.room = pe.urgentRoom(0)
	bulk := pe.bytes - pe.urgentBytes
	if pe.line.ignoresCancel || arrival(0, bulk, t.rate) <= t.trip+preemptSlack {
		return
	}
	bytes, count := 0, 0
	at, too := pl.now, false
	for r := pe.queue.head; r != nil; r = r.next {
		at = max(at, r.at+t.trip)
		too = too || at > pl.now+t.trip
		if too && !r.piece.urgent {
			continue
		}
		at = arrival(at, r.length(), t.rate)
		bytes += r.length()
		count++
	}
	if count < pe.count {
		t.preempt = true
		t.end = at
		t.room = pe.urgentRoom(pe.count - count)
	}
}

// preempt cancels blocks that no reader waits for, from the end of the queue, except those that would arrive within a
// round trip anyway: they are in flight. If only earlier requests have become urgent, the blocks after the last urgent
// one are kept, too.
func (pl *plan) preempt(pe *Peer, askedBefore bool) {
	t := &pe.estimate
	if !t.preempt {
		return
	}
	t.preempt = false
	at, r := pl.now, pe.queue.head
	for ; r != nil; r = r.next {
		if at = max(at, r.at+t.trip); at > pl.now+t.trip {
			break
		}
		at = arrival(at, r.length(), t.rate)
	}
	last := pe.queue.tail
	for askedBefore && r != nil && last != r && !last.piece.urgent {
		last = last.prev
	}
	for r != nil && last != nil {
		stop := last == r
		prev := last.prev
		if !last.piece.urgent {
			pl.s.cancel(last)
		}
		if stop {
			break
		}
		last = prev
	}
	pl.sendCancels()
}
