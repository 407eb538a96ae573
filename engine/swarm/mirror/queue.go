package mirror

import (
	"context"
	"errors"
	"time"

	"wtptui/engine/swarm/wire"
)

const (
	// maxFetches is how many GET requests are under way at a time.
	maxFetches = 4
	// maxRange is how long the range of one of them may be, in bytes, apart from its last block.
	maxRange = 2 << 20
)

// errUnwanted ends a fetch of which nothing is wanted any more.
var errUnwanted = errors.New("mirror: all requests have been cancelled")

// request is a block that was requested and has not been answered.
type request struct {
	block wire.Block
	data  []byte // nil until something has come
	left  int    // bytes that have not come
	// active is how many of its parts are being fetched.
	active    int
	cancelled bool
	over      bool // answered
}

// fetch is one GET request: adjoining parts of one file.
type fetch struct {
	file       int
	start, end int64
	parts      []part
	done       int // of parts

	ctx   context.Context
	abort context.CancelCauseFunc
}

// unwanted reports whether nobody waits for any part that has not come.
func (f *fetch) unwanted() bool {
	for _, p := range f.parts[f.done:] {
		if !p.req.over && !p.req.cancelled {
			return false
		}
	}
	return true
}

// queue holds the requests, and what is to be said about them. It has no goroutines; only one may use it at a time.
type queue struct {
	content
	requests map[wire.Block]*request // that are not answered
	waiting  []part                  // of requests, in their order
	fetches  []*fetch                // under way
	out      []wire.Message
	health   health

	// workers is how many goroutines take fetches, limit how many may.
	workers, limit int
}

// add takes a request.
func (q *queue) add(b wire.Block) {
	if r := q.requests[b]; r != nil {
		r.cancelled = false
		return
	}
	r := &request{block: b}
	parts, ok := q.split(r)
	if !ok || q.health.choked || q.health.leavesOut(parts) {
		q.out = append(q.out, wire.Message{Type: wire.Reject, Block: b})
		return
	}
	for i := range parts {
		r.left += parts[i].length()
	}
	if q.requests == nil {
		q.requests = make(map[wire.Block]*request)
	}
	q.requests[b] = r
	q.waiting = append(q.waiting, parts...)
}

// cancel takes a request back. What is under way is left to come, unless nothing else of that fetch is wanted.
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
		if !f.has(r) || !f.unwanted() {
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

// reject answers a request with a reject, if it has not been answered.
func (q *queue) reject(r *request) {
	if r.over {
		return
	}
	q.answered(r)
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

func (q *queue) answered(r *request) {
	r.over = true
	delete(q.requests, r.block)
}

// take returns the next fetch; nil if there is none. The first request comes first, with those that adjoin it.
func (q *queue) take(ctx context.Context) *fetch {
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

// buffer returns where the next part of a fetch is to be read to; nil if that is not wanted.
func (q *queue) buffer(f *fetch) []byte {
	p := f.parts[f.done]
	r := p.req
	if r.over {
		return nil
	}
	if r.data == nil {
		r.data = wire.Alloc()[:r.block.Length]
		if r.left < r.block.Length {
			clear(r.data) // There is padding.
		}
	}
	return r.data[p.at : p.at+p.length()]
}

// read notes that the next part of a fetch has been read. If that completes a block, it returns it.
func (q *queue) read(f *fetch) (m wire.Message, complete bool) {
	p := f.parts[f.done]
	f.done++
	p.req.active--
	if f.file != zeros {
		q.health.succeeded(f.file)
	}
	if p.req.over {
		return m, false
	}
	p.req.left -= p.length()
	if p.req.left > 0 {
		return m, false
	}
	q.answered(p.req)
	return wire.Message{Type: wire.Piece, Block: p.req.block, Data: p.req.data}, true
}

// responded notes that a fetch has been answered by a server that works.
func (q *queue) responded() {
	if q.health.responded() {
		q.out = append(q.out, wire.Message{Type: wire.Unchoke})
	}
}

// late notes that a fetch has not been answered yet. If it is not known whether the mirror works, others are to be
// asked meanwhile.
func (q *queue) late(f *fetch) {
	if q.health.proven || f.done == len(f.parts) {
		return
	}
	if q.health.suspect() {
		q.out = append(q.out, wire.Message{Type: wire.Choke})
	}
	q.rejectFrom(f)
	q.rejectWaiting()
}

// ended takes a fetch out. err is nil if all of its parts have been read, or none is wanted any more.
func (q *queue) ended(f *fetch, err *fault, now time.Time) {
	for i, g := range q.fetches {
		if g == f {
			q.fetches = append(q.fetches[:i], q.fetches[i+1:]...)
			break
		}
	}
	if err != nil {
		q.failed(f, err, now)
	}
	q.rejectFrom(f)
	for _, p := range f.parts[f.done:] {
		p.req.active--
	}
}

// failed notes a fault. Requests are rejected only after it has been said why: they are not to be made again now.
func (q *queue) failed(f *fetch, err *fault, now time.Time) {
	if err.busy {
		q.limit = max(1, q.limit/2)
	}
	later := time.Duration(0)
	switch {
	case !err.everywhere:
		q.responded()
		q.health.misses++
	case len(q.files) > 1:
		later = minBackoff // Meanwhile it shows whether it was the file that has failed, or the mirror.
	}
	if !err.busy && q.health.leaveOut(f.file, now, err.wait, later) {
		q.offer()
	}
	if err.everywhere || q.health.hasMissedOften() {
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

// rejectFrom rejects what a fetch has not brought.
func (q *queue) rejectFrom(f *fetch) {
	for _, p := range f.parts[f.done:] {
		q.reject(p.req)
	}
}

func (q *queue) rejectWaiting() {
	for len(q.waiting) > 0 {
		q.reject(q.waiting[0].req)
	}
}

// tick does what is due by now.
func (q *queue) tick(now time.Time) {
	again, unchoked := q.health.tick(now)
	if again {
		q.offer()
	}
	if unchoked {
		q.out = append(q.out, wire.Message{Type: wire.Unchoke})
	}
}

// offer says which pieces there are.
func (q *queue) offer() {
	if q.layout.Pieces == 0 {
		return
	}
	m := wire.Message{Type: wire.HaveAll}
	if bits, n := q.pieces(q.health.leftOut); n == 0 {
		m.Type = wire.HaveNone
	} else if n < q.layout.Pieces {
		m = wire.Message{Type: wire.Bitfield, Bits: bits}
	}
	q.out = append(q.out, m)
}
