package torrent

import (
	"context"
	"sync"

	"wtptui/engine/swarm/wire"
)

// maxUnwrittenBytes is how many bytes may wait to be written before the owner stops reading from peers.
const maxUnwrittenBytes = 4 << 20

// backlog is the queue of a worker. pushJob and pushCheck report whether the worker's goroutine must be started.
type backlog struct {
	mu        sync.Mutex
	running   bool
	jobs      []job
	checks    []*check
	unwritten int  // bytes
	throttled bool // the owner does not read until fewer bytes are unwritten
}

// job is one of three orders: write a block; without data, hash a piece after its last block has been written; with
// restart, forget the failure of a piece that is fetched again.
type job struct {
	block         wire.Block
	data          []byte
	wantBlockSums bool
	restart       bool
}

// check is a list of pieces to hash when there are no jobs. done may be nil.
type check struct {
	ctx    context.Context
	pieces []int
	done   func()
}

func (b *backlog) pushJob(j job) (begin bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.jobs = append(b.jobs, j)
	b.unwritten += len(j.data)
	begin, b.running = !b.running, true
	return begin
}

func (b *backlog) pushCheck(c *check) (begin bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.checks = append(b.checks, c)
	begin, b.running = !b.running, true
	return begin
}

// isFull reports whether more than maxUnwrittenBytes are unwritten. Once it has, it does so until half of them have
// been written.
func (b *backlog) isFull() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.throttled = b.throttled || b.unwritten > maxUnwrittenBytes
	return b.throttled
}

// next removes and returns the next work: all queued jobs, or else one piece of a check. caughtUp reports that the
// backlog is not full any more. ok is false if there is no work; the worker's goroutine must end then.
func (b *backlog) next() (jobs []job, c *check, piece int, caughtUp, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.throttled && b.unwritten <= maxUnwrittenBytes/2 {
		b.throttled, caughtUp = false, true
	}
	if len(b.jobs) > 0 {
		jobs, b.jobs = b.jobs, nil
		return jobs, nil, 0, caughtUp, true
	}
	for len(b.checks) > 0 {
		c = b.checks[0]
		if len(c.pieces) > 0 && c.ctx.Err() == nil {
			piece = c.pieces[0]
			c.pieces = c.pieces[1:]
			return nil, c, piece, caughtUp, true
		}
		b.checks = b.checks[1:]
		if c.done != nil {
			c.done()
		}
	}
	b.running = false
	return nil, nil, 0, caughtUp, false
}

// noteWritten subtracts n written bytes. It reports whether the backlog has just ceased to be full, so that the owner
// can be told.
func (b *backlog) noteWritten(n int) (caughtUp bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unwritten -= n
	caughtUp = b.throttled && b.unwritten <= maxUnwrittenBytes/2
	b.throttled = b.throttled && !caughtUp
	return caughtUp
}

// cancelChecks ends all checks and calls their done functions.
func (b *backlog) cancelChecks() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.checks {
		if c.done != nil {
			c.done()
		}
	}
	b.checks = nil
}
