package pick

import (
	"slices"
	"time"
)

// maxAllowedFast is how many Allowed Fast pieces are recorded for a peer.
const maxAllowedFast = 64

// Peer is a peer to request blocks from. Its methods must be called from the Picker's goroutine.
type Peer struct {
	// Owner is the caller's own value for the peer.
	Owner any

	store *store
	line  linkStats

	// all reports whether it has all pieces; otherwise has is the set of its pieces, nil if it has none, pieces their
	// number, and missing how many of them are missing here.
	all             bool
	has             bitset
	pieces, missing int

	choked  bool
	fast    bool
	allowed []int // Allowed Fast pieces
	removed bool

	queue        requestList // outstanding
	count, bytes int         // of queue
	cancelled    requestList // not answered yet
	requestCount uint64      // number of requests so far
	// urgent and urgentBytes are the parts of count and bytes that are urgent now.
	urgent, urgentBytes int
	lastBlock           moment // when the last block arrived
	lastNumber          uint64 // the highest number of an answered request, plus one
	urgentUntil         moment // bulk is limited until then
	// hasNewUrgent reports whether something that was requested from it has become urgent.
	hasNewUrgent bool
	// dirty reports whether the next plan must visit it.
	dirty bool
	// exhaustedAt is the value of store.freed at which there was nothing to request from it.
	exhaustedAt uint64

	estimate estimate
}

// SetFast sets whether the peer answers each request with the block or a reject (BEP 6).
func (pe *Peer) SetFast(fast bool) { pe.fast = fast }

// IgnoresCancel records that the peer, as WebTorrent does, sends everything that was requested, even if it is canceled:
// it puts blocks into a buffer of its own at once. That it has sent a few quickly, as a limiter allows at first, is no
// reason to request much from it. Nothing is canceled in favor of urgent requests: a block that the peer has not put
// into its buffer yet would be neither sent nor rejected (BEP 6), and would be waited for until the peer counts as
// silent.
func (pe *Peer) IgnoresCancel() { pe.line.ignoresCancel = true }

// AddPiece records that the peer has a piece.
func (pe *Peer) AddPiece(piece int) {
	s := pe.store
	if piece < 0 || piece >= s.shape.Pieces || pe.removed || pe.Has(piece) {
		return
	}
	if pe.has == nil {
		pe.has = newBitset(s.shape.Pieces)
	}
	pe.has.set(piece)
	pe.pieces++
	s.rarity.add(piece, s.shape.Pieces)
	if s.missing.has(piece) {
		pe.missing++
	}
	if pe.pieces == s.shape.Pieces {
		pe.SetAll()
		return
	}
	pe.exhaustedAt = 0
	s.markDirty(pe)
}

// SetAll records that the peer has all pieces.
func (pe *Peer) SetAll() {
	if pe.removed {
		return
	}
	pe.clearPieces()
	pe.all = true
	pe.store.seeds++
	pe.exhaustedAt = 0
	pe.store.markDirty(pe)
}

// SetBitfield sets which pieces the peer has: the first is the highest bit of the first byte.
func (pe *Peer) SetBitfield(raw []byte) {
	if pe.removed {
		return
	}
	s := pe.store
	pe.clearPieces()
	has, n := parseBits(raw, s.shape.Pieces)
	switch n {
	case 0:
		return
	case s.shape.Pieces:
		pe.SetAll()
		return
	}
	pe.has, pe.pieces, pe.missing = has, n, has.common(s.missing)
	s.rarity.addAll(has, s.shape.Pieces, false)
	pe.exhaustedAt = 0
	s.markDirty(pe)
}

// clearPieces forgets which pieces the peer has.
func (pe *Peer) clearPieces() {
	s := pe.store
	if pe.all {
		s.seeds--
	}
	if pe.has != nil {
		s.rarity.addAll(pe.has, s.shape.Pieces, true)
	}
	pe.all, pe.has, pe.pieces, pe.missing = false, nil, 0, 0
}

// Choked records that the peer chokes us. keeps is true if it rejects outstanding requests, as the fast extension
// requires; otherwise they are dropped.
func (pe *Peer) Choked(keeps bool) {
	s := pe.store
	pe.choked = true
	for r := pe.queue.head; r != nil; {
		next := r.next
		switch {
		case !keeps:
			s.removeRequest(r)
		case !slices.Contains(pe.allowed, r.piece.index):
			s.markDoubtful(r)
		}
		r = next
	}
	if !keeps {
		for pe.cancelled.head != nil {
			s.removeRequest(pe.cancelled.head)
		}
	}
	s.dropSoleOf(pe, pe.allowed)
}

// Unchoked records that the peer answers requests.
func (pe *Peer) Unchoked() {
	if pe.removed {
		return
	}
	pe.choked = false
	pe.exhaustedAt = 0
	pe.store.markDirty(pe)
}

// AllowFast records that the peer answers requests for a piece even while it chokes us (BEP 6).
func (pe *Peer) AllowFast(piece int) {
	if piece < 0 || piece >= pe.store.shape.Pieces || pe.removed {
		return
	}
	if len(pe.allowed) < maxAllowedFast && !slices.Contains(pe.allowed, piece) {
		pe.allowed = append(pe.allowed, piece)
		pe.exhaustedAt = 0
		pe.store.markDirty(pe)
	}
}

// SetMaxRequests sets how many outstanding requests the peer accepts. One fewer is used: Transmission 3.00 silently
// drops the last one.
func (pe *Peer) SetMaxRequests(n int) {
	if n > 0 {
		pe.line.peerLimit = max(1, n-1)
	}
}

// HasMissing reports whether the peer has a piece that is missing here.
func (pe *Peer) HasMissing() bool { return pe.all && pe.store.left > 0 || pe.missing > 0 }

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

// Rate returns how fast the peer sends while requests are outstanding, in bytes per second; 0 while unknown.
func (pe *Peer) Rate() float64 { return pe.line.meter.rate() }

// serves reports whether a piece can be requested from the peer.
func (pe *Peer) serves(pc *piece) bool {
	if pc.single && pc.sole != nil && pc.sole != pe || !pe.mayServe(pc) {
		return false
	}
	if pc.single && pc.sole == nil && pe.line.snubbed { // It would delay the whole piece.
		return !slices.ContainsFunc(pe.store.peers, func(o *Peer) bool { return !o.line.snubbed && o.mayServe(pc) })
	}
	return true
}

func (pe *Peer) mayServe(pc *piece) bool {
	return pe.Has(pc.index) && (!pe.choked || slices.Contains(pe.allowed, pc.index))
}

// useful reports whether there may be something to request from the peer.
func (pe *Peer) useful() bool {
	return pe.HasMissing() && (!pe.choked || len(pe.allowed) > 0)
}

// urgentRoom returns how many more urgent blocks can be requested from the peer if cancelled others are canceled.
// Blocks that are not urgent do not count: they are in flight.
func (pe *Peer) urgentRoom(cancelled int) int {
	l := &pe.line
	return min(l.maxOutstanding(true)-pe.urgent, l.maxRequests()-pe.count+cancelled)
}

// limitsBulk reports whether only few blocks that no reader waits for may be outstanding.
func (pe *Peer) limitsBulk(now moment) bool { return pe.urgent > 0 || now < pe.urgentUntil }

// silence returns for how long nothing has arrived although it should have.
func (pe *Peer) silence(now moment) time.Duration {
	head := pe.queue.head
	if head == nil {
		return 0
	}
	return max(0, now-max(pe.lastBlock, head.at+pe.line.roundTrip()))
}

// speed returns the expected rate in bytes per second.
func (pe *Peer) speed(now moment) float64 {
	if pe.line.snubbed {
		return snubbedRate
	}
	return pe.line.meter.speed(pe.store.typical, pe.silence(now))
}

// snubbedRate is the assumed rate of a peer that sends nothing, so that all others are preferred.
const snubbedRate = BlockSize / 10.0

// arrival returns when bytes that are sent from start on at a rate will have arrived.
func arrival(start moment, bytes int, rate float64) moment {
	return start + time.Duration(float64(bytes)/rate*float64(time.Second))
}
