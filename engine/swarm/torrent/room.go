package torrent

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

const (
	// staleTwin is how long a connection must have been silent for a new one of the same peer to count instead.
	staleTwin = 10 * time.Second
	// newTime is for how long nobody is turned out who has come just now.
	newTime = 10 * time.Second
	// crowdedTime is how long nobody is called after there was no room for somebody who had been.
	crowdedTime = 10 * time.Second
	// mostLeads is how many addresses are known to lead to a peer.
	mostLeads = 8
)

// join takes a connection that has shaken hands.
func (o *owner) join(c Conn, via engine.Via, origin Source) {
	now := time.Now()
	p := newPeer(c, via, origin, now)
	p.gifts = o.spread.newGifts()
	if !o.makeRoom(p, now) {
		c.Close()
		return
	}
	o.peers[p] = struct{}{}
	o.meeting.leads(p, p)
	c.Start(wire.Options{
		Next: p.gifts.next, Block: o.fetch.block, Info: o.fetch.info, Up: o.cfg.Up, Down: o.cfg.Down, Unread: o.cfg.Unread,
		Sent: func(n int) {
			p.up.Add(int64(n))
			o.t.counts.up.Add(int64(n))
		},
	})
	o.greet(p)
	o.t.wg.Go(func() { o.t.read(p) })
	o.publish()
}

// makeRoom reports whether one more peer may stay, and hangs up on another if that one is of less use. Mirrors neither
// need room nor give it.
func (o *owner) makeRoom(p *peer, now time.Time) bool {
	if p.via == engine.WebSeed {
		return true
	}
	for q := range o.peers {
		if q.id != p.id {
			continue
		}
		switch choose(o.cfg.Ours.PeerID, p, q) {
		case oldTwin:
			o.meeting.leads(p, q)
			return false
		case newTwin:
			o.hangUp(q)
		case bothTwins:
		}
	}
	if o.count() >= o.maxPeers {
		least := o.least(now)
		if least == nil || o.worth(least, now) > 0 {
			o.meeting.turnedAway(p)
			return false
		}
		o.hangUp(least)
	}
	if o.cfg.Room != nil && !o.cfg.Room.Opened() {
		o.meeting.turnedAway(p)
		o.meeting.crowded = now.Add(crowdedTime)
		return false
	}
	return true
}

// twins says which of two connections to the same peer stay.
type twins uint8

const (
	oldTwin twins = iota
	newTwin
	bothTwins
)

// choose says whether a new connection is kept, of somebody with the id of a connected peer. When both sides have
// called each other they agree on who it was that called. Whoever comes from elsewhere may only pretend to be that
// peer, and must not take its place; but a host has addresses of both families.
func choose(ours [20]byte, p, old *peer) twins {
	a, b := p.addr.Addr(), old.addr.Addr()
	weCall := string(ours[:]) > string(p.id[:])
	switch {
	case a != b && a.Is4() == b.Is4():
		return bothTwins
	case (p.origin == incoming) != (old.origin == incoming):
		if (p.origin != incoming) == weCall {
			return newTwin
		}
	case p.since.Sub(old.heard) > staleTwin:
		return newTwin
	}
	return oldTwin
}

// count returns how many connections take room.
func (o *owner) count() int {
	n := len(o.peers)
	for p := range o.peers {
		if p.via == engine.WebSeed {
			n--
		}
	}
	return n
}

// least returns the peer with which least would be lost, nil if there is none.
func (o *owner) least(now time.Time) *peer {
	var least *peer
	for q := range o.peers {
		if q.via != engine.WebSeed && (least == nil || o.worth(q, now) < o.worth(least, now)) {
			least = q
		}
	}
	return least
}

// worth is how much would be lost with a peer: nothing with one that neither gives nor takes.
func (o *owner) worth(p *peer, now time.Time) int {
	switch {
	case p.interested && !p.choking:
		return 3
	case p.interestedInUs || p.interested:
		return 2
	case now.Sub(p.since) < newTime:
		return 1
	}
	return 0
}

func (o *owner) setMaxPeers(n int) {
	o.maxPeers = n
	for now := time.Now(); o.count() > max(n, 0); {
		o.hangUp(o.least(now))
	}
}

func (o *owner) knows(id [20]byte) bool {
	for p := range o.peers {
		if p.id == id {
			return true
		}
	}
	return false
}

func (o *owner) hangUpOn(address string) {
	for p := range o.peers {
		if p.name == address {
			o.hangUp(p)
		}
	}
}

// hangUp ends a connection and forgets the peer at once; its reader will notice.
func (o *owner) hangUp(p *peer) {
	p.conn.Close()
	o.forget(p)
}

// forget takes a peer out of everything.
func (o *owner) forget(p *peer) {
	if p.gone {
		return
	}
	p.gone = true
	delete(o.peers, p)
	if o.cfg.Room != nil && p.via != engine.WebSeed {
		o.cfg.Room.Ended()
	}
	o.fetch.left(p)
	o.infos.left(o, p)
	o.meeting.left(p)
	o.choker.left(o, p)
	p.gifts.forget()
	o.publish()
}

// leads notes that the address of a new connection leads to a connected peer: it is not called meanwhile.
func (m *meeting) leads(p, to *peer) {
	addr, ok := p.dialable()
	switch {
	case !ok || slices.Contains(to.leads, addr):
	case len(to.leads) >= mostLeads:
		m.turnedAway(p)
	default:
		m.book.Met(addr)
		to.leads = append(to.leads, addr)
	}
}

// left notes that a peer is gone, and may be called again.
func (m *meeting) left(p *peer) {
	for _, addr := range p.leads {
		m.book.Gone(addr, time.Now(), p.useful > 0 || p.up.Load() > 0)
	}
}

// turnedAway notes that there was no place for a peer that was called. It is not its fault.
func (m *meeting) turnedAway(p *peer) { m.book.Failed(p.addr, context.Canceled, time.Now()) }
