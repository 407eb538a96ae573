package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine/swarm/wire"
)

// hear does what a peer's message asks for.
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
	if f := &o.fetch; f.opened() { // It may have been read before that was known.
		if err := f.content.Layout.Check(&m); err != nil {
			o.cfg.Log.Info("a peer says what cannot be", "peer", p.name, "err", err)
			wire.Free(m.Data)
			o.hangUp(p)
			return
		}
	}
	switch m.Type {
	case wire.Choke:
		p.choking = true
		o.fetch.choked(p)
	case wire.Unchoke:
		p.choking = false
		o.fetch.unchoked(p)
	case wire.Interested, wire.NotInterested:
		p.interestedInUs = m.Type == wire.Interested
		o.choker.interest(o, p.heard)
		o.part(p)
	case wire.Have, wire.Bitfield, wire.HaveAll, wire.HaveNone:
		o.hasMore(p, m)
	case wire.Piece:
		o.gotBlock(p, m)
	case wire.Reject:
		o.fetch.rejected(p, m.Block)
	case wire.AllowedFast:
		o.fetch.allowedFast(p, m.Block.Piece)
	case wire.Request:
		o.requested(p, m.Block)
	case wire.Cancel:
		if p.conn.Unserve(m.Block) {
			p.conn.Send(wire.Message{Type: wire.Reject, Block: m.Block})
		}
	case wire.Hello:
		o.introduced(p, *m.Hello)
	case wire.InfoRequest:
		o.infoRequested(p, m.Info.Piece)
	case wire.InfoPiece, wire.InfoReject:
		o.infos.heard(o, p, m)
	case wire.Peers:
		o.named(p, *m.Peers)
	case wire.Holepunch:
		o.holepunch(p, m.Holepunch)
	case wire.Port:
		o.hasNode(p, m.Port)
	case wire.Suggest:
	}
}

// hasNode takes the port of a peer's DHT node (BEP 5), once.
func (o *owner) hasNode(p *peer, port uint16) {
	if !p.hasNode && p.addr.IsValid() && port != 0 && o.cfg.Ours.DHT {
		p.hasNode = true
		o.cfg.Events.Node(netip.AddrPortFrom(p.addr.Addr(), port))
	}
}

// greet says who we are, and what is here. As long as there are places nobody has to ask for one: whoever comes for a
// page has it one round trip earlier.
func (o *owner) greet(p *peer) {
	p.conn.Send(o.hello())
	if o.fetch.opened() {
		o.fetch.meet(p, time.Now())
		p.conn.Send(o.fetch.have(p.conn.Theirs().Fast))
	} else if p.conn.Theirs().Fast {
		p.conn.Send(wire.Message{Type: wire.HaveNone})
	}
	if o.choker.hasPlace(o) {
		o.unchoke(p, time.Now())
	}
	if o.cfg.Ours.DHT && p.conn.Theirs().DHT {
		p.conn.Send(wire.Message{Type: wire.Port, Port: o.cfg.Port})
	}
	if !o.fetch.opened() {
		// Whatever it has, it will be wanted. Who hears that at once has one round trip to unchoke us meanwhile.
		o.setInterest(p, true)
	}
}

func (o *owner) hello() wire.Message {
	return wire.Message{Type: wire.Hello, Hello: &wire.HelloMsg{
		Client: o.cfg.Client, Port: o.cfg.Port, InfoSize: len(o.fetch.info()), Requests: mostRequests,
		Metadata: true, PEX: !o.fetch.private(), Holepunch: !o.fetch.private(),
	}}
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
	if !o.fetch.opened() {
		o.infos.offer(o, p, time.Now())
	}
	o.meeting.leads(p, p)
	if p.nextPEX.IsZero() && o.mayTell(p) {
		o.tell(p, o.callable(), p.heard)
	}
}

// hasMore notes what a peer says to have.
func (o *owner) hasMore(p *peer, m wire.Message) {
	if p.pick == nil {
		p.claims.note(m)
		return
	}
	o.fetch.has(p, m)
	o.regard(p)
	if m.Type != wire.Have {
		o.publish()
	}
	o.part(p)
}

// regard tells a peer whether it has anything that is wanted.
func (o *owner) regard(p *peer) {
	o.setInterest(p, o.fetch.wants(p))
}

func (o *owner) setInterest(p *peer, interested bool) {
	if p.interested == interested {
		return
	}
	p.interested = interested
	t := wire.NotInterested
	if interested {
		t = wire.Interested
	}
	p.conn.Send(wire.Message{Type: t})
}
