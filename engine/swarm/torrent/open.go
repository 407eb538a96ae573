package torrent

import (
	"time"

	"wtptui/engine/swarm/wire"
)

// mostNews is how many pieces a peer is told of one by one when the content becomes known.
const mostNews = 4096

// open begins to fetch and to serve.
func (o *owner) open(c Content) {
	if o.storage.opened() {
		return
	}
	o.storage.open(&c)
	o.fetch.open(o.ctx, newWorker(&c, &o.t.counts.hashed, &o.t.wg))
	o.infos.end()
	now := time.Now()
	for p := range o.peers {
		news := o.storage.news()
		// With whoever came before it was known that the torrent is private the exchange of peers has been agreed upon.
		// Whoever would have to hear too much is told all of it at once when it comes again.
		if c.Private || len(news) > mostNews {
			o.hangUp(p)
			continue
		}
		o.fetch.meet(p, now)
		if p.sighted.declared {
			o.sights.declared(p, now) // It may have said that it has everything piece by piece.
		}
		p.conn.Send(o.hello()) // which tells now how long the info dictionary is
		p.conn.Send(news...)
		o.fetch.regard(p)
	}
	if c.Private {
		o.meeting.keepPrivate()
	}
	o.wholeSince = now
	o.partAll()
	o.beat = now // Peers may be told of each other.
	o.publish()
}

// greet says who we are, and what is here. As long as there are places nobody has to ask for one: whoever comes for a
// page has it one round trip earlier.
func (o *owner) greet(p *peer) {
	theirs := p.conn.Theirs()
	p.conn.Send(o.hello())
	if o.storage.opened() {
		o.fetch.meet(p, time.Now())
		p.conn.Send(o.storage.have(theirs.Fast))
	} else if theirs.Fast {
		p.conn.Send(wire.Message{Type: wire.HaveNone})
	}
	if o.uploads.hasPlace() {
		p.unchoke(time.Now())
	}
	if o.cfg.Ours.DHT && theirs.DHT {
		p.conn.Send(wire.Message{Type: wire.Port, Port: o.cfg.Port})
	}
	if !o.storage.opened() {
		// Whatever it has, it will be wanted. Who hears that at once has one round trip to unchoke us meanwhile.
		p.setInterest(true)
	}
}

func (o *owner) hello() wire.Message {
	return wire.Message{Type: wire.Hello, Hello: &wire.HelloMsg{
		Client: o.cfg.Client, Port: o.cfg.Port, InfoSize: len(o.storage.info()), Requests: mostRequests,
		Metadata: true, PEX: !o.storage.private(), Holepunch: !o.storage.private(),
	}}
}
