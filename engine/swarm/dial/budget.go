package dial

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

type infohash = [20]byte

// budget limits how many connections are being established at the same time, and how many are started per second.
// Waiting dials of a torrent are served in order, and torrents take turns.
type budget struct {
	limiter *rate.Limiter

	mu      sync.Mutex
	free    int
	waiting int
	queues  map[infohash][]chan struct{} // closed when the dial may start
	turns   []infohash                   // torrents with a queue, the next one first
	timer   *time.Timer                  // fires when the next connection may start; nil if none waits for that
}

func newBudget(places int, limiter *rate.Limiter) *budget {
	return &budget{limiter: limiter, free: places, queues: make(map[infohash][]chan struct{})}
}

// acquire waits for its turn until ctx ends. If it returns nil, the caller must call release.
func (b *budget) acquire(ctx context.Context, torrent infohash) error {
	place := make(chan struct{})
	b.update(func() {
		if len(b.queues[torrent]) == 0 {
			b.turns = append(b.turns, torrent)
		}
		b.queues[torrent] = append(b.queues[torrent], place)
		b.waiting++
	})
	select {
	case <-place:
		return nil
	case <-ctx.Done():
	}
	b.update(func() {
		q := b.queues[torrent]
		i := slices.Index(q, place)
		if i < 0 { // It was served at the same moment.
			b.free++
			return
		}
		b.waiting--
		if q = slices.Delete(q, i, i+1); len(q) > 0 {
			b.queues[torrent] = q
			return
		}
		delete(b.queues, torrent)
		b.turns = slices.DeleteFunc(b.turns, func(t infohash) bool { return t == torrent })
	})
	return context.Cause(ctx)
}

func (b *budget) release() { b.update(func() { b.free++ }) }

// countWaiting returns how many dials are waiting.
func (b *budget) countWaiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// update calls change and then serves waiting dials.
func (b *budget) update(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
	if b.timer != nil && b.waiting == 0 {
		b.timer.Stop()
		b.timer = nil
	}
	for b.free > 0 && b.waiting > 0 && b.timer == nil {
		r := b.limiter.Reserve()
		if d := r.Delay(); d > 0 {
			r.Cancel()
			b.timer = time.AfterFunc(d, func() { b.update(func() { b.timer = nil }) })
			return
		}
		torrent := b.turns[0]
		b.turns = slices.Delete(b.turns, 0, 1)
		q := b.queues[torrent]
		close(q[0])
		if q = q[1:]; len(q) > 0 {
			b.queues[torrent] = q
			b.turns = append(b.turns, torrent)
		} else {
			delete(b.queues, torrent)
		}
		b.free--
		b.waiting--
	}
}
