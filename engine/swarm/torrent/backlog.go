package torrent

import (
	"context"
	"sync"

	"wtptui/engine/swarm/wire"
)

// mostBehind is how many bytes may wait to be written before no more is taken from peers.
const mostBehind = 4 << 20

// backlog is what a worker has to do, and whether it does: add and check report that it has to begin.
type backlog struct {
	mu      sync.Mutex
	busy    bool
	jobs    []job
	checks  []*check
	waiting int  // bytes to be written
	late    bool // the owner waits for less to wait
}

// job is a block to be written; or, without data, a piece of which all blocks are, or one that comes anew.
type job struct {
	block wire.Block
	data  []byte
	sums  bool
	anew  bool
}

// check is a list of pieces to be hashed when there is nothing else to do.
type check struct {
	ctx    context.Context
	pieces []int
	done   func()
}

func (b *backlog) add(j job) (begin bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.jobs = append(b.jobs, j)
	b.waiting += len(j.data)
	begin, b.busy = !b.busy, true
	return begin
}

func (b *backlog) check(c *check) (begin bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.checks = append(b.checks, c)
	begin, b.busy = !b.busy, true
	return begin
}

// behind reports whether too much waits to be written. It does until half of that has been.
func (b *backlog) behind() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.late = b.late || b.waiting > mostBehind
	return b.late
}

// next takes out what is to be done next; false if there is nothing, and the worker's goroutine ends.
func (b *backlog) next() (jobs []job, c *check, piece int, caughtUp, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.late && b.waiting <= mostBehind/2 {
		b.late, caughtUp = false, true
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
	b.busy = false
	return nil, nil, 0, caughtUp, false
}

// wrote notes that so many bytes wait no more. It reports whether the owner waits to hear that.
func (b *backlog) wrote(n int) (caughtUp bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting -= n
	caughtUp = b.late && b.waiting <= mostBehind/2
	b.late = b.late && !caughtUp
	return caughtUp
}

// giveUp ends all checks.
func (b *backlog) giveUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.checks {
		if c.done != nil {
			c.done()
		}
	}
	b.checks = nil
}
