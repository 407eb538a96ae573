package mirror

import (
	"context"
	"errors"
	"time"

	"wtptui/engine/swarm/wire"
)

const (
	// maxFetches is how many GET requests run at a time.
	maxFetches = 4
	// maxRange is the maximum range of one of them in bytes, apart from its last block.
	maxRange = 2 << 20
)

// errUnwanted cancels a fetch of which nothing is wanted any more.
var errUnwanted = errors.New("mirror: all requests have been cancelled")

// request is a requested block that has not been answered.
type request struct {
	block   wire.Block
	data    []byte // nil until something has arrived
	missing int    // bytes that have not arrived
	// active is how many of its parts are being fetched.
	active    int
	cancelled bool
	answered  bool // answered
}

// fetch is one GET request: adjacent parts of one file.
type fetch struct {
	file       int
	start, end int64
	parts      []part
	done       int // of parts

	ctx   context.Context
	abort context.CancelCauseFunc
}

// isUnwanted reports whether no outstanding part is wanted any more.
func (f *fetch) isUnwanted() bool {
	for _, p := range f.parts[f.done:] {
		if !p.req.answered && !p.req.cancelled {
			return false
		}
	}
	return true
}

// queue holds the requests, and the messages for Read. It has no goroutines and must be used by one at a time.
type queue struct {
	content
	requests map[wire.Block]*request // that are not answered
	waiting  []part                  // of requests, in their order
	fetches  []*fetch                // under way
	out      []wire.Message
	health   health

	// workers is the number of goroutines that fetch, limit the maximum.
	workers, limit int
}

// add adds a request.
func (q *queue) add(b wire.Block) {
	if r := q.requests[b]; r != nil {
		r.cancelled = false
		return
	}
	r := &request{block: b}
	parts, ok := q.split(r)
	if !ok || q.health.choked || q.health.excludesAny(parts) {
		q.out = append(q.out, wire.Message{Type: wire.Reject, Block: b})
		return
	}
	for i := range parts {
		r.missing += parts[i].length()
	}
	if q.requests == nil {
		q.requests = make(map[wire.Block]*request)
	}
	q.requests[b] = r
	q.waiting = append(q.waiting, parts...)
}

// cancel cancels a request. A running fetch continues, unless nothing else of it is wanted.
func (q *queue) cancel(b wire.Block) {
	r := q.requests[b]
	if r == nil {
		return
	}
	r.cancelled = true
	if r.active == 0 {
		q.reject(r)
		return
	}
	for _, f := range q.fetches {
		if !f.has(r) || !f.isUnwanted() {
			continue
		}
		f.abort(errUnwanted)
		for _, p := range f.parts[f.done:] {
			q.reject(p.req)
		}
	}
}

func (f *fetch) has(r *request) bool {
	for _, p := range f.parts[f.done:] {
		if p.req == r {
			return true
		}
	}
	return false
}

// reject answers a request with a reject, unless it has been answered.
func (q *queue) reject(r *request) {
	if r.answered {
		return
	}
	q.markAnswered(r)
	r.data = nil // Another fetch may be writing to it.
	q.out = append(q.out, wire.Message{Type: wire.Reject, Block: r.block})
	kept := q.waiting[:0]
	for _, p := range q.waiting {
		if p.req != r {
			kept = append(kept, p)
		}
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
}

func (q *queue) markAnswered(r *request) {
	r.answered = true
	delete(q.requests, r.block)
}

// nextFetch returns the next fetch; nil if there is none. It contains the first request, and those adjacent to it.
func (q *queue) nextFetch(ctx context.Context) *fetch {
	if len(q.waiting) == 0 {
		return nil
	}
	first := q.waiting[0]
	f := &fetch{file: first.file, start: first.start, end: first.start}
	kept := q.waiting[:0]
	for i, p := range q.waiting {
		if i == 0 || p.file == f.file && p.file != zeros && p.start == f.end && f.end-f.start < maxRange {
			f.parts = append(f.parts, p)
			f.end = p.end
			p.req.active++
		} else {
			kept = append(kept, p)
		}
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
	f.ctx, f.abort = context.WithCancelCause(ctx)
	q.fetches = append(q.fetches, f)
	return f
}

// buffer returns the buffer for the next part of a fetch; nil if it is not wanted.
func (q *queue) buffer(f *fetch) []byte {
	p := f.parts[f.done]
	r := p.req
	if r.answered {
		return nil
	}
	if r.data == nil {
		r.data = wire.Alloc()[:r.block.Length]
		if r.missing < r.block.Length {
			clear(r.data) // There is padding.
		}
	}
	return r.data[p.at : p.at+p.length()]
}

// finishPart records that the next part of a fetch has been read. If that completes a block, it returns it.
func (q *queue) finishPart(f *fetch) (m wire.Message, complete bool) {
	p := f.parts[f.done]
	f.done++
	p.req.active--
	if f.file != zeros {
		q.health.succeeded(f.file)
	}
	if p.req.answered {
		return m, false
	}
	p.req.missing -= p.length()
	if p.req.missing > 0 {
		return m, false
	}
	q.markAnswered(p.req)
	return wire.Message{Type: wire.Piece, Block: p.req.block, Data: p.req.data}, true
}

// handleResponse records that a working server has answered a fetch.
func (q *queue) handleResponse() {
	if q.health.responded() {
		q.out = append(q.out, wire.Message{Type: wire.Unchoke})
	}
}

// handleLate records that a fetch has not been answered yet. If the mirror has not proven to work, its requests are
// rejected, so that other peers are asked meanwhile.
func (q *queue) handleLate(f *fetch) {
	if q.health.proven || f.done == len(f.parts) {
		return
	}
	if q.health.suspect() {
		q.out = append(q.out, wire.Message{Type: wire.Choke})
	}
	q.rejectRest(f)
	q.rejectWaiting()
}

// finishFetch removes a fetch. err is nil if all of its parts have been read, or none is wanted any more.
func (q *queue) finishFetch(f *fetch, err *fault, now time.Time) {
	for i, g := range q.fetches {
		if g == f {
			q.fetches = append(q.fetches[:i], q.fetches[i+1:]...)
			break
		}
	}
	if err != nil {
		q.handleFault(f, err, now)
	}
	q.rejectRest(f)
	for _, p := range f.parts[f.done:] {
		p.req.active--
	}
}

// handleFault handles a fault. The messages that explain it come before the rejects, so that the requests are not made
// again at once.
func (q *queue) handleFault(f *fetch, err *fault, now time.Time) {
	if err.busy {
		q.limit = max(1, q.limit/2)
	}
	later := time.Duration(0)
	switch {
	case !err.everywhere:
		q.handleResponse()
		q.health.fileFailures++
	case len(q.files) > 1:
		later = minBackoff // Meanwhile it becomes clear whether the file or the mirror has failed.
	}
	if !err.busy && q.health.excludeFile(f.file, now, err.wait, later) {
		q.announcePieces()
	}
	if err.everywhere || q.health.hasFailedOften() {
		if q.health.choke(now, err.wait) {
			q.out = append(q.out, wire.Message{Type: wire.Choke})
		}
		q.rejectWaiting()
		return
	}
	for i := 0; i < len(q.waiting); {
		if p := q.waiting[i]; p.file == f.file {
			q.reject(p.req)
			i = 0
			continue
		}
		i++
	}
}

// rejectRest rejects the requests that a fetch has not completed.
func (q *queue) rejectRest(f *fetch) {
	for _, p := range f.parts[f.done:] {
		q.reject(p.req)
	}
}

func (q *queue) rejectWaiting() {
	for len(q.waiting) > 0 {
		q.reject(q.waiting[0].req)
	}
}

// tick does what is due.
func (q *queue) tick(now time.Time) {
	again, unchoked := q.health.tick(now)
	if again {
		q.announcePieces()
	}
	if unchoked {
		q.out = append(q.out, wire.Message{Type: wire.Unchoke})
	}
}

// announcePieces queues a message with the pieces that are offered.
func (q *queue) announcePieces() {
	if q.layout.Pieces == 0 {
		return
	}
	m := wire.Message{Type: wire.HaveAll}
	if bits, n := q.pieces(q.health.excludedFiles); n == 0 {
		m.Type = wire.HaveNone
	} else if n < q.layout.Pieces {
		m = wire.Message{Type: wire.Bitfield, Bits: bits}
	}
	q.out = append(q.out, m)
}
