package swarm

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// How many connections torrents get: the budget is shared among those that make use of it, by weight and within these
// bounds. What nobody uses any torrent may take, so that a crowd that comes at once is let in at once; as it is used up
// the shares shrink, and what is over the budget then is closed again.
const (
	idleConns   = 4 // each torrent at least
	needyWeight = 3 // data is missing
	busyWeight  = 1 // somebody is connected
	shareEvery  = 2 * time.Second
)

// DefaultConnsEach is the most connections of a single torrent unless Config.MaxConnsEach says otherwise.
const DefaultConnsEach = 80

// descriptorShares divides the limit on open descriptors: how many files of torrents stay open, and how many
// connections there may be. The rest is for handshakes, the database,
// browsers, visitors of homes and resolvers.
func descriptorShares() (files, conns int) {
	limit := OpenFileLimit()
	return min(max(limit/8, 8), 256), min(max(limit/4, 16), 400)
}

// handshakes is how many connections may be in the making, in each direction.
func handshakes(budget, most int) int { return min(max(budget/2, 8), most) }

// budget shares the connections that there may be among torrents.
type budget struct {
	// most is how many there may be in all, and each how many of a single torrent.
	most, each atomic.Int32
	open       atomic.Int32
	// isTight says that some torrents have less than idleConns.
	isTight atomic.Bool
	wake    chan struct{}

	mu     sync.Mutex
	shares map[*stake]int
}

func newBudget(most, each int) *budget {
	b := &budget{wake: make(chan struct{}, 1), shares: make(map[*stake]int)}
	b.limit(most, each)
	return b
}

// limit changes how many connections there may be: in all, where 0 means what the limit on open descriptors allows,
// and of a single torrent, where 0 means DefaultConnsEach. What is over that is closed soon.
func (b *budget) limit(most, each int) {
	if most <= 0 {
		_, most = descriptorShares()
	}
	if each <= 0 {
		each = DefaultConnsEach
	}
	b.most.Store(int32(min(most, math.MaxInt32)))
	b.each.Store(int32(min(each, math.MaxInt32)))
	b.nudge()
}

// total is how many connections there may be in all.
func (b *budget) total() int { return int(b.most.Load()) }

// join and leave tell of a torrent that enters or quits its swarm.
func (b *budget) join(s *stake) {
	b.mu.Lock()
	b.shares[s] = b.first()
	b.mu.Unlock()
	b.nudge()
}

func (b *budget) leave(s *stake) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.shares, s)
}

func (b *budget) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// first is how many connections a torrent may have while nobody else needs them.
func (b *budget) first() int { return min(int(b.each.Load()), max(b.total(), idleConns)) }

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
			if b.open.Load() == 0 && !b.isTight.Load() {
				continue // There is nothing to share, and there may be thousands of torrents.
			}
		}
		b.share()
	}
}

// share gives each torrent its part of the budget.
func (b *budget) share() {
	b.mu.Lock()
	weights, sum := make(map[*stake]int, len(b.shares)), 0
	open := int(b.open.Load())
	most := b.total()
	free := max(0, most-open)
	for s := range b.shares {
		weights[s] = s.weight()
		sum += weights[s]
	}
	b.isTight.Store(open > most)
	changes := make(map[*stake]int)
	left := most
	for s, w := range weights {
		n := max(free, idleConns)
		switch {
		case open > most: // There may be fewer than there were: each that is used keeps one at least while there are some.
			n = min(left, w*max(1, most/max(sum, 1)))
		case w > 0:
			n = max(n, most*w/sum)
		}
		n = min(n, b.first())
		left -= n
		if old := b.shares[s]; n < old-old/4 || n > old+old/4 || old > b.first() || open > most && n != old {
			b.shares[s] = n
			changes[s] = n
		}
	}
	b.mu.Unlock()
	for s, n := range changes {
		if peers := s.presence.peers.Load(); peers != nil {
			peers.SetMaxPeers(n)
		}
	}
}

// stake is the part of a torrent in the budget.
type stake struct {
	budget   *budget
	content  *content
	presence *presence
}

// Opened implements torrent.Room: a torrent has a connection more. It reports false when that is one too many.
func (s *stake) TryAcquire() bool {
	b := s.budget
	most := b.most.Load()
	if s.content.complete() {
		most -= most / 8 // which are for those that fetch something
	}
	if b.open.Add(1) <= most {
		return true
	}
	b.nudge()
	b.open.Add(-1)
	return false
}

// Ended implements torrent.Room: a torrent has a connection less.
func (s *stake) Release() { s.budget.open.Add(-1) }

// weight is zero for a torrent that nobody asks for.
func (s *stake) weight() int {
	switch {
	case !s.content.complete():
		return needyWeight
	case s.presence.swarmStats().Peers > 0:
		return busyWeight
	}
	return 0
}
