package pick

import (
	"slices"
	"time"
)

const (
	// sweepInterval is how often timeouts are checked.
	sweepInterval = 100 * time.Millisecond
	// snubTimeout is how long a peer may send nothing before its outstanding blocks are requested from others, unless
	// four times the expected time is longer.
	snubTimeout = 10 * time.Second
	// lostTimeout is how long a request may stay unanswered while later ones are answered, or while the peer is
	// snubbed, with the same exception.
	lostTimeout = 10 * time.Second
	// firstRate is the assumed rate of a peer, in bytes per second, while no peer's rate is known.
	firstRate = 1e6
)

// sweep handles requests that are not answered, and updates the typical rate.
func (pl *plan) sweep() {
	s := pl.s
	s.rates = s.rates[:0]
	for _, pe := range s.peers {
		for r := pe.cancelled.head; r != nil; {
			next := r.next
			if !r.queued && pl.now >= r.until {
				s.removeRequest(r)
			}
			r = next
		}
		if pe.queue.head != nil {
			pl.checkTimeouts(pe)
			s.markDirty(pe)
		}
		if pe.line.meter.isReliable() && !pe.line.snubbed {
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

// checkTimeouts detects that a peer sends nothing, or has dropped a request.
func (pl *plan) checkTimeouts(pe *Peer) {
	s := pl.s
	head := pe.queue.head
	patience := func(least time.Duration) moment { return max(least, 4*(head.due-head.at)) }
	switch {
	case !pe.line.snubbed && pl.now >= max(pe.lastBlock, head.at)+patience(snubTimeout):
		pe.line.snubbed = true
		for r := head; r != nil; r = r.next {
			s.markDoubtful(r)
		}
		s.dropSoleOf(pe, nil)
	case pe.line.snubbed && pl.now >= max(pe.lastBlock, head.at)+patience(lostTimeout),
		pe.lastNumber > head.number && pl.now >= head.at+patience(lostTimeout):
		// It was dropped. If the peer sends nothing at all, this makes room for one new request.
		if head.piece.sole == pe {
			s.dropSole(head.piece)
		} else {
			s.cancel(head)
		}
	}
}
