package pick

// block is the state of one block of a piece.
type block struct {
	requests *request // linked by nextOfBlock
	arrived  bool
	live     uint8 // number of requests that are expected to be answered
}

// hasRequest reports whether there is a request for the block to a peer, even a canceled one.
func (b *block) hasRequest(pe *Peer) bool {
	for r := b.requests; r != nil; r = r.nextOfBlock {
		if r.peer == pe {
			return true
		}
	}
	return false
}

// piece is a piece that is wanted or has been started. All others are bits in the store.
type piece struct {
	index, length int
	blocks        []block // nil until the first one is requested
	count         int     // of blocks
	arrived       int     // blocks
	free          int     // missing blocks without a live request
	requests      int
	first         int // no block before this one is free
	// checking reports whether all blocks have arrived and the piece is being hashed, verified whether it is right.
	checking, verified bool

	// want is the number of the order that contains the piece, rank its index there.
	want   uint64
	rank   int
	urgent bool
	soon   bool

	// single reports whether all blocks must come from one peer, sole, which is nil until it has been chosen.
	single bool
	sole   *Peer

	// Position in the list of started pieces that have free blocks.
	listed     bool
	next, prev *piece
}

func (pc *piece) wanted() bool    { return pc.urgent || pc.soon }
func (pc *piece) hasBlocks() bool { return pc.blocks != nil }

// size returns the length of a block in bytes.
func (pc *piece) size(b int) int { return min(BlockSize, pc.length-b*BlockSize) }

// nextFree returns the first free block from a block on that was not requested from the peer; -1 if there is none.
func (pc *piece) nextFree(pe *Peer, from int) int {
	if !pc.hasBlocks() {
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
		if pe == nil || !k.hasRequest(pe) {
			return b
		}
	}
	return -1
}

// pieceList is a list of pieces in the order in which they were added.
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

// valid reports whether a block can be requested.
func (s Shape) valid(b Block) bool {
	return b.Piece >= 0 && b.Piece < s.Pieces && b.Begin >= 0 && b.Begin%BlockSize == 0 && b.Begin < s.length(b.Piece) &&
		b.Length == min(BlockSize, s.length(b.Piece)-b.Begin)
}

// length returns the length of a piece in bytes.
func (s Shape) length(piece int) int {
	return int(min(s.PieceLength, s.Size-int64(piece)*s.PieceLength))
}

// activate returns the piece of a missing piece, creating it if needed. From then on it is not picked for its rarity.
func (s *store) activate(i int) *piece {
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

// allocBlocks allocates the blocks of a piece.
func (s *store) allocBlocks(pc *piece) {
	if pc.hasBlocks() {
		return
	}
	if n := len(s.spare); n > 0 && cap(s.spare[n-1]) >= pc.count {
		pc.blocks, s.spare = s.spare[n-1][:pc.count], s.spare[:n-1]
		clear(pc.blocks)
	} else {
		pc.blocks = make([]block, pc.count)
	}
	if pc.free > 0 {
		s.started.add(pc)
	}
}

// release removes a piece that needs no state any more.
func (s *store) release(pc *piece) {
	if pc.requests > 0 || pc.checking || pc.wanted() || !pc.verified && (pc.arrived > 0 || pc.single) {
		return
	}
	s.started.remove(pc)
	delete(s.pieces, pc.index)
	if !pc.verified {
		s.free.set(pc.index)
		s.rarity.insert(pc.index)
		s.freed++
	}
	if pc.hasBlocks() && len(s.spare) < maxSpare {
		s.spare = append(s.spare, pc.blocks)
	}
	pc.blocks = nil
	if len(s.unused) < maxSpare {
		s.unused = append(s.unused, pc)
	}
}

// maxSpare is how many pieces are kept for reuse.
const maxSpare = 512

// markFree records that a block has become free.
func (s *store) markFree(pc *piece, b int) {
	pc.free++
	pc.first = min(pc.first, b)
	s.started.add(pc)
	s.handleFreed(pc)
}

// handleFreed records that a piece has free blocks again.
func (s *store) handleFreed(pc *piece) {
	s.freed++
	if pc.urgent {
		s.urgent.from = min(s.urgent.from, pc.rank)
	}
	if pc.soon {
		s.soon.from = min(s.soon.from, pc.rank)
	}
}

// markNotFree records that a block need not be requested.
func (s *store) markNotFree(pc *piece) {
	pc.free--
	if pc.free == 0 {
		s.started.remove(pc)
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
	if !pc.hasBlocks() {
		pc.free = pc.count
	}
	if pc.free > 0 {
		if pc.hasBlocks() {
			s.started.add(pc)
		}
		s.handleFreed(pc)
	}
}
