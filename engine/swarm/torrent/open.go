package torrent

import (
	"time"

	"wtptui/engine/swarm/wire"
)

// maxHaveMessages is how many Have messages are sent to a peer when the content becomes known.
const maxHaveMessages = 4096

// open starts fetching and serving.
func (o *owner) open(c Content) {
	if o.storage.opened() {
		return
	}
	o.storage.open(&c)
	o.fetch.open(o.ctx, newWorker(&c, &o.t.counts.hashed, &o.t.wg))
	o.infos.close()
	now := time.Now()
	for p := range o.peers {
		news := o.storage.haveMessages()
		// A peer that connected before the torrent was known to be private has negotiated peer exchange. A peer that
		// would need too many Have messages gets one Bitfield when it connects again.
		if c.Private || len(news) > maxHaveMessages {
			o.disconnect(p)
			continue
		}
		o.fetch.addPeer(p, now)
		if p.sighted.declared {
			o.sightings.handleAvailability(p, now) // It may have said piece by piece that it has everything.
		}
		p.conn.Send(o.extendedHandshake()) // It now contains the size of the info dictionary.
		p.conn.Send(news...)
		o.fetch.updateInterest(p)
	}
	if c.Private {
		o.connector.dropForbiddenOrigins()
	}
	o.completeSince = now
	o.dropSeedsIfComplete()
	o.nextTick = now // The next tick sends PEX messages.
	o.publishCounts()
}

// sendGreeting sends the first messages to a new peer. While slots are free it unchokes the peer without waiting for
// its interest, which saves one round trip.
func (o *owner) sendGreeting(p *peer) {
	theirs := p.conn.Theirs()
	p.conn.Send(o.extendedHandshake())
	if o.storage.opened() {
		o.fetch.addPeer(p, time.Now())
		p.conn.Send(o.storage.availability(theirs.Fast))
	} else if theirs.Fast {
		p.conn.Send(wire.Message{Type: wire.HaveNone})
	}
	if o.uploads.hasFreeSlot() {
		p.unchoke(time.Now())
	}
	if o.cfg.Handshake.DHT && theirs.DHT {
		p.conn.Send(wire.Message{Type: wire.Port, Port: o.cfg.Port})
	}
	if !o.storage.opened() {
		// Whatever it has will be wanted. It can unchoke us while the info dictionary is fetched.
		p.setInterest(true)
	}
}

func (o *owner) extendedHandshake() wire.Message {
	return wire.Message{Type: wire.Hello, Hello: &wire.HelloMsg{
		Client: o.cfg.Client, Port: o.cfg.Port, InfoSize: len(o.storage.info()), Requests: maxRequests,
		Metadata: true, PEX: !o.storage.private(), Holepunch: !o.storage.private(),
	}}
}
