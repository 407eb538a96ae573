package pick

import (
	"math/rand/v2"
	"slices"
	"time"
)

// BlockSize is the length of blocks in bytes; the last one of a piece may be shorter.
const BlockSize = 16 << 10

// Shape is how a torrent is divided into pieces. PieceLength and Size are in bytes.
type Shape struct {
	Pieces            int
	PieceLength, Size int64
}

// Block is a part of a piece.
type Block struct {
	Piece         int
	Begin, Length int // bytes
}

// Step is a request for a block, or with Cancel its cancel.
type Step struct {
	Peer   *Peer
	Block  Block
	Cancel bool
}

// Receipt is the result of receiving a block.
type Receipt struct {
	// Wanted is false if its bytes are useless: it was not requested, or was here already.
	Wanted bool
	// Complete reports whether it was the last block of its piece, which can be hashed now.
	Complete bool
}

// Picker decides which blocks to request from which peer. It must be used by one goroutine.
type Picker struct {
	s     store
	epoch time.Time
}

// store is the state of a Picker.
type store struct {
	shape Shape
	// missing is the set of missing pieces, left their number. free is the subset of which nothing else is known; the
	// others are in pieces.
	missing, free bitset
	left          int
	pieces        map[int]*piece
	started       pieceList // have blocks allocated, some of them free
	urgent, soon  wantOrder
	order         uint64 // number of the current order of wanted pieces
	singles       int
	stopped       bool

	peers []*Peer
	seeds int
	// rarity orders the pieces in free.
	rarity rarity
	// typical is the assumed rate of an unknown peer, in bytes per second.
	typical float64
	rates   []float64 // for computing it

	// outstanding and cancelled are the numbers of requests of all peers, urgentRequests how many are urgent.
	outstanding, cancelled, urgentRequests int
	cancels                                []*request
	// freed counts how often a block or piece has become free.
	freed       uint64
	dirtyPeers  []*Peer // to be visited by the next plan
	allDirtyAt  uint64  // the value of freed at which all peers were visited
	now         moment
	nextSweep   moment
	nextRetry   moment
	retryLikely bool // a second request may be useful when time has passed

	late          []lateRequest
	spareRequests *request
	unused        []*piece
	spare         [][]block
}

// New returns a Picker for the missing pieces. missing is called once for each piece.
func New(shape Shape, missing func(piece int) bool) *Picker {
	p := &Picker{s: store{
		shape: shape, missing: newBitset(shape.Pieces), pieces: map[int]*piece{}, typical: firstRate, freed: 1,
	}}
	s := &p.s
	for i := range shape.Pieces {
		if missing(i) {
			s.missing.set(i)
			s.left++
		}
	}
	s.free = slices.Clone(s.missing)
	p.SetRandomSource(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	return p
}

// SetRandomSource sets the source for the random order of equally rare pieces.
func (p *Picker) SetRandomSource(source rand.Source) { p.s.rarity.random = rand.New(source) }

// moment converts a time.
func (p *Picker) moment(now time.Time) moment {
	if p.epoch.IsZero() {
		p.epoch = now.Add(-time.Hour)
	}
	// Time does not go back.
	p.s.now = max(p.s.now, now.Sub(p.epoch))
	return p.s.now
}

// Add adds a peer that has no pieces and chokes us.
func (p *Picker) Add(now time.Time) *Peer {
	p.moment(now)
	pe := &Peer{store: &p.s, choked: true, line: linkStats{window: firstWindow}}
	p.s.peers = append(p.s.peers, pe)
	return pe
}

// Remove removes a peer. Its outstanding blocks become free.
func (p *Picker) Remove(pe *Peer) {
	if pe.removed {
		return
	}
	s := &p.s
	pe.allowed = nil
	pe.Choked(false)
	pe.clearPieces()
	pe.removed = true
	s.peers = slices.DeleteFunc(s.peers, func(q *Peer) bool { return q == pe })
}

// SetStopped stops or resumes requesting. Stopping cancels all outstanding requests.
func (p *Picker) SetStopped(stopped bool) {
	s := &p.s
	if s.stopped == stopped {
		return
	}
	s.stopped = stopped
	s.freed++
	if stopped {
		for _, pe := range s.peers {
			for pe.queue.tail != nil {
				s.cancel(pe.queue.tail)
			}
		}
	}
}

// Received records a block that a peer has sent.
func (p *Picker) Received(pe *Peer, b Block, now time.Time) Receipt {
	s := &p.s
	at := p.moment(now)
	r := s.findRequest(pe, b)
	if r == nil {
		return Receipt{}
	}
	pc := r.piece
	snubbed := pe.line.snubbed
	pe.line.handleBlock(r, at, pe.requestCount)
	pe.lastBlock = at
	pe.lastNumber = max(pe.lastNumber, r.number+1)
	k := &pc.blocks[r.block]
	wanted := !k.arrived && !pc.checking && !pc.verified
	if wanted {
		if k.live == 0 {
			s.markNotFree(pc)
		}
		k.arrived = true
		pc.arrived++
		pc.checking = pc.arrived == pc.count
	}
	s.removeRequest(r)
	if wanted {
		s.cancelBlock(pc, b.Begin/BlockSize)
	}
	if snubbed && !pe.choked {
		for r := pe.queue.head; r != nil; r = r.next {
			s.markLive(r)
		}
	}
	return Receipt{Wanted: wanted, Complete: wanted && pc.checking}
}

// Rejected records that a peer will not send a block.
func (p *Picker) Rejected(pe *Peer, b Block, now time.Time) {
	s := &p.s
	at := p.moment(now)
	r := s.findRequest(pe, b)
	switch {
	case r == nil:
	case r.state == stateCancelled || r.state == stateDoubtful && !pe.line.snubbed:
		s.removeRequest(r)
	default:
		pe.line.handleReject(r, pe.requestCount)
		s.markRejected(r, at+rejectedTime)
		if r.piece.sole == pe {
			s.dropSole(r.piece)
		}
	}
}

// PieceVerified records that a piece is here and right.
func (p *Picker) PieceVerified(i int) {
	s := &p.s
	if i < 0 || i >= s.shape.Pieces || !s.missing.has(i) {
		return
	}
	s.missing.clear(i)
	s.left--
	for _, pe := range s.peers {
		if pe.has != nil && pe.has.has(i) {
			pe.missing--
		}
	}
	if s.pieces[i] == nil && s.free.has(i) {
		s.free.clear(i)
		s.rarity.remove(i)
	}
	if pc := s.pieces[i]; pc != nil {
		pc.verified, pc.checking, pc.arrived, pc.free = true, false, pc.count, 0
		s.setSingle(pc, false)
		s.started.remove(pc)
		for b := range pc.blocks {
			pc.blocks[b].arrived = true
		}
		s.cancelPiece(pc)
		s.release(pc)
	}
	if s.left == 0 {
		s.rarity.reset()
	}
}

// PieceFailed records that a piece has failed verification: all of it is missing again. From now on its blocks are
// requested from one peer at a time, so that it is known who sends wrong data.
func (p *Picker) PieceFailed(i int) {
	s := &p.s
	if i < 0 || i >= s.shape.Pieces || !s.missing.has(i) {
		return
	}
	pc := s.activate(i)
	s.allocBlocks(pc)
	s.cancelPiece(pc)
	s.setSingle(pc, true)
	pc.sole = nil
	s.restart(pc)
}

// PieceLost records that a piece that was here is missing again.
func (p *Picker) PieceLost(i int) {
	s := &p.s
	if i < 0 || i >= s.shape.Pieces || s.missing.has(i) {
		return
	}
	s.missing.set(i)
	s.left++
	s.freed++
	s.urgent.stale = true
	for _, pe := range s.peers {
		if pe.has != nil && pe.has.has(i) {
			pe.missing++
		}
	}
	if pc := s.pieces[i]; pc != nil {
		pc.verified = false
		s.restart(pc)
		s.release(pc)
		return
	}
	s.free.set(i)
	s.rarity.insert(i)
}

// ReceivedBytes returns how many bytes of an unfinished piece have arrived.
func (p *Picker) ReceivedBytes(i int) int64 {
	pc := p.s.pieces[i]
	if pc == nil || pc.verified {
		return 0
	}
	n := pc.arrived * BlockSize
	if pc.hasBlocks() && pc.blocks[pc.count-1].arrived {
		n -= BlockSize - pc.size(pc.count-1)
	}
	return int64(n)
}

// Partial returns the unfinished pieces of which at least one block has arrived, in no order.
func (p *Picker) Partial() []int {
	var pieces []int
	for i, pc := range p.s.pieces {
		if pc.arrived > 0 && !pc.verified {
			pieces = append(pieces, i)
		}
	}
	return pieces
}

// Missing returns the number of missing pieces.
func (p *Picker) Missing() int { return p.s.left }

// PieceCounts returns how many peers have each piece.
func (p *Picker) PieceCounts() []int {
	copies := make([]int, p.s.shape.Pieces)
	for i := range copies {
		copies[i] = p.s.seeds + p.s.rarity.count(i)
	}
	return copies
}
