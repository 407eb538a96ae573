package swarm

import (
	"sync"
	"sync/atomic"
	"time"
)

// What peers have asked for and do not read stays in memory: the torrent library answers whatever comes, and does not
// look at how much of that is still to be sent. These are the bounds, in bytes; a connection that goes on asking is
// ended.
const (
	unreadEach  = 192 << 10 // to one peer, beside blocks
	unreadInAll = 24 << 20  // to all peers
	// unreadLeast is what may wait for a peer whatever waits for others.
	unreadLeast = 16 << 10
	// blocksAhead is how much of the blocks that a peer has asked for the library reads before it can send them.
	blocksAhead = 64 << 10
	// stalled is how long a peer must have read nothing to lose its place when too much waits for all.
	stalled = 5 * time.Second
	// writeChunk is how much is sent before the peer counts as one that reads.
	writeChunk = 64 << 10
)

// backlog is what waits to be sent to one peer. The library hands over all that has gathered with each Write, so what
// it has gathered since then is known if each reply is counted when it is caused.
type backlog struct {
	total *atomic.Int64 // of all peers

	mu      sync.Mutex
	sending int64     // what a Write that has not ended was given, and an allowance for blocks that are ready behind it
	waiting int64     // replies that were caused since it began
	moved   time.Time // when the peer last was seen to read
	ended   bool
}

// begin notes that n bytes are being written, the replies that waited among them.
func (b *backlog) begin(n int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := int64(n)
	b.change(&b.waiting, -min(b.waiting, size))
	if size >= metadataBlock {
		size += blocksAhead
	}
	b.change(&b.sending, size)
	b.moved = now
}

// progress notes that the peer reads.
func (b *backlog) progress(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.moved = now
}

// end notes that everything has been written.
func (b *backlog) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.change(&b.sending, -b.sending)
}

// add notes a reply of n bytes that the peer has caused, and reports whether it may be sent: false when too much waits,
// in which case nothing is noted.
func (b *backlog) add(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting := b.waiting + int64(n)
	if b.sending+waiting > unreadEach+blocksAhead || waiting > unreadLeast && b.total.Load() > unreadInAll {
		return false
	}
	b.change(&b.waiting, int64(n))
	return true
}

// unread returns how many bytes wait to be sent, and since when the peer has read nothing of them: the zero time if
// nothing is being written.
func (b *backlog) unread() (n int64, since time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sending > 0 {
		since = b.moved
	}
	return b.sending + b.waiting, since
}

// close takes what waits out of the total.
func (b *backlog) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total.Add(-b.sending - b.waiting)
	b.sending, b.waiting, b.ended = 0, 0, true
}

func (b *backlog) change(part *int64, by int64) {
	if b.ended {
		return
	}
	*part += by
	b.total.Add(by)
}
