package pick

import "time"

const (
	// answerTime is how long a canceled block is not requested again from a peer with the fast extension if neither
	// the block nor a reject arrives.
	answerTime = 30 * time.Second
	// cancelSlack is added to three round trips for other peers.
	cancelSlack = 200 * time.Millisecond
	// rejectedTime is how long a block is not requested again from a peer that has rejected it.
	rejectedTime = 2 * time.Second
)

// moment is a time, as the duration since a fixed one. It is never zero.
type moment = time.Duration

type requestState uint8

const (
	stateLive requestState = iota
	// may still be answered, but the block is requested from others as if it did not exist
	stateDoubtful
	// was canceled or rejected; the block must not be requested from the peer meanwhile
	stateCancelled
	// was answered before its cancel was sent
	stateAnswered
)

// request is a request of a block from a peer.
type request struct {
	peer  *Peer
	piece *piece
	block int
	state requestState
	// queued reports whether the next plan sends its cancel.
	queued bool
	number uint64 // in the order of its peer's requests
	// at is when it was made, due when the block was expected then, until when a canceled one is dropped.
	at, due, until moment
	eta            moment // when it is expected now; only valid within requestAgain
	ahead          int    // outstanding bytes when it was made, including its own

	next, prev  *request // in its peer's queue, or among its canceled requests
	nextOfBlock *request // next request of the same block
}

func (r *request) length() int { return r.piece.size(r.block) }

func (r *request) name() Block {
	return Block{Piece: r.piece.index, Begin: r.block * BlockSize, Length: r.length()}
}

// requestList holds requests in the order in which they were made.
type requestList struct{ head, tail *request }

func (l *requestList) add(r *request) {
	r.prev, r.next = l.tail, nil
	if l.tail != nil {
		l.tail.next = r
	} else {
		l.head = r
	}
	l.tail = r
}

func (l *requestList) remove(r *request) {
	if r.prev != nil {
		r.prev.next = r.next
	} else {
		l.head = r.next
	}
	if r.next != nil {
		r.next.prev = r.prev
	} else {
		l.tail = r.prev
	}
	r.next, r.prev = nil, nil
}

// addRequest creates a request.
func (s *store) addRequest(pe *Peer, pc *piece, b int, now, due moment) *request {
	s.allocBlocks(pc)
	r := s.spareRequests
	if r != nil {
		s.spareRequests = r.next
	} else {
		r = new(request)
	}
	*r = request{peer: pe, piece: pc, block: b, number: pe.requestCount, at: now, due: due, ahead: pe.bytes + pc.size(b)}
	pe.requestCount++
	k := &pc.blocks[b]
	r.nextOfBlock, k.requests = k.requests, r
	pc.requests++
	if pc.single && pc.sole == nil {
		pc.sole = pe
	}
	if k.live == 0 && !k.arrived {
		s.markNotFree(pc)
	}
	k.live++
	pe.queue.add(r)
	s.countRequest(r, 1)
	return r
}

// countRequest counts a request that is added to its peer's queue, or removed with n = -1.
func (s *store) countRequest(r *request, n int) {
	pe, size := r.peer, n*r.length()
	pe.count += n
	pe.bytes += size
	s.outstanding += n
	if r.piece.urgent {
		pe.urgent += n
		pe.urgentBytes += size
		s.urgentRequests += n
	}
}

// dequeue removes a request from its peer's queue. Its block may become free.
func (s *store) dequeue(r *request) {
	r.peer.queue.remove(r)
	s.countRequest(r, -1)
	s.markDoubtful(r)
	s.markDirty(r.peer)
}

// markDoubtful allows the block of a request to be requested from others.
func (s *store) markDoubtful(r *request) {
	if r.state != stateLive {
		return
	}
	r.state = stateDoubtful
	k := &r.piece.blocks[r.block]
	k.live--
	if k.live == 0 && !k.arrived {
		s.markFree(r.piece, r.block)
	}
}

// markLive reverts markDoubtful.
func (s *store) markLive(r *request) {
	if r.state != stateDoubtful {
		return
	}
	r.state = stateLive
	k := &r.piece.blocks[r.block]
	if k.live == 0 && !k.arrived {
		s.markNotFree(r.piece)
	}
	k.live++
}

// cancel cancels an outstanding request. The next plan sends the cancel.
func (s *store) cancel(r *request) {
	s.dequeue(r)
	r.state, r.queued = stateCancelled, true
	s.cancelled++
	r.peer.cancelled.add(r)
	s.cancels = append(s.cancels, r)
}

// markRejected keeps a rejected request until a time, so that it is not made again at once.
func (s *store) markRejected(r *request, until moment) {
	s.dequeue(r)
	r.state, r.until = stateCancelled, until
	s.cancelled++
	r.peer.cancelled.add(r)
}

// removeRequest removes a request in any state.
func (s *store) removeRequest(r *request) {
	switch r.state {
	case stateLive, stateDoubtful:
		s.dequeue(r)
	case stateCancelled:
		r.peer.cancelled.remove(r)
		s.cancelled--
	case stateAnswered:
		return
	}
	k := &r.piece.blocks[r.block]
	for at := &k.requests; *at != nil; at = &(*at).nextOfBlock {
		if *at == r {
			*at = r.nextOfBlock
			break
		}
	}
	r.piece.requests--
	r.peer.exhaustedAt = 0 // The block can be requested from it again.
	s.markDirty(r.peer)
	s.release(r.piece)
	r.state = stateAnswered
	if !r.queued {
		s.recycle(r)
	}
}

// recycle keeps an unreferenced request for reuse.
func (s *store) recycle(r *request) {
	*r = request{next: s.spareRequests}
	s.spareRequests = r
}

// findRequest returns a peer's request for a block, nil if there is none.
func (s *store) findRequest(pe *Peer, b Block) *request {
	if !s.shape.valid(b) {
		return nil
	}
	pc := s.pieces[b.Piece]
	if pc == nil || !pc.hasBlocks() {
		return nil
	}
	for r := pc.blocks[b.Begin/BlockSize].requests; r != nil; r = r.nextOfBlock {
		if r.peer == pe {
			return r
		}
	}
	return nil
}

// cancelPiece cancels all requests for a piece.
func (s *store) cancelPiece(pc *piece) {
	for b := range pc.blocks {
		s.cancelBlock(pc, b)
	}
}

// cancelBlock cancels all outstanding requests for a block.
func (s *store) cancelBlock(pc *piece, b int) {
	for r := pc.blocks[b].requests; r != nil; r = r.nextOfBlock {
		if r.state == stateLive || r.state == stateDoubtful {
			s.cancel(r)
		}
	}
}
