package pick

// block is the state of one block of a piece.
type block struct {
	requests *request // all that there are, linked by also
	arrived  bool
	live     uint8 // requests that are expected to be answered
}

// asked reports whether there is a request for the block at a peer, even one that was taken back.
func (b *block) asked(of *Peer) bool {
	for r := b.requests; r != nil; r = r.also {
		if r.peer == of {
			return true
		}
	}
	return false
}

// piece is one that somebody wants or has begun with. All others are bits in the picker.
type piece struct {
	index, length int
	blocks        []block // nil until the first one is asked for
	count         int     // of blocks
	arrived       int     // blocks
	free          int     // missing blocks without a live request
	requests      int
	first         int // no block before this one is free
	// checking says that all blocks have arrived and nobody has said yet whether they are right; here that they are.
	checking, here bool

	// want is the number of the order that names the piece, rank its place there.
	want   uint64
	rank   int
	urgent bool
	soon   bool

	// single says that all blocks are to come from one peer, sole, which is nil until it has been chosen.
	single bool
	sole   *Peer

	// In the list of pieces that were begun and have free blocks.
	listed     bool
	next, prev *piece
}

func (pc *piece) wanted() bool { return pc.urgent || pc.soon }
func (pc *piece) begun() bool  { return pc.blocks != nil }

// size is the length of a block in bytes.
func (pc *piece) size(b int) int { return min(BlockSize, pc.length-b*BlockSize) }

// nextFree returns the first free block, from some block on, that the peer was not asked for; -1 if there is none.
func (pc *piece) nextFree(pe *Peer, from int) int {
	if !pc.begun() {
		if from < pc.count && pc.free > 0 {
			return from
		}
		return -1
	}
	for b := max(from, pc.first); b < pc.count; b++ {
		k := &pc.blocks[b]
		if k.arrived || k.live > 0 {
			if b == pc.first {
				pc.first++
			}
			continue
		}
		if pe == nil || !k.asked(pe) {
			return b
		}
	}
	return -1
}

// pieceList is a list of pieces in the order in which they were begun.
type pieceList struct{ head, tail *piece }

func (l *pieceList) add(pc *piece) {
	if pc.listed {
		return
	}
	pc.listed, pc.prev, pc.next = true, l.tail, nil
	if l.tail != nil {
		l.tail.next = pc
	} else {
		l.head = pc
	}
	l.tail = pc
}

func (l *pieceList) remove(pc *piece) {
	if !pc.listed {
		return
	}
	if pc.prev != nil {
		pc.prev.next = pc.next
	} else {
		l.head = pc.next
	}
	if pc.next != nil {
		pc.next.prev = pc.prev
	} else {
		l.tail = pc.prev
	}
	pc.listed, pc.prev, pc.next = false, nil, nil
}

// valid reports whether a block is one that can be asked for.
func (s Shape) valid(b Block) bool {
	return b.Piece >= 0 && b.Piece < s.Pieces && b.Begin >= 0 && b.Begin%BlockSize == 0 && b.Begin < s.length(b.Piece) &&
		b.Length == min(BlockSize, s.length(b.Piece)-b.Begin)
}

// length is that of a piece, in bytes.
func (s Shape) length(piece int) int {
	return int(min(s.PieceLength, s.Size-int64(piece)*s.PieceLength))
}

// claim returns what is known of a missing piece, which from now on is not picked for being rare.
func (s *store) claim(i int) *piece {
	if pc := s.pieces[i]; pc != nil {
		return pc
	}
	var pc *piece
	if n := len(s.unused); n > 0 {
		pc, s.unused = s.unused[n-1], s.unused[:n-1]
	} else {
		pc = new(piece)
	}
	n := s.shape.length(i)
	*pc = piece{index: i, length: n, count: (n + BlockSize - 1) / BlockSize}
	pc.free = pc.count
	s.pieces[i] = pc
	s.free.clear(i)
	s.rarity.remove(i)
	return pc
}

// begin makes the blocks of a piece.
func (s *store) begin(pc *piece) {
	if pc.begun() {
		return
	}
	if n := len(s.spare); n > 0 && cap(s.spare[n-1]) >= pc.count {
		pc.blocks, s.spare = s.spare[n-1][:pc.count], s.spare[:n-1]
		clear(pc.blocks)
	} else {
		pc.blocks = make([]block, pc.count)
	}
	if pc.free > 0 {
		s.open.add(pc)
	}
}

// release forgets a piece of which nothing has to be known any more.
func (s *store) release(pc *piece) {
	if pc.requests > 0 || pc.checking || pc.wanted() || !pc.here && (pc.arrived > 0 || pc.single) {
		return
	}
	s.open.remove(pc)
	delete(s.pieces, pc.index)
	if !pc.here {
		s.free.set(pc.index)
		s.rarity.insert(pc.index)
		s.freed++
	}
	if pc.begun() && len(s.spare) < mostSpare {
		s.spare = append(s.spare, pc.blocks)
	}
	pc.blocks = nil
	if len(s.unused) < mostSpare {
		s.unused = append(s.unused, pc)
	}
}

// mostSpare is how many pieces are kept to be used again.
const mostSpare = 512

// markFree notes that a block has become one to be asked for.
func (s *store) markFree(pc *piece, b int) {
	pc.free++
	pc.first = min(pc.first, b)
	s.open.add(pc)
	s.noteFree(pc)
}

// noteFree notes that a piece has free blocks again.
func (s *store) noteFree(pc *piece) {
	s.freed++
	if pc.urgent {
		s.urgent.from = min(s.urgent.from, pc.rank)
	}
	if pc.soon {
		s.soon.from = min(s.soon.from, pc.rank)
	}
}

// markTaken notes that a block needs not be asked for.
func (s *store) markTaken(pc *piece) {
	pc.free--
	if pc.free == 0 {
		s.open.remove(pc)
	}
}

// restart makes all blocks of a piece missing.
func (s *store) restart(pc *piece) {
	pc.checking, pc.arrived, pc.first, pc.free = false, 0, 0, 0
	for b := range pc.blocks {
		k := &pc.blocks[b]
		k.arrived = false
		if k.live == 0 {
			pc.free++
		}
	}
	if !pc.begun() {
		pc.free = pc.count
	}
	if pc.free > 0 {
		if pc.begun() {
			s.open.add(pc)
		}
		s.noteFree(pc)
	}
}
