package pick

import (
	"slices"
	"time"
)

// mostAllowed is how many pieces a peer may offer while it chokes us.
const mostAllowed = 64

// Peer is one that blocks can be asked of. Its methods belong to the goroutine that the Picker belongs to.
type Peer struct {
	// Owner is whatever the caller knows the peer by.
	Owner any

	store *store
	line  line

	// all says that it has all pieces; otherwise has are those that it has, nil if none, pieces how many they are, and
	// missing how many of them are missing here.
	all             bool
	has             bitset
	pieces, missing int

	choked  bool
	fast    bool
	allowed []int // pieces that can be asked for all the same
	gone    bool

	queue        requestList // outstanding
	count, bytes int         // of queue
	cancelled    requestList // not answered yet
	made         uint64      // requests so far
	// urgent and urgentBytes are the part of count and bytes that is urgent now.
	urgent, urgentBytes int
	heard               moment // when the last block has come
	lastNumber          uint64 // the highest one of a request that was answered, plus one
	urgentUntil         moment // bulk is kept small until then
	// hurry says that something it was asked for before has become urgent.
	hurry bool
	// touched says that it is to be looked at by the next plan.
	touched bool
	// dry is the state of store.freed in which there was nothing to ask it for.
	dry uint64

	estimate estimate
}

// Fast says whether the peer answers each request with the block or a reject (BEP 6).
func (pe *Peer) Fast(fast bool) { pe.fast = fast }

// TakesNothingBack says that the peer sends all that it was once asked for, whether or not it is cancelled: it puts blocks
// into a buffer of its own at once. That it has sent a few quickly, as a limiter lets it at first, is no reason to ask it
// for much. Nothing is cancelled in favour of what is urgent: a block that WebTorrent has not put into its buffer yet
// would be neither sent nor rejected (BEP 6), and would be waited for until the peer counts as silent.
func (pe *Peer) TakesNothingBack() { pe.line.stands = true }

// Have says that the peer has a piece.
func (pe *Peer) Have(piece int) {
	s := pe.store
	if piece < 0 || piece >= s.shape.Pieces || pe.gone || pe.Has(piece) {
		return
	}
	if pe.has == nil {
		pe.has = newBitset(s.shape.Pieces)
	}
	pe.has.set(piece)
	pe.pieces++
	s.rarity.more(piece, s.shape.Pieces)
	if s.missing.has(piece) {
		pe.missing++
	}
	if pe.pieces == s.shape.Pieces {
		pe.HaveAll()
		return
	}
	pe.dry = 0
	s.touch(pe)
}

// HaveAll says that the peer has all pieces.
func (pe *Peer) HaveAll() {
	if pe.gone {
		return
	}
	pe.loseAll()
	pe.all = true
	pe.store.seeds++
	pe.dry = 0
	pe.store.touch(pe)
}

// Bits says which pieces the peer has: the first one is the highest bit of the first byte.
func (pe *Peer) Bits(raw []byte) {
	if pe.gone {
		return
	}
	s := pe.store
	pe.loseAll()
	has, n := parseBits(raw, s.shape.Pieces)
	switch n {
	case 0:
		return
	case s.shape.Pieces:
		pe.HaveAll()
		return
	}
	pe.has, pe.pieces, pe.missing = has, n, has.common(s.missing)
	s.rarity.moreOf(has, s.shape.Pieces, false)
	pe.dry = 0
	s.touch(pe)
}

// loseAll forgets which pieces the peer has.
func (pe *Peer) loseAll() {
	s := pe.store
	if pe.all {
		s.seeds--
	}
	if pe.has != nil {
		s.rarity.moreOf(pe.has, s.shape.Pieces, true)
	}
	pe.all, pe.has, pe.pieces, pe.missing = false, nil, 0, 0
}

// Choke says that the peer answers no more requests. keeps is true if it rejects those that are outstanding, as the
// fast extension wants it; otherwise they are gone.
func (pe *Peer) Choke(keeps bool) {
	s := pe.store
	pe.choked = true
	for r := pe.queue.head; r != nil; {
		next := r.next
		switch {
		case !keeps:
			s.forget(r)
		case !slices.Contains(pe.allowed, r.piece.index):
			s.markDoubtful(r)
		}
		r = next
	}
	if !keeps {
		for pe.cancelled.head != nil {
			s.forget(pe.cancelled.head)
		}
	}
	s.dropSoleOf(pe, pe.allowed)
}

// Unchoke says that the peer answers requests.
func (pe *Peer) Unchoke() {
	if pe.gone {
		return
	}
	pe.choked = false
	pe.dry = 0
	pe.store.touch(pe)
}

// AllowFast says that the peer answers requests for a piece even while it chokes us (BEP 6).
func (pe *Peer) AllowFast(piece int) {
	if piece < 0 || piece >= pe.store.shape.Pieces || pe.gone {
		return
	}
	if len(pe.allowed) < mostAllowed && !slices.Contains(pe.allowed, piece) {
		pe.allowed = append(pe.allowed, piece)
		pe.dry = 0
		pe.store.touch(pe)
	}
}

// Limit says how many requests the peer takes at a time. One fewer is used: Transmission 3.00 drops the last one and
// says nothing.
func (pe *Peer) Limit(n int) {
	if n > 0 {
		pe.line.limit = max(1, n-1)
	}
}

// Interesting reports whether the peer has something that is missing here.
func (pe *Peer) Interesting() bool { return pe.all && pe.store.left > 0 || pe.missing > 0 }

// Has reports whether the peer has a piece.
func (pe *Peer) Has(piece int) bool {
	return piece >= 0 && piece < pe.store.shape.Pieces && (pe.all || pe.has != nil && pe.has.has(piece))
}

// Seed reports whether the peer has everything.
func (pe *Peer) Seed() bool { return pe.all }

// Count returns how many pieces the peer has.
func (pe *Peer) Count() int {
	if pe.all {
		return pe.store.shape.Pieces
	}
	return pe.pieces
}

// Outstanding returns how many requests the peer has not answered yet.
func (pe *Peer) Outstanding() int { return pe.count }

// Rate returns how fast the peer sends while it has been asked for something, in bytes per second; 0 while that is not
// known.
func (pe *Peer) Rate() float64 { return pe.line.meter.rate() }

// serves reports whether a piece can be asked of the peer.
func (pe *Peer) serves(pc *piece) bool {
	if pc.single && pc.sole != nil && pc.sole != pe || !pe.mayServe(pc) {
		return false
	}
	if pc.single && pc.sole == nil && pe.line.snubbed { // It would hold up all of the piece.
		return !slices.ContainsFunc(pe.store.peers, func(o *Peer) bool { return !o.line.snubbed && o.mayServe(pc) })
	}
	return true
}

func (pe *Peer) mayServe(pc *piece) bool {
	return pe.Has(pc.index) && (!pe.choked || slices.Contains(pe.allowed, pc.index))
}

// useful reports whether there may be something to ask the peer for.
func (pe *Peer) useful() bool {
	return pe.Interesting() && (!pe.choked || len(pe.allowed) > 0)
}

// urgentRoom returns for how many urgent blocks more the peer can be asked when so many others are taken back. Those
// that are not do not count: they are on their way.
func (pe *Peer) urgentRoom(cancelled int) int {
	l := &pe.line
	return min(l.maxOutstanding(true)-pe.urgent, l.maxRequests()-pe.count+cancelled)
}

// held reports whether only little may be outstanding at the peer that nobody waits for.
func (pe *Peer) held(now moment) bool { return pe.urgent > 0 || now < pe.urgentUntil }

// idle is for how long nothing has come though it should have.
func (pe *Peer) idle(now moment) time.Duration {
	head := pe.queue.head
	if head == nil {
		return 0
	}
	return max(0, now-max(pe.heard, head.at+pe.line.roundTrip()))
}

// speed is the rate to reckon with, in bytes per second.
func (pe *Peer) speed(now moment) float64 {
	if pe.line.snubbed {
		return snubbedRate
	}
	return pe.line.meter.speed(pe.store.typical, pe.idle(now))
}

// snubbedRate is taken for that of a peer that sends nothing, so that all others come before it.
const snubbedRate = BlockSize / 10.0

// after returns when so many bytes will have come at a rate.
func after(start moment, bytes int, rate float64) moment {
	return start + time.Duration(float64(bytes)/rate*float64(time.Second))
}
