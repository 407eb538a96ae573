package torrent

import (
	"errors"

	"wtptui/engine/swarm/wire"
)

// maxRequests is how many requests of one peer may be queued here. Peers are told so (BEP 10).
const maxRequests = 500

var errTooManyRequests = errors.New("torrent: the peer has too many requests outstanding")

// handleRequest queues a block to be sent. It rejects the request if the peer is choked or the piece is not here. It
// returns an error when too many requests are queued.
func (u *uploads) handleRequest(p *peer, b wire.Block) error {
	if p.choked || !u.storage.hasPiece(b.Piece) {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
	} else if !p.conn.Serve(b) {
		return errTooManyRequests
	}
	return nil
}

// handleCancel cancels a request, and confirms that (BEP 6).
func (u *uploads) handleCancel(p *peer, b wire.Block) {
	if p.conn.Unserve(b) {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
	}
}

// handleInfoRequest queues a part of the info dictionary to be sent (BEP 9). It returns an error when too many
// requests are queued.
func (u *uploads) handleInfoRequest(p *peer, part int) error {
	if info := u.storage.info(); part >= (len(info)+infoPartSize-1)/infoPartSize {
		p.conn.Send(wire.Message{Type: wire.InfoReject, Info: wire.InfoMsg{Piece: part}})
	} else if !p.conn.ServeInfo(part) {
		return errTooManyRequests
	}
	return nil
}
