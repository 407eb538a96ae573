package sites

import (
	"sync"
	"time"
)

const (
	idleInterval = 2 * time.Second // how often an idle torrent is polled
	// maxIdlePerTick is how many idle torrents are polled in a tick. With more than two thousand torrents each is
	// polled less often, so that an idle engine costs little however many sites it has. Torrents mark themselves as
	// active when something happens.
	maxIdlePerTick = 250
)

// pollQueue decides which torrents are polled in a tick: all active ones, and the idle ones in turn. Only the owner
// touches it, except through markActive.
type pollQueue struct {
	order  []*torrent // all torrents; each has its pollIndex
	cursor int        // index of the next idle torrent
	active map[*torrent]struct{}

	mu     sync.Mutex
	marked map[*torrent]struct{}
}

func newPollQueue() *pollQueue {
	return &pollQueue{active: map[*torrent]struct{}{}, marked: map[*torrent]struct{}{}}
}

// markActive records that a torrent's statistics are likely to change now. It may be called from any goroutine.
func (r *pollQueue) markActive(t *torrent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marked[t] = struct{}{}
}

func (r *pollQueue) add(t *torrent) {
	t.pollIndex = len(r.order)
	r.order = append(r.order, t)
}

func (r *pollQueue) remove(t *torrent) {
	end := len(r.order) - 1
	last := r.order[end]
	r.order[t.pollIndex], last.pollIndex = last, t.pollIndex
	r.order[end] = nil
	r.order = r.order[:end]
	delete(r.active, t)
}

// dueTorrents returns the torrents in swarms that are to be polled now.
func (r *pollQueue) dueTorrents(now time.Time) []*torrent {
	r.mu.Lock()
	for t := range r.marked {
		t.activeAt = now
		if t.pollIndex < len(r.order) && r.order[t.pollIndex] == t {
			r.active[t] = struct{}{}
		}
	}
	clear(r.marked)
	r.mu.Unlock()

	var turn []*torrent
	for t := range r.active {
		if t.joined == nil || !t.isActive(now) {
			delete(r.active, t)
			continue
		}
		turn = append(turn, t)
	}
	ticks := int(idleInterval / tickInterval)
	for range min(maxIdlePerTick, (len(r.order)+ticks-1)/ticks) {
		if r.cursor >= len(r.order) {
			r.cursor = 0
		}
		t := r.order[r.cursor]
		r.cursor++
		if _, has := r.active[t]; has || t.joined == nil {
			continue
		}
		if t.isActive(now) {
			r.active[t] = struct{}{}
		}
		turn = append(turn, t)
	}
	return turn
}
