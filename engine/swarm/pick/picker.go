package pick

import (
	"math/rand/v2"
	"slices"
	"time"
)

// BlockSize is how long blocks are, in bytes; the last one of a piece may be shorter.
const BlockSize = 16 << 10

// Shape is how a torrent is divided. PieceLength and Size are in bytes.
type Shape struct {
	Pieces            int
	PieceLength, Size int64
}

// Block is a part of a piece.
type Block struct {
	Piece         int
	Begin, Length int // bytes
}

// Step is something to do: to ask a peer for a block, or to take that back.
type Step struct {
	Peer   *Peer
	Block  Block
	Cancel bool
}

// Receipt is what a block that has come is good for.
type Receipt struct {
	// Wanted is false if its bytes are of no use: nobody asked for them, or they were here.
	Wanted bool
	// Complete says that it was the last one of its piece, which can be hashed.
	Complete bool
}

// Picker decides what to ask of which peer. It belongs to one goroutine.
type Picker struct {
	s     store
	epoch time.Time
}

// store is the state of a Picker.
type store struct {
	shape Shape
	// missing are the pieces that are not here, left how many. free are those of them of which nothing else is known: all
	// others are in pieces.
	missing, free bitset
	left          int
	pieces        map[int]*piece
	open          pieceList // begun, with free blocks
	urgent, soon  wants
	order         uint64 // number of the present order of what is wanted
	singles       int
	stopped       bool

	peers []*Peer
	seeds int
	// rarity is how the pieces in free are ordered.
	rarity rarity
	// typical is the rate of a peer of which nothing is known, in bytes per second.
	typical float64
	rates   []float64 // to compute it with

	// outstanding and cancelled are how many requests there are of all peers, urgentAsked how many are urgent.
	outstanding, cancelled, urgentAsked int
	cancels                             []*request
	// freed counts how often something has become free to be asked for.
	freed       uint64
	touched     []*Peer // to be looked at by the next plan
	touchedAll  uint64  // the state of freed in which all peers were looked at
	now         moment
	nextSweep   moment
	nextAgain   moment
	againLikely bool // it may be good to ask for something twice when time has passed

	late          []late
	spareRequests *request
	unused        []*piece
	spare         [][]block
}

// New returns a Picker for what is missing, which is called once for each piece.
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
	p.Random(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	return p
}

// Random sets where the random order of equally rare pieces comes from.
func (p *Picker) Random(source rand.Source) { p.s.rarity.random = rand.New(source) }

// moment returns a time as the picker counts it.
func (p *Picker) moment(now time.Time) moment {
	if p.epoch.IsZero() {
		p.epoch = now.Add(-time.Hour)
	}
	// Time does not go back.
	p.s.now = max(p.s.now, now.Sub(p.epoch))
	return p.s.now
}

// Add adds a peer that has nothing and chokes us.
func (p *Picker) Add(now time.Time) *Peer {
	p.moment(now)
	pe := &Peer{store: &p.s, choked: true, line: line{window: firstWindow}}
	p.s.peers = append(p.s.peers, pe)
	return pe
}

// Remove forgets a peer. What it was asked for becomes free.
func (p *Picker) Remove(pe *Peer) {
	if pe.gone {
		return
	}
	s := &p.s
	pe.allowed = nil
	pe.Choke(false)
	pe.loseAll()
	pe.gone = true
	s.peers = slices.DeleteFunc(s.peers, func(q *Peer) bool { return q == pe })
}

// Stop says whether nothing is to be asked for. What is outstanding is taken back then.
func (p *Picker) Stop(stopped bool) {
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

// Received takes note of a block that a peer has sent.
func (p *Picker) Received(pe *Peer, b Block, now time.Time) Receipt {
	s := &p.s
	at := p.moment(now)
	r := s.find(pe, b)
	if r == nil {
		return Receipt{}
	}
	pc := r.piece
	snubbed := pe.line.snubbed
	pe.line.delivered(r, at, pe.made)
	pe.heard = at
	pe.lastNumber = max(pe.lastNumber, r.number+1)
	k := &pc.blocks[r.block]
	wanted := !k.arrived && !pc.checking && !pc.here
	if wanted {
		if k.live == 0 {
			s.markTaken(pc)
		}
		k.arrived = true
		pc.arrived++
		pc.checking = pc.arrived == pc.count
	}
	s.forget(r)
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

// Rejected takes note that a peer will not send a block.
func (p *Picker) Rejected(pe *Peer, b Block, now time.Time) {
	s := &p.s
	at := p.moment(now)
	r := s.find(pe, b)
	switch {
	case r == nil:
	case r.state == stateCancelled || r.state == stateDoubtful && !pe.line.snubbed:
		s.forget(r)
	default:
		pe.line.refused(r, pe.made)
		s.refuse(r, at+refusedTime)
		if r.piece.sole == pe {
			s.dropSole(r.piece)
		}
	}
}

// Done says that a piece is here and right.
func (p *Picker) Done(i int) {
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
		pc.here, pc.checking, pc.arrived, pc.free = true, false, pc.count, 0
		s.setSingle(pc, false)
		s.open.remove(pc)
		for b := range pc.blocks {
			pc.blocks[b].arrived = true
		}
		s.cancelPiece(pc)
		s.release(pc)
	}
	if s.left == 0 {
		s.rarity.forget()
	}
}

// Failed says that a piece has come and is wrong: all of it is missing again. From now on its blocks are asked of one
// peer at a time, so that it is known who is wrong.
func (p *Picker) Failed(i int) {
	s := &p.s
	if i < 0 || i >= s.shape.Pieces || !s.missing.has(i) {
		return
	}
	pc := s.claim(i)
	s.begin(pc)
	s.cancelPiece(pc)
	s.setSingle(pc, true)
	pc.sole = nil
	s.restart(pc)
}

// Lost says that a piece that was here is missing again.
func (p *Picker) Lost(i int) {
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
		pc.here = false
		s.restart(pc)
		s.release(pc)
		return
	}
	s.free.set(i)
	s.rarity.insert(i)
}

// Arrived returns how many bytes of an unfinished piece have come.
func (p *Picker) Arrived(i int) int64 {
	pc := p.s.pieces[i]
	if pc == nil || pc.here {
		return 0
	}
	n := pc.arrived * BlockSize
	if pc.begun() && pc.blocks[pc.count-1].arrived {
		n -= BlockSize - pc.size(pc.count-1)
	}
	return int64(n)
}

// Partial returns the unfinished pieces of which something has come, in no order.
func (p *Picker) Partial() []int {
	var pieces []int
	for i, pc := range p.s.pieces {
		if pc.arrived > 0 && !pc.here {
			pieces = append(pieces, i)
		}
	}
	return pieces
}

// Missing returns how many pieces are not here.
func (p *Picker) Missing() int { return p.s.left }

// Copies returns how many peers have each piece.
func (p *Picker) Copies() []int {
	copies := make([]int, p.s.shape.Pieces)
	for i := range copies {
		copies[i] = p.s.seeds + p.s.rarity.of(i)
	}
	return copies
}
