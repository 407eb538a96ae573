package torrent

import (
	"errors"

	"wtptui/engine/swarm/wire"
)

// mostRequests is how many requests of a peer may wait here, as it is told (BEP 10).
const mostRequests = 500

var errAsksTooMuch = errors.New("torrent: it asks for more than it takes")

// requested has a block sent, unless the peer is choked or the piece is not here. It fails when too much waits.
func (u *uploads) requested(p *peer, b wire.Block) error {
	if p.choked || !u.storage.here(b.Piece) {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
	} else if !p.conn.Serve(b) {
		return errAsksTooMuch
	}
	return nil
}

// canceled takes a request back, which the peer is told (BEP 6).
func (u *uploads) canceled(p *peer, b wire.Block) {
	if p.conn.Unserve(b) {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
	}
}

// infoRequested has a part of the info dictionary sent (BEP 9). It fails when too much waits.
func (u *uploads) infoRequested(p *peer, part int) error {
	if info := u.storage.info(); part >= (len(info)+infoPart-1)/infoPart {
		p.conn.Send(wire.Message{Type: wire.InfoReject, Info: wire.InfoMsg{Piece: part}})
	} else if !p.conn.ServeInfo(part) {
		return errAsksTooMuch
	}
	return nil
}
