package wire

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds on what waits for a peer that does not read, in bytes but for maxJobs.
const (
	unreadEach  = 192 << 10 // of messages to one peer, beside blocks
	unreadInAll = 24 << 20  // of all peers
	// unreadLeast is what may wait for a peer whatever waits for others.
	unreadLeast = 16 << 10
	// maxJobs is how many requests of a peer may wait to be served.
	maxJobs = 1024
	// mostChosen is among how many of them the next one is chosen.
	mostChosen = 64
)

// job is a block that a peer has asked for, or a part of the info dictionary. It is read only when the peer has taken
// all that comes before.
type job struct {
	block Block // Piece is the part, if info
	info  bool
}

// queue is what is to be sent to a peer. Its zero value needs more and may have total.
type queue struct {
	more  chan struct{}             // there is something new
	total *atomic.Int64             // of all queues, in bytes; may be nil
	next  func(waiting []Block) int // which block is sent next; may be nil

	mu       sync.Mutex
	messages *[]byte // encoded; nil if there are none
	jobs     []job
	blocks   []Block // the space of those that next chooses among
	// sending is how many bytes are being written, content how many at their end are not messages. moved is when the
	// peer was last seen to take some.
	sending, content int
	moved            time.Time
	ended            bool
}

// add appends messages as far as the peer understands them. It reports false when too much waits.
func (q *queue) add(peer *abilities, all []Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return true
	}
	if q.messages == nil {
		q.messages = messageBuffers.get()
	}
	b := *q.messages
	for i := range all {
		b = peer.append(b, &all[i])
	}
	q.count(len(b) - len(*q.messages))
	if *q.messages = b; len(b) == 0 {
		messageBuffers.put(q.messages)
		q.messages = nil
		return true
	}
	q.wake()
	waiting := len(b) + max(0, q.sending-q.content)
	return waiting <= unreadEach && (waiting <= unreadLeast || q.total == nil || q.total.Load() <= unreadInAll)
}

// serve appends a job. It reports false, and does not, when too many wait. A part of the info dictionary waits once at
// most.
func (q *queue) serve(j job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.ended || j.info && slices.Contains(q.jobs, j):
		return true
	case len(q.jobs) >= maxJobs:
		return false
	}
	q.jobs = append(q.jobs, j)
	q.wake()
	return true
}

// unserve takes a job out, and reports whether it was there.
func (q *queue) unserve(j job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.jobs, j)
	if i < 0 {
		return false
	}
	q.jobs = slices.Delete(q.jobs, i, i+1)
	return true
}

// unserveBlocks takes all blocks out.
func (q *queue) unserveBlocks() []Block {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []Block
	q.jobs = slices.DeleteFunc(q.jobs, func(j job) bool {
		if !j.info {
			all = append(all, j.block)
		}
		return !j.info
	})
	return all
}

// jobCount returns how many jobs wait.
func (q *queue) jobCount() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.jobs)
}

// take returns what is to be sent next: all messages, nil if there are none, and the first jobs, which are appended.
func (q *queue) take(jobs []job, most int) (*[]byte, []job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	messages := q.messages
	if q.messages = nil; messages != nil {
		q.sending += len(*messages)
	}
	if q.next == nil {
		n := min(most, len(q.jobs))
		jobs = append(jobs, q.jobs[:n]...)
		q.jobs = slices.Delete(q.jobs, 0, n)
		return messages, jobs
	}
	for ; most > 0 && len(q.jobs) > 0; most-- {
		i := q.chosen()
		jobs = append(jobs, q.jobs[i])
		q.jobs = slices.Delete(q.jobs, i, i+1)
	}
	return messages, jobs
}

// chosen returns which job is to be done next: the first one, or a block that is preferred.
func (q *queue) chosen() int {
	if q.jobs[0].info {
		return 0
	}
	q.blocks = q.blocks[:0]
	for _, j := range q.jobs[:min(len(q.jobs), mostChosen)] {
		if j.info {
			break
		}
		q.blocks = append(q.blocks, j.block)
	}
	return min(q.next(q.blocks), len(q.blocks)-1)
}

// shrink gives the memory back that a queue has which nobody has used for long.
func (q *queue) shrink() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		q.jobs, q.blocks = nil, nil
	}
}

// send counts n more bytes that are being written, after all messages that are, too.
func (q *queue) send(n int, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sending += n
	q.content += n
	q.moved = now
	q.count(n)
}

// sent counts n bytes that have been written.
func (q *queue) sent(n int, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sending -= n
	q.content = min(q.content, q.sending)
	q.moved = now
	q.count(-n)
}

// crowded reports whether so much waits for all peers that each one gets little at a time.
func (q *queue) crowded() bool { return q.total != nil && q.total.Load() > unreadInAll/3 }

// end takes what waits out of the total.
func (q *queue) end() {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.sending
	if q.messages != nil {
		n += len(*q.messages)
	}
	q.count(-n)
	q.messages, q.jobs, q.sending, q.content, q.ended = nil, nil, 0, 0, true
}

func (q *queue) count(n int) {
	if q.total != nil {
		q.total.Add(int64(n))
	}
}

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}
