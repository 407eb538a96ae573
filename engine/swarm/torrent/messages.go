package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine/swarm/wire"
)

// handleEvent handles a peer's message or the end of its connection. It closes the connection of a peer that violates
// the protocol.
func (o *owner) handleEvent(e event) {
	p, m := e.peer, e.msg
	if p.removed {
		wire.Free(m.Data)
		return
	}
	if e.err != nil {
		o.cfg.Log.Debug("a connection ended", "peer", p.name, "err", e.err)
		o.removePeer(p)
		return
	}
	p.lastMessage = time.Now()
	err := o.storage.checkMessage(&m)
	if err == nil {
		err = o.handleMessage(p, m)
	} else {
		wire.Free(m.Data)
	}
	if err != nil {
		o.cfg.Log.Info("a peer violated the protocol and was disconnected", "peer", p.name, "err", err)
		o.disconnect(p)
	}
}

// handleMessage handles one message. If it returns an error, the peer must be disconnected.
func (o *owner) handleMessage(p *peer, m wire.Message) error {
	switch m.Type {
	case wire.Choke, wire.Unchoke:
		p.setChoking(m.Type == wire.Choke)
	case wire.Interested, wire.NotInterested:
		p.interestedInUs = m.Type == wire.Interested
		o.uploads.unchokeWaiting(p.lastMessage)
		o.dropIfBothComplete(p)
	case wire.Have, wire.Bitfield, wire.HaveAll, wire.HaveNone:
		o.handleAvailability(p, m)
	case wire.Piece:
		return o.fetch.handleBlock(p, m)
	case wire.Reject:
		o.fetch.handleReject(p, m.Block)
	case wire.AllowedFast:
		p.recordAvailability(m, o.storage.pieces())
	case wire.Request:
		return o.uploads.handleRequest(p, m.Block)
	case wire.Cancel:
		o.uploads.handleCancel(p, m.Block)
	case wire.Hello:
		o.handleExtendedHandshake(p, *m.Hello)
	case wire.InfoRequest:
		return o.uploads.handleInfoRequest(p, m.Info.Piece)
	case wire.InfoPiece, wire.InfoReject:
		o.infos.handlePart(p, m)
	case wire.Peers:
		o.pex.handlePEX(p, *m.Peers)
	case wire.Holepunch:
		o.pex.handleHolepunch(p, m.Holepunch)
	case wire.Port:
		o.handleNodePort(p, m.Port)
	case wire.Suggest:
	}
	return nil
}

// handleNodePort reports a peer's DHT node (BEP 5), once.
func (o *owner) handleNodePort(p *peer, port uint16) {
	if !p.nodeReported && p.addr.IsValid() && port != 0 && o.cfg.Handshake.DHT {
		p.nodeReported = true
		o.cfg.Events.NodeFound(netip.AddrPortFrom(p.addr.Addr(), port))
	}
}

// handleExtendedHandshake handles a peer's extended handshake (BEP 10).
func (o *owner) handleExtendedHandshake(p *peer, h wire.HelloMsg) {
	if h.Client == "" {
		h.Client = p.hello.Client
	}
	p.hello, p.helloReceived = h, true
	if p.pick != nil && h.Requests > 0 {
		p.pick.SetMaxRequests(h.Requests)
	}
	o.infos.startDownload(p, time.Now())
	o.connector.addPeerAddr(p, p)
	o.pex.handleExtendedHandshake(p)
}

// handleAvailability records which pieces a peer says it has.
func (o *owner) handleAvailability(p *peer, m wire.Message) {
	p.recordAvailability(m, o.storage.pieces())
	o.sightings.handleAvailability(p, p.lastMessage)
	if p.pick == nil {
		return
	}
	o.fetch.updateInterest(p)
	if m.Type != wire.Have {
		o.publishCounts()
	}
	o.dropIfBothComplete(p)
}

// handleVerdict handles the result of hashing a piece.
func (o *owner) handleVerdict(v verdict) {
	if o.fetch.handleVerdict(v) {
		o.completeSince = time.Now()
		o.fetch.announceAllToSeeds()
		o.dropSeedsIfComplete()
	}
}

// handleDialResult handles the result of a dial.
func (o *owner) handleDialResult(c dialResult) {
	switch {
	case c.err == nil && o.connector.admitDialed(c):
		o.addConn(c.conn, c.via, c.origin)
	case c.err != nil && o.connector.handleFailedDial(c):
		o.pex.requestHolepunch(c.addr)
	}
}
