package swarm

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Rules for sharing the connections among torrents: the budget is divided by weight among the torrents that use it,
// within the bounds below. Any torrent may use what is free, so that a sudden crowd of peers is accepted at once. As
// the budget is used up the shares shrink, and connections over them are closed.
const (
	idleConns        = 4 // minimum of each torrent
	incompleteWeight = 3 // of a torrent that lacks data
	busyWeight       = 1 // of a complete torrent with peers
	shareInterval    = 2 * time.Second
)

// DefaultConnsEach is the maximum number of connections of one torrent unless Config.MaxConnsEach is set.
const DefaultConnsEach = 80

// descriptorShares divides the limit on open descriptors. It returns the maximum numbers of open torrent files and of
// connections. The rest is left for handshakes, the database, browsers, visitors of homes and resolvers.
func descriptorShares() (files, conns int) {
	limit := OpenFileLimit()
	return min(max(limit/8, 8), 256), min(max(limit/4, 16), 400)
}

// handshakeLimit returns how many handshakes may be in progress in one direction.
func handshakeLimit(budget, most int) int { return min(max(budget/2, 8), most) }

// connBudget shares the available connections among torrents.
type connBudget struct {
	// maxTotal is the maximum of all torrents, maxEach that of one torrent.
	maxTotal, maxEach atomic.Int32
	open              atomic.Int32
	// isOverLimit reports whether more than maxTotal connections were open when the budget was shared last.
	isOverLimit atomic.Bool
	wake        chan struct{}

	mu     sync.Mutex
	shares map[*connShare]int
}

func newBudget(most, each int) *connBudget {
	b := &connBudget{wake: make(chan struct{}, 1), shares: make(map[*connShare]int)}
	b.setLimits(most, each)
	return b
}

// setLimits sets the maximum number of connections of all torrents, where 0 means what the limit on open descriptors
// allows, and of one torrent, where 0 means DefaultConnsEach. Surplus connections are closed soon.
func (b *connBudget) setLimits(most, each int) {
	if most <= 0 {
		_, most = descriptorShares()
	}
	if each <= 0 {
		each = DefaultConnsEach
	}
	b.maxTotal.Store(int32(min(most, math.MaxInt32)))
	b.maxEach.Store(int32(min(each, math.MaxInt32)))
	b.notify()
}

// maxConns returns the maximum number of connections of all torrents.
func (b *connBudget) maxConns() int { return int(b.maxTotal.Load()) }

// addShare and removeShare must be called when a torrent joins or leaves its swarm.
func (b *connBudget) addShare(s *connShare) {
	b.mu.Lock()
	b.shares[s] = b.initialShare()
	b.mu.Unlock()
	b.notify()
}

func (b *connBudget) removeShare(s *connShare) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.shares, s)
}

func (b *connBudget) notify() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// initialShare returns how many connections a torrent may have while no other needs them.
func (b *connBudget) initialShare() int {
	return min(int(b.maxEach.Load()), max(b.maxConns(), idleConns))
}

// run shares the budget every shareInterval, and when notified, until ctx ends.
func (b *connBudget) run(ctx context.Context) {
	share := time.NewTicker(shareInterval)
	defer share.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		case <-share.C:
			if b.open.Load() == 0 && !b.isOverLimit.Load() {
				continue // Nothing to share; there may be thousands of torrents.
			}
		}
		b.distribute()
	}
}

// distribute gives each torrent its share of the budget.
func (b *connBudget) distribute() {
	b.mu.Lock()
	weights, sum := make(map[*connShare]int, len(b.shares)), 0
	open := int(b.open.Load())
	most := b.maxConns()
	free := max(0, most-open)
	for s := range b.shares {
		weights[s] = s.weight()
		sum += weights[s]
	}
	b.isOverLimit.Store(open > most)
	changes := make(map[*connShare]int)
	left := most
	for s, w := range weights {
		n := max(free, idleConns)
		switch {
		case open > most: // The limit was lowered: each torrent in use keeps at least one connection while there are some.
			n = min(left, w*max(1, most/max(sum, 1)))
		case w > 0:
			n = max(n, most*w/sum)
		}
		n = min(n, b.initialShare())
		left -= n
		if old := b.shares[s]; n < old-old/4 || n > old+old/4 || old > b.initialShare() || open > most && n != old {
			b.shares[s] = n
			changes[s] = n
		}
	}
	b.mu.Unlock()
	for s, n := range changes {
		if peers := s.presence.swarm.Load(); peers != nil {
			peers.SetMaxPeers(n)
		}
	}
}

// connShare is the share of one torrent in the budget.
type connShare struct {
	budget   *connBudget
	content  *content
	presence *presence
}

// TryAcquire implements torrent.ConnLimit.
func (s *connShare) TryAcquire() bool {
	b := s.budget
	most := b.maxTotal.Load()
	if s.content.isComplete() {
		most -= most / 8 // reserved for torrents that fetch
	}
	if b.open.Add(1) <= most {
		return true
	}
	b.notify()
	b.open.Add(-1)
	return false
}

// Release implements torrent.ConnLimit.
func (s *connShare) Release() { s.budget.open.Add(-1) }

// weight returns the torrent's weight, 0 if it is complete and has no peers.
func (s *connShare) weight() int {
	switch {
	case !s.content.isComplete():
		return incompleteWeight
	case s.presence.swarmStats().Peers > 0:
		return busyWeight
	}
	return 0
}
