package pick

import (
	"slices"
	"time"
)

const (
	// sweepTime is how often is looked after what only time changes.
	sweepTime = 100 * time.Millisecond
	// snubTime is how long a peer may send nothing before others are asked for what it was asked for, unless four times
	// what was expected is longer.
	snubTime = 10 * time.Second
	// lostTime is how long a request may go unanswered while later ones are answered, or while a peer is silent of which
	// nothing is expected any more, under the same condition.
	lostTime = 10 * time.Second
	// firstRate is taken for that of a peer, in bytes per second, while no peer's is known.
	firstRate = 1e6
)

// sweep looks after requests that are not answered, and peers that do not answer.
func (pl *plan) sweep() {
	s := pl.s
	s.rates = s.rates[:0]
	for _, pe := range s.peers {
		for r := pe.cancelled.head; r != nil; {
			next := r.next
			if !r.queued && pl.now >= r.until {
				s.forget(r)
			}
			r = next
		}
		if pe.queue.head != nil {
			pl.checkSilence(pe)
			s.touch(pe)
		}
		if pe.line.meter.rated() && !pe.line.snubbed {
			s.rates = append(s.rates, pe.line.meter.rate())
		}
	}
	s.typical = firstRate
	if n := len(s.rates); n > 0 {
		slices.Sort(s.rates)
		s.typical = (s.rates[(n-1)/2] + s.rates[n/2]) / 2
	}
	pl.sendCancels()
}

// checkSilence notes that a peer sends nothing, or has dropped a request.
func (pl *plan) checkSilence(pe *Peer) {
	s := pl.s
	head := pe.queue.head
	patience := func(least time.Duration) moment { return max(least, 4*(head.due-head.at)) }
	switch {
	case !pe.line.snubbed && pl.now >= max(pe.heard, head.at)+patience(snubTime):
		pe.line.snubbed = true
		for r := head; r != nil; r = r.next {
			s.markDoubtful(r)
		}
		s.dropSoleOf(pe, nil)
	case pe.line.snubbed && pl.now >= max(pe.heard, head.at)+patience(lostTime),
		pe.lastNumber > head.number && pl.now >= head.at+patience(lostTime):
		// It has been dropped. If the peer is silent altogether, this makes room to ask it for one block again.
		if head.piece.sole == pe {
			s.dropSole(head.piece)
		} else {
			s.cancel(head)
		}
	}
}
