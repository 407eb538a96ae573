package swarm

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// How many connections torrents get: the budget is shared among those that make use of it, by weight and within these
// bounds. What nobody uses any torrent may take, so that a crowd that comes at once is let in at once; as it is used up
// the shares shrink, and what is over the budget then is closed again.
const (
	idleConns   = 4  // each torrent at least
	mostConns   = 80 // a single torrent
	needyWeight = 3  // data is missing
	busyWeight  = 1  // somebody is connected
	shareEvery  = 2 * time.Second
)

// descriptorShares divides the limit on open descriptors: how many files of torrents stay open, and how many
// connections there may be. The rest is for handshakes, the database, browsers and resolvers.
func descriptorShares() (files, conns int) {
	limit := openFileLimit()
	return min(max(limit/8, 8), 256), min(max(limit/4, 16), 400)
}

// handshakes is how many connections may be in the making, in each direction.
func handshakes(budget, most int) int { return min(max(budget/2, 8), most) }

// budget shares the connections that there may be among torrents.
type budget struct {
	c    *Client
	most int
	open atomic.Int32
	wake chan struct{}

	mu     sync.Mutex
	shares map[*handle]int
}

func newBudget(c *Client, most int) *budget {
	return &budget{c: c, most: most, wake: make(chan struct{}, 1), shares: make(map[*handle]int)}
}

// joined and left tell of a torrent that enters or quits its swarm.
func (b *budget) joined(h *handle) {
	b.mu.Lock()
	b.shares[h] = b.first()
	b.mu.Unlock()
	b.nudge()
}

func (b *budget) left(h *handle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.shares, h)
}

func (b *budget) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// first is how many connections a torrent may have while nobody else needs them.
func (b *budget) first() int { return min(mostConns, max(b.most, idleConns)) }

// run shares the budget until ctx ends.
func (b *budget) run(ctx context.Context) {
	share := time.NewTicker(shareEvery)
	defer share.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		case <-share.C:
		}
		b.share()
	}
}

// Opened implements torrent.Room: a torrent has a connection more. It reports false when that is one too many.
func (h *handle) Opened() bool {
	b := h.c.budget
	most := int32(b.most)
	if !h.complete() {
		most += most / 8 // Soon others have less.
	}
	if b.open.Add(1) <= most {
		return true
	}
	b.nudge()
	b.open.Add(-1)
	return false
}

// Ended implements torrent.Room: a torrent has a connection less.
func (h *handle) Ended() { h.c.budget.open.Add(-1) }

// share gives each torrent its part of the budget.
func (b *budget) share() {
	b.mu.Lock()
	weights, sum := make(map[*handle]int, len(b.shares)), 0
	open := int(b.open.Load())
	free := max(0, b.most-open)
	for h := range b.shares {
		weights[h] = h.weight()
		sum += weights[h]
	}
	changes := make(map[*handle]int)
	for h, w := range weights {
		n := max(free, idleConns)
		if w > 0 {
			n = max(n, b.most*w/sum)
		}
		n = min(n, b.first())
		if old := b.shares[h]; n < old-old/4 || n > old+old/4 {
			b.shares[h] = n
			changes[h] = n
		}
	}
	b.mu.Unlock()
	for h, n := range changes {
		if peers := h.peers.Load(); peers != nil {
			peers.SetMaxPeers(n)
		}
	}
}

// weight is zero for a torrent that nobody asks for.
func (h *handle) weight() int {
	switch {
	case !h.complete():
		return needyWeight
	case h.swarmStats().Peers > 0:
		return busyWeight
	}
	return 0
}
