package swarm

import (
	"errors"
	"io/fs"
	"net/netip"
	"time"

	"wtptui/engine/swarm/copies"
)

// events hands on what happens in a torrent's swarm to those whom it concerns. What may wait for the swarm is done beside
// it. It implements torrent.Events.
type events struct{ h *handle }

// Told takes the info dictionary of a v2 torrent, too, which ends the torrent: the peer has not lied, and no other peer
// knows better.
func (e events) InfoReceived(raw []byte) bool {
	if !isInfoOf(e.h.hash, raw) && !isV2InfoOf(e.h.hash, raw) {
		return false
	}
	e.h.wg.Go(func() { e.h.gotInfo(raw) })
	return true
}

func (e events) BlockReceived(piece, n int, from string) { e.h.block(piece, n, from) }

func (e events) NodeFound(addr netip.AddrPort) { e.h.c.nodes.met(addr, &e.h.wg) }

func (e events) Finished() { e.h.wg.Go(e.h.finished) }

// Checked: nothing was downloaded, but we are a seed now.
func (e events) Checked() { e.h.wg.Go(e.h.changed) }

func (e events) WriteFailed(err error) {
	if e.h.ctx.Err() != nil || errors.Is(err, fs.ErrClosed) {
		return
	}
	e.h.faults.set(writeFault(err))
	e.h.c.log.Error("cannot write a torrent's data", "torrent", e.h.name, "err", err)
}

func (e events) SenderChecked(id [20]byte, addr netip.Addr, right bool) {
	if offenders := &e.h.c.sockets.offenders; right {
		offenders.gaveRight(addr)
	} else {
		offenders.gaveWrong(id, addr, time.Now())
	}
}

func (e events) PeerSighted(s copies.Sighting) { e.h.copies.Seen(s, time.Now()) }

func (e events) PeerDialed(id [20]byte, addr netip.Addr) bool {
	e.h.c.online.answered()
	return !e.h.c.sockets.offenders.isBanned(id, addr, time.Now())
}
