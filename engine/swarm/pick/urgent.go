package pick

import "time"

const (
	// preemptSlack is how much longer than a round trip the bulk at a peer must take for it to be worth taking back.
	preemptSlack = 50 * time.Millisecond
	// mostReserved is how many urgent blocks are left to faster peers, whose windows are full, before slower ones have to
	// do without any.
	mostReserved = 64
)

// askUrgent asks for what readers wait for, each block of the peer that will have sent it first. A block that a peer
// would send first whose window is full is left for that one.
func (pl *plan) askUrgent() {
	s := pl.s
	for _, pe := range s.touched {
		if pe.hurry && !pe.gone {
			pe.hurry = false
			if pe.urgent > 0 {
				pl.makeEstimate(pe)
				pl.preempt(pe, true)
			}
		}
	}
	if !s.urgent.anyFree() {
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
		if pc.free == 0 || s.seeds+s.rarity.of(pc.index) == 0 {
			continue
		}
		for b := pc.nextFree(nil, 0); b >= 0 && rooms > 0; b = pc.nextFree(nil, b+1) {
			pe := pl.soonest(pc, b, false)
			if pe == nil {
				if !pc.begun() {
					break // Whoever has the piece does not serve it.
				}
				continue
			}
			t := &pe.estimate
			t.end = t.eta(pl.now, pc.size(b))
			if t.room <= 0 {
				pe.line.limited = true
				if reserved++; reserved >= mostReserved {
					return
				}
				continue
			}
			pl.preempt(pe, false)
			pl.ask(pe, pc, b, t.end)
			pe.urgentUntil = pl.now + bulkHold
			if t.room--; t.room == 0 {
				pe.line.limited = true
				rooms--
			}
		}
		if rooms == 0 {
			return
		}
	}
}

// anyFree reports whether a named piece has free blocks.
func (w *wants) anyFree() bool {
	for w.from < len(w.pieces) && w.pieces[w.from].free == 0 {
		w.from++
	}
	return w.from < len(w.pieces)
}

// soonest returns the peer that will have sent a block first, nil if there is none that can be asked for it.
func (pl *plan) soonest(pc *piece, b int, room bool) *Peer {
	var best *Peer
	var first moment
	for _, pe := range pl.s.peers {
		if room && pe.estimate.room <= 0 || !pe.useful() || !pe.serves(pc) || pc.begun() && pc.blocks[b].asked(pe) {
			continue
		}
		if eta := pe.estimate.eta(pl.now, pc.size(b)); best == nil || eta < first {
			best, first = pe, eta
		}
	}
	return best
}

// makeEstimate computes what to expect of a peer for something urgent.
func (pl *plan) makeEstimate(pe *Peer) {
	t := &pe.estimate
	if !pe.useful() {
		*t = estimate{}
		return
	}
	*t = estimate{rate: pe.speed(pl.now), trip: pe.line.roundTrip()}
	t.end = pl.endOf(pe, t.rate, t.trip)
	t.room = pe.urgentRoom(0)
	if bulk := pe.bytes - pe.urgentBytes; pe.line.stands || after(0, bulk, t.rate) <= t.trip+preemptSlack {
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
		at = after(at, r.length(), t.rate)
		bytes += r.length()
		count++
	}
	if count < pe.count {
		t.preempt = true
		t.end = at
		t.room = pe.urgentRoom(pe.count - count)
	}
}

// preempt takes back what nobody waits for, from the end, but for what would come within a round trip anyway: it is on
// its way. If nothing urgent is asked for beyond what has been, what comes after that is in nobody's way either.
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
		at = after(at, r.length(), t.rate)
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
