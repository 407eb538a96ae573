package torrent

import (
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

// addConn adds a connection that has shaken hands, or closes it if there is no slot.
func (o *owner) addConn(c Conn, via engine.Via, origin Source) {
	now := time.Now()
	p := newPeer(c, via, origin, now)
	if !o.slots.admit(p, now) {
		c.Close()
		return
	}
	if o.events == nil {
		o.events = make(chan event, maxQueuedEvents)
	}
	p.sent = o.uploads.spread.newSentPieces()
	o.peers[p] = struct{}{}
	o.connector.addPeerAddr(p, p)
	c.Start(wire.Options{
		Next: p.sent.nextBlock, Block: o.storage.readBlock, Info: o.storage.info, Up: o.cfg.Up, Down: o.cfg.Down,
		Unread: o.cfg.UnreadBytes, Sent: func(n int) {
			p.up.Add(int64(n))
			o.t.counts.up.Add(int64(n))
		},
	})
	o.sendGreeting(p)
	o.t.wg.Go(func() { o.t.readMessages(p, o.events) })
	o.publishCounts()
}

// minSeedConnTime is how long a connection between two complete peers stays at least. Both sides must receive what the
// other has: closing a connection discards what was not read yet.
const minSeedConnTime = 2 * time.Second

// dropIfBothComplete disconnects a peer when it and we have everything, which frees the slot for a peer that lacks
// something. Mirrors and browsers stay: browsers cannot be dialed again.
func (o *owner) dropIfBothComplete(p *peer) {
	fixed := p.via == engine.WebSeed || p.via == engine.WebRTC
	if !o.fetch.verified || p.pick == nil || !p.pick.Seed() || p.interestedInUs || fixed {
		return
	}
	now := time.Now()
	if when := later(p.since, o.completeSince).Add(minSeedConnTime); now.Before(when) {
		o.nextTick = earlier(o.nextTick, when)
		return
	}
	o.connector.banDroppedSeed(p)
	o.disconnect(p)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// dropSeedsIfComplete disconnects all seeds if we have everything.
func (o *owner) dropSeedsIfComplete() {
	if !o.fetch.verified {
		return
	}
	for p := range o.peers {
		o.dropIfBothComplete(p)
	}
}

// banAndDisconnect disconnects a peer that has sent wrong data. It is not dialed again for liarBanTime.
func (o *owner) banAndDisconnect(p *peer) {
	o.connector.ban(p, liarBanTime)
	o.disconnect(p)
}

// disconnect closes a connection and removes the peer at once. Its reader ends later.
func (o *owner) disconnect(p *peer) {
	p.conn.Close()
	o.removePeer(p)
}

// removePeer removes a peer from all parts of the owner.
func (o *owner) removePeer(p *peer) {
	if p.removed {
		return
	}
	p.removed = true
	delete(o.peers, p)
	o.sightings.handlePeerGone(p, time.Now())
	o.slots.release(p)
	o.fetch.removePeer(p)
	o.infos.handlePeerGone(p)
	o.connector.handlePeerGone(p)
	o.uploads.handlePeerGone(p)
	p.sent.close()
	o.publishCounts()
}
