package torrent

import "wtptui/engine/swarm/wire"

// mostRequests is how many requests of a peer may wait here, as it is told (BEP 10).
const mostRequests = 500

// requested has a block sent, unless the peer is choked or the piece is not here.
func (o *owner) requested(p *peer, b wire.Block) {
	if p.choked || !o.fetch.here(b.Piece) {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
		return
	}
	if !p.conn.Serve(b) {
		o.cfg.Log.Info("a peer asks for more than it takes", "peer", p.name)
		o.hangUp(p)
	}
}

// here reports whether a piece can be sent.
func (f *fetcher) here(piece int) bool {
	if !f.opened() {
		return false
	}
	done, _ := f.content.Data.Piece(piece)
	return done
}

// infoRequested has a part of the info dictionary sent (BEP 9).
func (o *owner) infoRequested(p *peer, part int) {
	if info := o.fetch.info(); part >= (len(info)+infoPart-1)/infoPart {
		p.conn.Send(wire.Message{Type: wire.InfoReject, Info: wire.InfoMsg{Piece: part}})
		return
	}
	if !p.conn.ServeInfo(part) {
		o.cfg.Log.Info("a peer asks for the info dictionary without end", "peer", p.name)
		o.hangUp(p)
	}
}
