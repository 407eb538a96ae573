package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine/swarm/wire"
)

// hear does what a peer's message asks for, and hangs up on those who say what they may not.
func (o *owner) hear(e event) {
	p, m := e.peer, e.msg
	if p.gone {
		wire.Free(m.Data)
		return
	}
	if e.err != nil {
		o.cfg.Log.Debug("a connection has ended", "peer", p.name, "err", e.err)
		o.forget(p)
		return
	}
	p.heard = time.Now()
	err := o.storage.check(&m)
	if err == nil {
		err = o.answer(p, m)
	} else {
		wire.Free(m.Data)
	}
	if err != nil {
		o.cfg.Log.Info("a peer does what it may not, and is hung up on", "peer", p.name, "err", err)
		o.hangUp(p)
	}
}

// answer does what a message asks for. It fails when the peer must not be heard any more.
func (o *owner) answer(p *peer, m wire.Message) error {
	switch m.Type {
	case wire.Choke, wire.Unchoke:
		p.chokes(m.Type == wire.Choke)
	case wire.Interested, wire.NotInterested:
		p.interestedInUs = m.Type == wire.Interested
		o.uploads.interest(p.heard)
		o.part(p)
	case wire.Have, wire.Bitfield, wire.HaveAll, wire.HaveNone:
		o.hasMore(p, m)
	case wire.Piece:
		return o.fetch.got(p, m)
	case wire.Reject:
		o.fetch.rejected(p, m.Block)
	case wire.AllowedFast:
		p.has(m, o.storage.pieces())
	case wire.Request:
		return o.uploads.requested(p, m.Block)
	case wire.Cancel:
		o.uploads.canceled(p, m.Block)
	case wire.Hello:
		o.introduced(p, *m.Hello)
	case wire.InfoRequest:
		return o.uploads.infoRequested(p, m.Info.Piece)
	case wire.InfoPiece, wire.InfoReject:
		o.infos.heard(p, m)
	case wire.Peers:
		o.exchange.named(p, *m.Peers)
	case wire.Holepunch:
		o.exchange.holepunch(p, m.Holepunch)
	case wire.Port:
		o.hasNode(p, m.Port)
	case wire.Suggest:
	}
	return nil
}

// hasNode takes the port of a peer's DHT node (BEP 5), once.
func (o *owner) hasNode(p *peer, port uint16) {
	if !p.hasNode && p.addr.IsValid() && port != 0 && o.cfg.Ours.DHT {
		p.hasNode = true
		o.cfg.Events.Node(netip.AddrPortFrom(p.addr.Addr(), port))
	}
}

// introduced takes a peer's extended handshake (BEP 10).
func (o *owner) introduced(p *peer, h wire.HelloMsg) {
	if h.Client == "" {
		h.Client = p.hello.Client
	}
	p.hello, p.met = h, true
	if p.pick != nil && h.Requests > 0 {
		p.pick.Limit(h.Requests)
	}
	o.infos.offer(p, time.Now())
	o.meeting.leads(p, p)
	o.exchange.introduced(p)
}

// hasMore notes what a peer says to have.
func (o *owner) hasMore(p *peer, m wire.Message) {
	p.has(m, o.storage.pieces())
	o.sights.declared(p, p.heard)
	if p.pick == nil {
		return
	}
	o.fetch.regard(p)
	if m.Type != wire.Have {
		o.publish()
	}
	o.part(p)
}

// checked hears what has come of a piece.
func (o *owner) checked(v verdict) {
	if o.fetch.checked(v) {
		o.wholeSince = time.Now()
		o.fetch.tellSeeds()
		o.partAll()
	}
}

// called takes what has come of a call.
func (o *owner) called(c called) {
	switch {
	case c.err == nil && o.meeting.admits(c):
		o.join(c.conn, c.via, c.origin)
	case c.err != nil && o.meeting.failed(c):
		o.exchange.punch(c.addr)
	}
}
