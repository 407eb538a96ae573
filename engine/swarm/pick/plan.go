package pick

import "time"

const (
	// bulkTime is how much of what nobody waits for may be outstanding at a peer that something urgent was asked of,
	// beyond the round trip: what becomes urgent next waits behind it.
	bulkTime = 100 * time.Millisecond
	// bulkHold is for how long that stays so: a page asks for its parts one after the other.
	bulkHold  = time.Second
	leastBulk = 2 // blocks
)

// estimate is what a plan reckons with for one peer.
type estimate struct {
	rate float64 // bytes per second
	trip time.Duration
	// end is when all will have come that is outstanding, and room for how many blocks more may be asked for, both
	// without the bulk that something urgent would have taken back: preempt says that there is some.
	end     moment
	room    int
	preempt bool
	idle    bool // there is nothing else to ask for
}

// eta returns when a block will have come that is asked for next.
func (t *estimate) eta(now moment, size int) moment {
	return after(max(t.end, now+t.trip), size, t.rate)
}

// plan is one call of Plan.
type plan struct {
	s     *store
	now   moment
	steps []Step
}

// Plan appends what is to be done now.
func (p *Picker) Plan(now time.Time, steps []Step) []Step {
	s := &p.s
	pl := plan{s: s, now: p.moment(now), steps: steps}
	pl.sendCancels()
	if pl.now >= s.nextSweep {
		if s.outstanding > 0 || s.cancelled > 0 {
			pl.sweep()
		}
		s.nextSweep = pl.now + sweepTime
	}
	if !s.stopped && s.left > 0 {
		pl.askUrgent()
		pl.fill()
		pl.askAgain()
	}
	pl.sendCancels()
	return pl.steps
}

// Next returns when Plan has to be called again though nothing has happened; the zero time if it has not.
func (p *Picker) Next(now time.Time) time.Time {
	s := &p.s
	p.moment(now)
	if s.outstanding == 0 && s.cancelled == 0 {
		return time.Time{}
	}
	next := s.nextSweep
	if s.againLikely && !s.stopped {
		next = min(next, s.nextAgain)
	}
	return p.epoch.Add(next)
}

// sendCancels hands out what was taken back.
func (pl *plan) sendCancels() {
	s := pl.s
	for i, r := range s.cancels {
		s.cancels[i] = nil
		r.queued = false
		if r.state == stateVoid {
			s.recycle(r)
			continue
		}
		r.until = pl.now + answerTime
		if !r.peer.fast {
			r.until = pl.now + 3*r.peer.line.roundTrip() + cancelSlack
		}
		pl.steps = append(pl.steps, Step{Peer: r.peer, Block: r.name(), Cancel: true})
	}
	s.cancels = s.cancels[:0]
}

// ask hands out a request.
func (pl *plan) ask(pe *Peer, pc *piece, b int, due moment) {
	r := pl.s.addRequest(pe, pc, b, pl.now, due)
	pl.steps = append(pl.steps, Step{Peer: pe, Block: r.name()})
}

// fill asks peers for what nobody waits for, as far as their windows allow.
func (pl *plan) fill() {
	s := pl.s
	if s.touchedAll != s.freed {
		s.touchedAll = s.freed
		for _, pe := range s.peers {
			s.touch(pe)
		}
	}
	for i, pe := range s.touched {
		s.touched[i] = nil
		pe.touched = false
		if !pe.gone {
			pl.fillPeer(pe)
		}
	}
	s.touched = s.touched[:0]
}

func (pl *plan) fillPeer(pe *Peer) {
	s := pl.s
	if pe.dry == s.freed || !pe.useful() {
		return
	}
	limit := pe.line.maxOutstanding(false)
	held := pe.held(pl.now)
	rate, trip := pe.speed(pl.now), pe.line.roundTrip()
	if held {
		limit = min(limit, max(leastBulk, int(rate*(trip+bulkTime).Seconds()/BlockSize)))
	}
	// Not for every block that comes, which would be as many messages, as long as the line is full.
	if pe.count*3 > limit*2 && after(0, pe.bytes, rate) > trip+trip/4 {
		pe.line.limited = pe.line.limited || !held && pe.count > limit/2
		return
	}
	end := pl.endOf(pe, rate, trip)
	most := limit
	if pe.line.fresh() { // All of a page comes with the first round trip.
		most = max(most, pe.line.maxOutstanding(true))
	}
	for pe.count < most {
		soonOnly := pe.count >= limit
		pc, b := pl.next(pe, soonOnly)
		if pc == nil && soonOnly {
			break
		}
		if pc == nil {
			pe.dry = s.freed
			return
		}
		end = after(max(end, pl.now+trip), pc.size(b), rate)
		pl.ask(pe, pc, b, end)
	}
	pe.line.limited = pe.line.limited || !held
}

// endOf returns when all that is outstanding at a peer will have come.
func (pl *plan) endOf(pe *Peer, rate float64, trip time.Duration) moment {
	head := pe.queue.head
	if head == nil {
		return pl.now
	}
	return after(max(pl.now, head.at+trip), pe.bytes, rate)
}

// next returns the block to ask a peer for that nobody waits for: what is wanted soon and, unless it is to be only
// that, what is begun, then the rarest.
func (pl *plan) next(pe *Peer, soonOnly bool) (*piece, int) {
	s := pl.s
	for i := s.soon.from; i < len(s.soon.pieces); i++ {
		pc := s.soon.pieces[i]
		if pc.free == 0 {
			if i == s.soon.from {
				s.soon.from++
			}
			continue
		}
		if b := pl.blockFor(pe, pc); b >= 0 {
			return pc, b
		}
	}
	if soonOnly {
		return nil, 0
	}
	for pc := s.open.head; pc != nil; pc = pc.next {
		if pc.urgent {
			continue
		}
		if b := pl.blockFor(pe, pc); b >= 0 {
			return pc, b
		}
	}
	if i := pl.newPiece(pe); i >= 0 {
		return s.claim(i), 0
	}
	return nil, 0
}

func (pl *plan) blockFor(pe *Peer, pc *piece) int {
	if !pe.serves(pc) {
		return -1
	}
	return pc.nextFree(pe, 0)
}

// newPiece returns a piece to begin, -1 if there is none.
func (pl *plan) newPiece(pe *Peer) int {
	s := pl.s
	if pe.choked {
		for _, i := range pe.allowed {
			if s.free.has(i) && pe.Has(i) {
				return i
			}
		}
		return -1
	}
	return s.rarity.pick(s.free, pe.has, s.shape.Pieces)
}
