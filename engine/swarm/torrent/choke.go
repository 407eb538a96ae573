package torrent

import (
	"cmp"
	"slices"
	"time"

	"wtptui/engine/swarm/wire"
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

// choker decides who is served, of those who want something; whoever does not is not choked, since it costs nothing.
// While data is missing those are whoever gives most, and afterwards whoever takes most; some places go round.
type choker struct{ next time.Time }

// interest hears that a peer wants something, or nothing any more. Who waits is served at once if there is a place; who
// has just come is, too, if somebody else had a turn.
func (c *choker) interest(o *owner, now time.Time) {
	for {
		p := o.waitsLongest()
		if p == nil || !c.hasPlace(o) && !(p.unchoked.IsZero() && c.giveWay(o, now)) {
			return
		}
		o.unchoke(p, now)
	}
}

// giveWay takes the place of whoever got most since it has one, of those who had a turn. It reports false if nobody
// had.
func (c *choker) giveWay(o *owner, now time.Time) bool {
	var most *peer
	var got int64
	for p := range o.peers {
		if p.choked || !p.interestedInUs || now.Sub(p.unchoked) < turnTime {
			continue
		}
		if n := p.up.Load() - p.before; most == nil || n > got {
			most, got = p, n
		}
	}
	if most != nil {
		o.choke(most)
	}
	return most != nil
}

// left hears that a peer has gone.
func (c *choker) left(o *owner, p *peer) {
	if p.interestedInUs && !p.choked {
		c.interest(o, time.Now())
	}
}

// waitsLongest returns the peer that has waited longest to be served, nil if nobody waits.
func (o *owner) waitsLongest() *peer {
	var first *peer
	for p := range o.peers {
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
func (c *choker) hasPlace(o *owner) bool { return o.countServed() < mostServed }

// countServed returns how many peers want something and are not choked.
func (o *owner) countServed() int {
	served := 0
	for p := range o.peers {
		if p.interestedInUs && !p.choked {
			served++
		}
	}
	o.spread.served.Store(int32(served))
	return served
}

// tick decides anew now and then.
func (c *choker) tick(o *owner, now time.Time) {
	if now.Before(c.next) {
		return
	}
	c.next = now.Add(chokeEvery)
	c.decide(o, now)
	o.countServed()
}

func (c *choker) decide(o *owner, now time.Time) {
	var wanting []*peer
	for p := range o.peers {
		if p.interestedInUs {
			wanting = append(wanting, p)
		}
	}
	merit := map[*peer]int64{}
	seeding := o.fetch.opened() && o.fetch.picker.Missing() == 0
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
			o.unchoke(p, now)
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
		o.choke(p)
	}
	for _, p := range served {
		p.optimistic = false
		o.unchoke(p, now)
	}
	for _, p := range others[:lucky] {
		p.optimistic = true
		o.unchoke(p, now)
	}
}

func (o *owner) unchoke(p *peer, now time.Time) {
	if !p.choked {
		return
	}
	p.choked, p.unchoked, p.before = false, now, p.up.Load()
	p.conn.Send(wire.Message{Type: wire.Unchoke})
}

// choke stops to serve a peer, which is told what it does not get (BEP 6).
func (o *owner) choke(p *peer) {
	if p.choked {
		return
	}
	p.choked = true
	unserved := p.conn.UnserveAll()
	p.conn.Send(wire.Message{Type: wire.Choke})
	for _, b := range unserved {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
	}
}
