package wire

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of what is queued for a peer that does not read, in bytes except for maxJobs.
const (
	maxUnreadPerPeer = 192 << 10 // of messages to one peer, without blocks
	maxUnreadTotal   = 24 << 20  // of all peers
	// minUnreadAllowed may be queued for a peer however much is queued for others.
	minUnreadAllowed = 16 << 10
	// maxJobs is how many requests of a peer may be queued.
	maxJobs = 1024
	// maxChoices is among how many of them the next one is chosen.
	maxChoices = 64
)

// job is a requested block, or a requested part of the info dictionary. It is read only after the peer has taken
// everything before it.
type job struct {
	block Block // Piece is the part if info is set
	info  bool
}

// queue holds what is to be sent to a peer. The field wake must be set; total and next may be nil.
type queue struct {
	wake  chan struct{}             // notified when something was added
	total *atomic.Int64             // bytes of all queues; may be nil
	next  func(waiting []Block) int // returns which block is sent next; may be nil

	mu       sync.Mutex
	messages *[]byte // encoded; nil if there are none
	jobs     []job
	blocks   []Block // buffer for the argument of next
	// sending is how many bytes are being written, content how many at their end are not messages. lastProgress is
	// when the peer was last seen to take some.
	sending, content int
	lastProgress     time.Time
	closed           bool
}

// add appends the messages that the peer understands. It returns false if too many bytes are queued.
func (q *queue) add(peer *peerFeatures, all []Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
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
	q.notify()
	waiting := len(b) + max(0, q.sending-q.content)
	return waiting <= maxUnreadPerPeer &&
		(waiting <= minUnreadAllowed || q.total == nil || q.total.Load() <= maxUnreadTotal)
}

// pushJob appends a job. It returns false, and does not append it, if too many are queued. A part of the info
// dictionary is queued at most once.
func (q *queue) pushJob(j job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed || j.info && slices.Contains(q.jobs, j):
		return true
	case len(q.jobs) >= maxJobs:
		return false
	}
	q.jobs = append(q.jobs, j)
	q.notify()
	return true
}

// removeJob removes a job, and reports whether it was queued.
func (q *queue) removeJob(j job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.jobs, j)
	if i < 0 {
		return false
	}
	q.jobs = slices.Delete(q.jobs, i, i+1)
	return true
}

// removeBlocks removes all blocks and returns them.
func (q *queue) removeBlocks() []Block {
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

// jobCount returns the number of queued jobs.
func (q *queue) jobCount() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.jobs)
}

// take removes and returns what is to be sent next: all messages, nil if there are none, and up to most jobs, which
// are appended to jobs.
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
		i := q.nextJob()
		jobs = append(jobs, q.jobs[i])
		q.jobs = slices.Delete(q.jobs, i, i+1)
	}
	return messages, jobs
}

// nextJob returns the index of the next job: the first one, or the block that next chooses.
func (q *queue) nextJob() int {
	if q.jobs[0].info {
		return 0
	}
	q.blocks = q.blocks[:0]
	for _, j := range q.jobs[:min(len(q.jobs), maxChoices)] {
		if j.info {
			break
		}
		q.blocks = append(q.blocks, j.block)
	}
	return min(q.next(q.blocks), len(q.blocks)-1)
}

// freeMemory frees the memory of a queue that was not used for long.
func (q *queue) freeMemory() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		q.jobs, q.blocks = nil, nil
	}
}

// startWrite counts n more bytes that are being written, after all messages that are.
func (q *queue) startWrite(n int, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sending += n
	q.content += n
	q.lastProgress = now
	q.count(n)
}

// finishWrite counts n bytes that have been written.
func (q *queue) finishWrite(n int, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sending -= n
	q.content = min(q.content, q.sending)
	q.lastProgress = now
	q.count(-n)
}

// isCrowded reports whether so much is queued for all peers that each one gets little at a time.
func (q *queue) isCrowded() bool { return q.total != nil && q.total.Load() > maxUnreadTotal/3 }

// close subtracts what is queued from the total.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.sending
	if q.messages != nil {
		n += len(*q.messages)
	}
	q.count(-n)
	q.messages, q.jobs, q.sending, q.content, q.closed = nil, nil, 0, 0, true
}

func (q *queue) count(n int) {
	if q.total != nil {
		q.total.Add(int64(n))
	}
}

func (q *queue) notify() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
