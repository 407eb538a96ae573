package swarm

import (
	"errors"
	"io/fs"
	"net/netip"
	"time"

	"wtptui/engine/swarm/copies"
)

// events passes the events of a torrent's swarm to the parts that they concern. What may wait for the swarm runs in a
// goroutine. It implements torrent.Events.
type events struct{ h *handle }

// InfoReceived accepts the info dictionary of a v2 torrent, too, which ends the torrent: the peer has not lied, and no
// other peer has a better one.
func (e events) InfoReceived(raw []byte) bool {
	if !isInfoOf(e.h.hash, raw) && !isV2InfoOf(e.h.hash, raw) {
		return false
	}
	e.h.wg.Go(func() { e.h.handlePeerInfo(raw) })
	return true
}

func (e events) BlockReceived(piece, n int, from string) { e.h.recordBlock(piece, n, from) }

func (e events) NodeFound(addr netip.AddrPort) { e.h.client.dhtNodes.ping(addr, &e.h.wg) }

func (e events) Finished() { e.h.wg.Go(e.h.announceCompleted) }

// Checked announces that we are a seed, although nothing was downloaded.
func (e events) Checked() { e.h.wg.Go(e.h.announceToTrackers) }

func (e events) WriteFailed(err error) {
	if e.h.ctx.Err() != nil || errors.Is(err, fs.ErrClosed) {
		return
	}
	e.h.faults.set(newWriteFault(err))
	e.h.client.log.Error("cannot write a torrent's data", "torrent", e.h.name, "err", err)
}

func (e events) SenderChecked(id [20]byte, addr netip.Addr, right bool) {
	if offenders := &e.h.client.sockets.offenders; right {
		offenders.recordRight(addr)
	} else {
		offenders.recordWrong(id, addr, time.Now())
	}
}

func (e events) PeerSighted(s copies.Sighting) { e.h.copies.PeerSighted(s, time.Now()) }

func (e events) PeerDialed(id [20]byte, addr netip.Addr) bool {
	e.h.client.online.recordAnswer()
	return !e.h.client.sockets.offenders.isBanned(id, addr, time.Now())
}
