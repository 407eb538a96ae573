package torrent

import (
	"cmp"
	"slices"
	"time"
)

const (
	// chokeInterval is how often the set of unchoked peers is recomputed (BEP 3), optimisticInterval how long an
	// optimistic unchoke lasts.
	chokeInterval      = 10 * time.Second
	optimisticInterval = 30 * time.Second
	// maxUnchoked is how many interested peers are unchoked at a time. A page takes seconds to send: with no more
	// peers than this nobody waits.
	maxUnchoked = 32
	// minUnchokedTime is how long a peer stays unchoked before it may be choked in favour of one that has just
	// connected.
	minUnchokedTime = 3 * time.Second
	// optimisticSlots is how many of maxUnchoked go to the peers that have waited longest, whatever they contribute.
	optimisticSlots = 4
)

// uploads answers requests and decides which interested peers are unchoked. Peers that are not interested are never
// choked, since they cost nothing. While data is missing here, the peers that send most are unchoked; when seeding,
// the peers that receive most. optimisticSlots rotate among the others.
type uploads struct {
	peers   members
	storage *storage
	// isSeeding reports whether no piece is missing here.
	isSeeding func() bool
	spread    spread
	nextRound time.Time // when the unchoked set is recomputed
}

// unchokeWaiting unchokes waiting peers, the longest waiting first, while slots are free. A peer that was never
// unchoked before also gets the slot of a peer that has been unchoked for minUnchokedTime.
func (u *uploads) unchokeWaiting(now time.Time) {
	for {
		p := u.longestWaiting()
		if p == nil || !u.hasFreeSlot() && !(p.unchokedAt.IsZero() && u.chokeMostServed(now)) {
			return
		}
		p.unchoke(now)
	}
}

// chokeMostServed chokes, of the interested peers that have been unchoked for minUnchokedTime, the one that has
// received most since it was unchoked. It reports whether there was one.
func (u *uploads) chokeMostServed(now time.Time) bool {
	var most *peer
	var got int64
	for p := range u.peers {
		if p.choked || !p.interestedInUs || now.Sub(p.unchokedAt) < minUnchokedTime {
			continue
		}
		if n := p.up.Load() - p.upWhenUnchoked; most == nil || n > got {
			most, got = p, n
		}
	}
	if most != nil {
		most.choke()
	}
	return most != nil
}

// handlePeerGone reassigns the slot of a peer that has disconnected.
func (u *uploads) handlePeerGone(p *peer) {
	if p.interestedInUs && !p.choked {
		u.unchokeWaiting(time.Now())
	}
}

// longestWaiting returns the interested peer that has been choked longest, nil if there is none.
func (u *uploads) longestWaiting() *peer {
	var first *peer
	for p := range u.peers {
		if p.interestedInUs && p.choked && (first == nil || p.waitsLongerThan(first)) {
			first = p
		}
	}
	return first
}

func (p *peer) waitsLongerThan(q *peer) bool {
	return cmp.Or(p.unchokedAt.Compare(q.unchokedAt), p.since.Compare(q.since)) < 0
}

// hasFreeSlot reports whether one more peer can be unchoked.
func (u *uploads) hasFreeSlot() bool { return u.countUnchoked() < maxUnchoked }

// countUnchoked returns how many peers are interested and not choked.
func (u *uploads) countUnchoked() int {
	served := 0
	for p := range u.peers {
		if p.interestedInUs && !p.choked {
			served++
		}
	}
	u.spread.unchoked.Store(int32(served))
	return served
}

// tick recomputes the unchoked set every chokeInterval.
func (u *uploads) tick(now time.Time) {
	if now.Before(u.nextRound) {
		return
	}
	u.nextRound = now.Add(chokeInterval)
	u.rechoke(now)
	u.countUnchoked()
}

func (u *uploads) rechoke(now time.Time) {
	var wanting []*peer
	for p := range u.peers {
		if p.interestedInUs {
			wanting = append(wanting, p)
		}
	}
	contribution := map[*peer]int64{}
	seeding := u.isSeeding()
	for _, p := range wanting {
		up := p.up.Load()
		contribution[p] = p.downloaded - p.lastRound.down
		if seeding {
			contribution[p] = up - p.lastRound.up
		}
		p.lastRound.down, p.lastRound.up = p.downloaded, up
	}
	if len(wanting) <= maxUnchoked {
		for _, p := range wanting {
			p.unchoke(now)
		}
		return
	}
	slices.SortFunc(wanting, func(a, b *peer) int { return cmp.Compare(contribution[b], contribution[a]) })
	served := wanting[:maxUnchoked-optimisticSlots]
	others := wanting[maxUnchoked-optimisticSlots:]
	// An optimistic unchoke lasts optimisticInterval; then the slot goes to the peer that has waited longest.
	slices.SortFunc(others, func(a, b *peer) int {
		keepsSlot := func(p *peer) bool { return !p.choked && p.optimistic && now.Sub(p.unchokedAt) < optimisticInterval }
		if keepsSlot(a) != keepsSlot(b) {
			if keepsSlot(a) {
				return -1
			}
			return 1
		}
		return a.unchokedAt.Compare(b.unchokedAt)
	})
	for _, p := range others[optimisticSlots:] {
		p.choke()
	}
	for _, p := range served {
		p.optimistic = false
		p.unchoke(now)
	}
	for _, p := range others[:optimisticSlots] {
		p.optimistic = true
		p.unchoke(now)
	}
}
