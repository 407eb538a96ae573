package pick

import "time"

const (
	// answerTime is how long a block that was taken back from a peer with the fast extension is not asked of it again
	// when neither the block nor a reject comes.
	answerTime = 30 * time.Second
	// cancelSlack is added to three round trips for other peers.
	cancelSlack = 200 * time.Millisecond
	// refusedTime is how long a block is not asked again of a peer that has rejected it.
	refusedTime = 2 * time.Second
)

// moment is a time, as the duration since a fixed one. No moment is zero.
type moment = time.Duration

type requestState uint8

const (
	stateLive requestState = iota
	// stateDoubtful requests may still be answered, but others are asked as if there were none.
	stateDoubtful
	// stateCancelled requests were taken back, or rejected; the same block must not be asked of the peer meanwhile.
	stateCancelled
	// stateVoid requests were answered before their cancel was handed out.
	stateVoid
)

// request is a block that was asked of a peer.
type request struct {
	peer  *Peer
	piece *piece
	block int
	state requestState
	// queued says that it is among those to be cancelled with the next plan.
	queued bool
	number uint64 // of its peer's requests
	// at is when it was made, due when the block was expected then; until is when one that was taken back is forgotten.
	at, due, until moment
	eta            moment // when it is expected now; computed only to compare
	ahead          int    // bytes that were outstanding then, its own included

	next, prev *request // in its peer's queue, or among those taken back from it
	also       *request // of the same block
}

func (r *request) length() int { return r.piece.size(r.block) }

func (r *request) name() Block {
	return Block{Piece: r.piece.index, Begin: r.block * BlockSize, Length: r.length()}
}

// requestList is in the order in which requests were made.
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

// addRequest makes a request.
func (s *store) addRequest(pe *Peer, pc *piece, b int, now, due moment) *request {
	s.begin(pc)
	r := s.spareRequests
	if r != nil {
		s.spareRequests = r.next
	} else {
		r = new(request)
	}
	*r = request{peer: pe, piece: pc, block: b, number: pe.made, at: now, due: due, ahead: pe.bytes + pc.size(b)}
	pe.made++
	k := &pc.blocks[b]
	r.also, k.requests = k.requests, r
	pc.requests++
	if pc.single && pc.sole == nil {
		pc.sole = pe
	}
	if k.live == 0 && !k.arrived {
		s.markTaken(pc)
	}
	k.live++
	pe.queue.add(r)
	s.enqueued(r, 1)
	return r
}

// enqueued counts a request that is added to its peer's queue, or taken from it with n = -1.
func (s *store) enqueued(r *request, n int) {
	pe, size := r.peer, n*r.length()
	pe.count += n
	pe.bytes += size
	s.outstanding += n
	if r.piece.urgent {
		pe.urgent += n
		pe.urgentBytes += size
		s.urgentAsked += n
	}
}

// dequeue takes a request out of its peer's queue. Its block may become free.
func (s *store) dequeue(r *request) {
	r.peer.queue.remove(r)
	s.enqueued(r, -1)
	s.markDoubtful(r)
	s.touch(r.peer)
}

// markDoubtful lets others be asked for the block of a request.
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

// markLive undoes doubt.
func (s *store) markLive(r *request) {
	if r.state != stateDoubtful {
		return
	}
	r.state = stateLive
	k := &r.piece.blocks[r.block]
	if k.live == 0 && !k.arrived {
		s.markTaken(r.piece)
	}
	k.live++
}

// cancel takes back an outstanding request; its cancel comes with the next plan.
func (s *store) cancel(r *request) {
	s.dequeue(r)
	r.state, r.queued = stateCancelled, true
	s.cancelled++
	r.peer.cancelled.add(r)
	s.cancels = append(s.cancels, r)
}

// refuse keeps a request that was rejected, so that it is not made again at once.
func (s *store) refuse(r *request, until moment) {
	s.dequeue(r)
	r.state, r.until = stateCancelled, until
	s.cancelled++
	r.peer.cancelled.add(r)
}

// forget ends a request, whatever its state.
func (s *store) forget(r *request) {
	switch r.state {
	case stateLive, stateDoubtful:
		s.dequeue(r)
	case stateCancelled:
		r.peer.cancelled.remove(r)
		s.cancelled--
	case stateVoid:
		return
	}
	k := &r.piece.blocks[r.block]
	for at := &k.requests; *at != nil; at = &(*at).also {
		if *at == r {
			*at = r.also
			break
		}
	}
	r.piece.requests--
	r.peer.dry = 0 // The block can be asked of it again.
	s.touch(r.peer)
	s.release(r.piece)
	r.state = stateVoid
	if !r.queued {
		s.recycle(r)
	}
}

// recycle keeps a request that nothing refers to.
func (s *store) recycle(r *request) {
	*r = request{next: s.spareRequests}
	s.spareRequests = r
}

// find returns the request of a peer for a block, nil if there is none.
func (s *store) find(pe *Peer, b Block) *request {
	if !s.shape.valid(b) {
		return nil
	}
	pc := s.pieces[b.Piece]
	if pc == nil || !pc.begun() {
		return nil
	}
	for r := pc.blocks[b.Begin/BlockSize].requests; r != nil; r = r.also {
		if r.peer == pe {
			return r
		}
	}
	return nil
}

// cancelPiece takes back all requests for a piece.
func (s *store) cancelPiece(pc *piece) {
	for b := range pc.blocks {
		s.cancelBlock(pc, b)
	}
}

// cancelBlock takes back what is still outstanding for a block.
func (s *store) cancelBlock(pc *piece, b int) {
	for r := pc.blocks[b].requests; r != nil; r = r.also {
		if r.state == stateLive || r.state == stateDoubtful {
			s.cancel(r)
		}
	}
}
