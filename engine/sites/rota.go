package sites

import (
	"sync"
	"time"
)

const (
	idlePoll = 2 * time.Second // how often a torrent that does nothing is asked for its numbers
	// mostIdle is how many of those are asked in a tick: with more than two thousand torrents each is asked less often,
	// so that an engine at rest costs little however many sites it has. What happens in one of them stirs it.
	mostIdle = 250
)

// rota says whose turn it is to be asked for numbers: the torrents that do something have it at every tick, the others
// one after the other. All but stir belongs to the owner.
type rota struct {
	order  []*torrent // all, each at its place
	next   int        // where those that do nothing go on
	lively map[*torrent]struct{}

	mu      sync.Mutex
	stirred map[*torrent]struct{}
}

func newRota() *rota { return &rota{lively: map[*torrent]struct{}{}, stirred: map[*torrent]struct{}{}} }

// stir tells that a torrent's numbers are likely to change now. It may be called from any goroutine.
func (r *rota) stir(t *torrent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stirred[t] = struct{}{}
}

func (r *rota) add(t *torrent) {
	t.place = len(r.order)
	r.order = append(r.order, t)
}

func (r *rota) remove(t *torrent) {
	end := len(r.order) - 1
	last := r.order[end]
	r.order[t.place], last.place = last, t.place
	r.order[end] = nil
	r.order = r.order[:end]
	delete(r.lively, t)
}

// turn returns the torrents in a swarm that are to be asked now.
func (r *rota) turn(now time.Time) []*torrent {
	r.mu.Lock()
	for t := range r.stirred {
		t.stirred = now
		if t.place < len(r.order) && r.order[t.place] == t {
			r.lively[t] = struct{}{}
		}
	}
	clear(r.stirred)
	r.mu.Unlock()

	var turn []*torrent
	for t := range r.lively {
		if t.joined == nil || !t.isBusy(now) {
			delete(r.lively, t)
			continue
		}
		turn = append(turn, t)
	}
	ticks := int(idlePoll / tick)
	for range min(mostIdle, (len(r.order)+ticks-1)/ticks) {
		if r.next >= len(r.order) {
			r.next = 0
		}
		t := r.order[r.next]
		r.next++
		if _, has := r.lively[t]; has || t.joined == nil {
			continue
		}
		if t.isBusy(now) {
			r.lively[t] = struct{}{}
		}
		turn = append(turn, t)
	}
	return turn
}
