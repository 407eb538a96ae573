package swarm

import (
	"time"

	"github.com/anacrolix/torrent"
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
	retryEvery  = 500 * time.Millisecond
)

// descriptorShares divides the limit on open descriptors: how many files of torrents stay open, and how many
// connections there may be. The rest is for handshakes, the database, browsers and resolvers.
func descriptorShares() (files, conns int) {
	limit := openFileLimit()
	return min(max(limit/8, 8), 256), min(max(limit/4, 16), 400)
}

// handshakes is how many connections may be in the making, in each direction.
func handshakes(budget, most int) int { return min(max(budget/2, 8), most) }

// overBudget gives the connection to close because one was added: a torrent that needs data does not suffer from those
// that only give. s.mu is held.
func (s *connections) overBudget(added *torrent.PeerConn, h *handle) *torrent.PeerConn {
	if len(s.open) <= s.c.budget {
		return nil
	}
	if h.complete() {
		return added
	}
	for pc, conn := range s.open {
		if conn.torrent.complete() {
			return pc
		}
	}
	return added
}

// share gives each torrent its part of the budget.
func (s *connections) share() {
	s.mu.Lock()
	weights, sum := make(map[*handle]int, len(s.shares)), 0
	free := max(0, s.c.budget-len(s.open))
	for h := range s.shares {
		weights[h] = h.weight()
		sum += weights[h]
	}
	changes := make(map[*torrent.Torrent]int)
	for h, w := range weights {
		n := max(free, idleConns)
		if w > 0 {
			n = max(n, s.c.budget*w/sum)
		}
		n = min(n, s.c.firstShare())
		old := s.shares[h]
		if lt := h.lib.Load(); lt != nil && (n < old-old/4 || n > old+old/4) {
			s.shares[h] = n
			changes[lt] = n
		}
	}
	s.mu.Unlock()
	for lt, n := range changes {
		lt.SetMaxEstablishedConns(n)
	}
}

// firstShare is how many connections a torrent may have while nobody else needs them.
func (c *Client) firstShare() int { return min(mostConns, max(c.budget, idleConns)) }

// weight is zero for a torrent that nobody asks for.
func (h *handle) weight() int {
	switch {
	case !h.complete():
		return needyWeight
	case h.traffic.peers.Load() > 0:
		return busyWeight
	}
	return 0
}
