package disk

import (
	"sync"
	"time"
)

// Pending data is flushed after flushDelay, or as soon as there are flushBytes of it, or a torrent is complete. Pieces
// that are not recorded at a power cut are hashed again, not fetched again, so this need not be often; each flush
// delays writers a little.
const (
	flushDelay = 2 * time.Second
	flushBytes = 512 << 20
)

// flusher is the goroutine that flushes data and records completion in batches, over all torrents.
type flusher struct {
	commit       func([]*batch)
	quit, done   chan struct{}
	wake, urgent chan struct{}

	mu      sync.Mutex
	pending map[*recorder]struct{}
	bytes   int64
}

func startFlusher(commit func([]*batch)) *flusher {
	f := &flusher{
		commit: commit,
		quit:   make(chan struct{}), done: make(chan struct{}),
		wake: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		pending: make(map[*recorder]struct{}),
	}
	go f.run()
	return f
}

func (f *flusher) run() {
	defer close(f.done)
	for {
		select {
		case <-f.quit:
			f.flushAll()
			return
		case <-f.wake:
		}
		timer := time.NewTimer(flushDelay)
		select {
		case <-f.quit:
		case <-f.urgent:
		case <-timer.C:
		}
		timer.Stop()
		f.flushAll()
	}
}

func (f *flusher) stop() {
	close(f.quit)
	<-f.done
}

// add adds a torrent that has something to flush or record.
func (f *flusher) add(r *recorder, bytes int64) {
	f.mu.Lock()
	f.pending[r] = struct{}{}
	f.bytes += bytes
	isFull := f.bytes >= flushBytes
	f.mu.Unlock()
	notify(f.wake)
	if isFull {
		notify(f.urgent)
	}
}

// addUrgent is like add, but the flush starts at once.
func (f *flusher) addUrgent(r *recorder) {
	f.add(r, 0)
	notify(f.urgent)
}

func (f *flusher) remove(r *recorder) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pending, r)
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// flushAll flushes all pending torrents. Torrents that are added meanwhile belong to the next round, so that those
// that finish at the same time share flushes.
func (f *flusher) flushAll() {
	f.mu.Lock()
	pending := f.pending
	f.pending = make(map[*recorder]struct{})
	f.bytes = 0
	f.mu.Unlock()
	var batches []*batch
	for r := range pending {
		r.ledger.reportDamage()
		if b := r.beginBatch(); b != nil {
			batches = append(batches, b)
		}
	}
	f.commit(batches)
}
