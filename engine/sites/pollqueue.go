package sites

import (
	"sync"
	"time"
)

const (
	idleInterval = 2 * time.Second // how often a torrent that does nothing is asked for its numbers
	// maxIdlePerTick is how many of those are asked in a tick: with more than two thousand torrents each is asked less
	// often, so that an engine at rest costs little however many sites it has. What happens in one of them stirs it.
	maxIdlePerTick = 250
)

// rota says whose turn it is to be asked for numbers: the torrents that do something have it at every tick, the others
// one after the other. All but stir belongs to the owner.
type pollQueue struct {
	order  []*torrent // all, each at its place
	cursor int        // where those that do nothing go on
	active map[*torrent]struct{}

	mu     sync.Mutex
	marked map[*torrent]struct{}
}

func newPollQueue() *pollQueue {
	return &pollQueue{active: map[*torrent]struct{}{}, marked: map[*torrent]struct{}{}}
}

// stir tells that a torrent's numbers are likely to change now. It may be called from any goroutine.
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

// turn returns the torrents in a swarm that are to be asked now.
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
