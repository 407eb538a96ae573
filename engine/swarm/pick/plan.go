package pick

import "time"

const (
	// bulkTime is for how long a peer may be busy, beyond the round trip, with blocks that no reader waits for, if
	// something urgent was requested from it: the next urgent block waits behind them.
	bulkTime = 100 * time.Millisecond
	// bulkLimitTime is for how long that limit stays: a page requests its parts one after the other.
	bulkLimitTime = time.Second
	minBulkBlocks = 2 // blocks
)

// estimate is what a plan expects of one peer.
type estimate struct {
	rate float64 // bytes per second
	trip time.Duration
	// end is when all outstanding blocks will have arrived, room how many more blocks may be requested, both without
	// the bulk that an urgent request would cancel. preempt reports whether there is such bulk.
	end     moment
	room    int
	preempt bool
	idle    bool // nothing else can be requested
}

// eta returns when a block will have arrived that is requested next.
func (t *estimate) eta(now moment, size int) moment {
	return arrival(max(t.end, now+t.trip), size, t.rate)
}

// plan is one call of Picker.Plan.
type plan struct {
	s     *store
	now   moment
	steps []Step
}

// Plan appends the requests and cancels that are due now to steps.
func (p *Picker) Plan(now time.Time, steps []Step) []Step {
	s := &p.s
	pl := plan{s: s, now: p.moment(now), steps: steps}
	pl.sendCancels()
	if pl.now >= s.nextSweep {
		if s.outstanding > 0 || s.cancelled > 0 {
			pl.sweep()
		}
		s.nextSweep = pl.now + sweepInterval
	}
	if !s.stopped && s.left > 0 {
		pl.requestUrgent()
		pl.requestBulk()
		pl.requestAgain()
	}
	pl.sendCancels()
	return pl.steps
}

// Next returns when Plan must be called again if nothing happens; the zero time if it need not.
func (p *Picker) Next(now time.Time) time.Time {
	s := &p.s
	p.moment(now)
	if s.outstanding == 0 && s.cancelled == 0 {
		return time.Time{}
	}
	next := s.nextSweep
	if s.retryLikely && !s.stopped {
		next = min(next, s.nextRetry)
	}
	return p.epoch.Add(next)
}

// sendCancels appends the pending cancels to the steps.
func (pl *plan) sendCancels() {
	s := pl.s
	for i, r := range s.cancels {
		s.cancels[i] = nil
		r.queued = false
		if r.state == stateAnswered {
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

// addRequest appends a request to the steps.
func (pl *plan) addRequest(pe *Peer, pc *piece, b int, due moment) {
	r := pl.s.addRequest(pe, pc, b, pl.now, due)
	pl.steps = append(pl.steps, Step{Peer: pe, Block: r.name()})
}

// requestBulk requests blocks that no reader waits for, as far as the peers' windows allow.
func (pl *plan) requestBulk() {
	s := pl.s
	if s.allDirtyAt != s.freed {
		s.allDirtyAt = s.freed
		for _, pe := range s.peers {
			s.markDirty(pe)
		}
	}
	for i, pe := range s.dirtyPeers {
		s.dirtyPeers[i] = nil
		pe.dirty = false
		if !pe.removed {
			pl.requestBulkFrom(pe)
		}
	}
	s.dirtyPeers = s.dirtyPeers[:0]
}

func (pl *plan) requestBulkFrom(pe *Peer) {
	s := pl.s
	if pe.exhaustedAt == s.freed || !pe.useful() {
		return
	}
	limit := pe.line.maxOutstanding(false)
	limitsBulk := pe.limitsBulk(pl.now)
	rate, trip := pe.speed(pl.now), pe.line.roundTrip()
	if limitsBulk {
		limit = min(limit, max(minBulkBlocks, int(rate*(trip+bulkTime).Seconds()/BlockSize)))
	}
	// Not for every block that arrives, which would be as many messages, as long as the link is busy.
	if pe.count*3 > limit*2 && arrival(0, pe.bytes, rate) > trip+trip/4 {
		pe.line.windowLimited = pe.line.windowLimited || !limitsBulk && pe.count > limit/2
		return
	}
	end := pl.queueEnd(pe, rate, trip)
	most := limit
	if pe.line.isNew() { // A whole page arrives with the first round trip.
		most = max(most, pe.line.maxOutstanding(true))
	}
	for pe.count < most {
		soonOnly := pe.count >= limit
		pc, b := pl.nextBlock(pe, soonOnly)
		if pc == nil && soonOnly {
			break
		}
		if pc == nil {
			pe.exhaustedAt = s.freed
			return
		}
		end = arrival(max(end, pl.now+trip), pc.size(b), rate)
		pl.addRequest(pe, pc, b, end)
	}
	pe.line.windowLimited = pe.line.windowLimited || !limitsBulk
}

// queueEnd returns when all outstanding blocks of a peer will have arrived.
func (pl *plan) queueEnd(pe *Peer, rate float64, trip time.Duration) moment {
	head := pe.queue.head
	if head == nil {
		return pl.now
	}
	return arrival(max(pl.now, head.at+trip), pe.bytes, rate)
}

// nextBlock returns the next block to request from a peer that no reader waits for: of pieces that are wanted soon
// and, unless soonOnly, of started pieces, then of the rarest one.
func (pl *plan) nextBlock(pe *Peer, soonOnly bool) (*piece, int) {
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
	for pc := s.started.head; pc != nil; pc = pc.next {
		if pc.urgent {
			continue
		}
		if b := pl.blockFor(pe, pc); b >= 0 {
			return pc, b
		}
	}
	if i := pl.newPiece(pe); i >= 0 {
		return s.activate(i), 0
	}
	return nil, 0
}

func (pl *plan) blockFor(pe *Peer, pc *piece) int {
	if !pe.serves(pc) {
		return -1
	}
	return pc.nextFree(pe, 0)
}

// newPiece returns a piece to start, -1 if there is none.
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
