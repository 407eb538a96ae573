package torrent

import (
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// join takes a connection that has shaken hands.
func (o *owner) join(c Conn, via engine.Via, origin Source) {
	now := time.Now()
	p := newPeer(c, via, origin, now)
	if !o.places.take(p, now) {
		c.Close()
		return
	}
	if o.events == nil {
		o.events = make(chan event, mostEvents)
	}
	p.gifts = o.uploads.spread.newGifts()
	o.peers[p] = struct{}{}
	o.meeting.leads(p, p)
	c.Start(wire.Options{
		Next: p.gifts.next, Block: o.storage.block, Info: o.storage.info, Up: o.cfg.Up, Down: o.cfg.Down,
		Unread: o.cfg.Unread, Sent: func(n int) {
			p.up.Add(int64(n))
			o.t.counts.up.Add(int64(n))
		},
	})
	o.greet(p)
	o.t.wg.Go(func() { o.t.read(p, o.events) })
	o.publish()
}

// partAfter is how long a connection stays at least when both sides have everything. What each of them has is to arrive
// before that: a connection that is ended takes with it what was not read yet.
const partAfter = 2 * time.Second

// part hangs up on a peer when both have everything: the place is for those who lack something. Browsers stay as long
// as nobody needs their places: they cannot be called again.
func (o *owner) part(p *peer) {
	fixed := p.via == engine.WebSeed || p.via == engine.WebRTC
	if !o.fetch.whole || p.pick == nil || !p.pick.Seed() || p.interestedInUs || fixed {
		return
	}
	now := time.Now()
	if when := later(p.since, o.wholeSince).Add(partAfter); now.Before(when) {
		o.beat = earlier(o.beat, when)
		return
	}
	o.meeting.part(p)
	o.hangUp(p)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// partAll hangs up on all who have everything, as we have.
func (o *owner) partAll() {
	if !o.fetch.whole {
		return
	}
	for p := range o.peers {
		o.part(p)
	}
}

// expel hangs up on a peer that has lied. It is not called again for long.
func (o *owner) expel(p *peer) {
	o.meeting.ban(p, liarTime)
	o.hangUp(p)
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
	o.sights.left(p, time.Now())
	o.places.left(p)
	o.fetch.left(p)
	o.infos.left(p)
	o.meeting.left(p)
	o.uploads.left(p)
	p.gifts.forget()
	o.publish()
}
