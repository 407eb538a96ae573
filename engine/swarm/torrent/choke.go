package torrent

import (
	"cmp"
	"slices"
	"time"
)

const (
	// chokeEvery is how often it is decided anew who is served (BEP 3), optimisticEvery how long somebody is for no merit.
	chokeEvery      = 10 * time.Second
	optimisticEvery = 30 * time.Second
	// mostServed is how many are served at a time. A page is a matter of seconds: as long as there are no more than these
	// nobody waits for a turn.
	mostServed = 32
	// turnTime is how long somebody is served before it gives way to somebody who has just come.
	turnTime = 3 * time.Second
	// lucky is how many of them are chosen by who has waited longest and not by merit.
	lucky = 4
)

// uploads has peers served, and decides who is, of those who want something; whoever does not is not choked, since it
// costs nothing. While data is missing those are whoever gives most, and afterwards whoever takes most; some places go
// round.
type uploads struct {
	peers   members
	storage *storage
	// seeding reports whether nothing is missing here.
	seeding func() bool
	spread  spread
	next    time.Time // when it is decided anew
}

// interest hears that a peer wants something, or nothing any more. Who waits is served at once if there is a place; who
// has just come is, too, if somebody else had a turn.
func (u *uploads) interest(now time.Time) {
	for {
		p := u.waitsLongest()
		if p == nil || !u.hasPlace() && !(p.unchoked.IsZero() && u.giveWay(now)) {
			return
		}
		p.unchoke(now)
	}
}

// giveWay takes the place of whoever got most since it has one, of those who had a turn. It reports false if nobody
// had.
func (u *uploads) giveWay(now time.Time) bool {
	var most *peer
	var got int64
	for p := range u.peers {
		if p.choked || !p.interestedInUs || now.Sub(p.unchoked) < turnTime {
			continue
		}
		if n := p.up.Load() - p.before; most == nil || n > got {
			most, got = p, n
		}
	}
	if most != nil {
		most.choke()
	}
	return most != nil
}

// left hears that a peer has gone.
func (u *uploads) left(p *peer) {
	if p.interestedInUs && !p.choked {
		u.interest(time.Now())
	}
}

// waitsLongest returns the peer that has waited longest to be served, nil if nobody waits.
func (u *uploads) waitsLongest() *peer {
	var first *peer
	for p := range u.peers {
		if p.interestedInUs && p.choked && (first == nil || p.waitsLonger(first)) {
			first = p
		}
	}
	return first
}

func (p *peer) waitsLonger(q *peer) bool {
	return cmp.Or(p.unchoked.Compare(q.unchoked), p.since.Compare(q.since)) < 0
}

// hasPlace reports whether one more can be served.
func (u *uploads) hasPlace() bool { return u.countServed() < mostServed }

// countServed returns how many peers want something and are not choked.
func (u *uploads) countServed() int {
	served := 0
	for p := range u.peers {
		if p.interestedInUs && !p.choked {
			served++
		}
	}
	u.spread.served.Store(int32(served))
	return served
}

// tick decides anew now and then.
func (u *uploads) tick(now time.Time) {
	if now.Before(u.next) {
		return
	}
	u.next = now.Add(chokeEvery)
	u.decide(now)
	u.countServed()
}

func (u *uploads) decide(now time.Time) {
	var wanting []*peer
	for p := range u.peers {
		if p.interestedInUs {
			wanting = append(wanting, p)
		}
	}
	merit := map[*peer]int64{}
	seeding := u.seeding()
	for _, p := range wanting {
		up := p.up.Load()
		merit[p] = p.useful - p.ranked.down
		if seeding {
			merit[p] = up - p.ranked.up
		}
		p.ranked.down, p.ranked.up = p.useful, up
	}
	if len(wanting) <= mostServed {
		for _, p := range wanting {
			p.unchoke(now)
		}
		return
	}
	slices.SortFunc(wanting, func(a, b *peer) int { return cmp.Compare(merit[b], merit[a]) })
	served := wanting[:mostServed-lucky]
	others := wanting[mostServed-lucky:]
	// Whoever is served for luck stays so for a while; then it is the turn of whoever has waited longest.
	slices.SortFunc(others, func(a, b *peer) int {
		lucky := func(p *peer) bool { return !p.choked && p.optimistic && now.Sub(p.unchoked) < optimisticEvery }
		if lucky(a) != lucky(b) {
			if lucky(a) {
				return -1
			}
			return 1
		}
		return a.unchoked.Compare(b.unchoked)
	})
	for _, p := range others[lucky:] {
		p.choke()
	}
	for _, p := range served {
		p.optimistic = false
		p.unchoke(now)
	}
	for _, p := range others[:lucky] {
		p.optimistic = true
		p.unchoke(now)
	}
}
