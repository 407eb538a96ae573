package swarm

import (
	"context"
	"iter"
	"net"
	"net/netip"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/publicnet"
	"wtptui/engine/swarm/torrent"
	"wtptui/engine/swarm/wire"
)

// shakeTime is how long a peer that calls may take to shake hands.
const shakeTime = 15 * time.Second

// swarmConfig says how a torrent takes part in its swarm.
func (c *Client) swarmConfig(h *handle) torrent.Config {
	return torrent.Config{
		Ours: c.handshake(h.hash), Client: userAgent, Port: uint16(c.sockets.port), Caller: c.caller, Room: h,
		Up: c.up, Down: c.down, Unread: &c.unread, MaxPeers: c.budget.first(),
		Own: c.sockets.isOwn, Admit: c.sockets.addresses.admit, Events: h, Log: c.log,
	}
}

// handshake is what peers of a torrent are told first.
func (c *Client) handshake(hash infohash) wire.Handshake {
	return wire.Handshake{Infohash: hash, PeerID: c.peerID, Extended: true, Fast: true, DHT: c.cfg.DHT}
}

// accept meets those who call, until the listener is closed. A listener whose connections are known has had others
// bound how many there may be.
func (c *Client) accept(l net.Listener, via engine.Via, known bool) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if c.ctx.Err() != nil {
				return
			}
			c.log.Warn("cannot accept a connection", "on", l.Addr().String(), "err", err)
			select { // There may be too many open files for now.
			case <-time.After(time.Second):
				continue
			case <-c.ctx.Done():
				return
			}
		}
		if !known && !c.sockets.begin(conn) {
			_ = conn.Close()
			continue
		}
		c.wg.Go(func() {
			c.greet(conn, via)
			if !known {
				c.sockets.shaken(conn)
			}
		})
	}
}

// greet shakes hands with a peer that has called, and hands it over to its torrent.
func (c *Client) greet(conn net.Conn, via engine.Via) {
	ctx, cancel := context.WithTimeout(c.ctx, shakeTime)
	defer cancel()
	w, err := wire.Accept(ctx, conn, wire.AcceptOptions{
		Ours: func(hash [20]byte) (wire.Handshake, bool) {
			h := c.handle(hash)
			return c.handshake(hash), h != nil && h.peers.Load() != nil
		},
		Infohashes: c.joined(),
		RequireMSE: c.cfg.Encryption == dial.Require,
		PreferRC4:  c.cfg.Encryption != dial.PlainFirst,
	})
	if err != nil {
		c.log.Debug("a peer that called did not shake hands", "peer", conn.RemoteAddr().String(), "err", err)
		return
	}
	theirs := w.Theirs()
	ap, isInternet := addrPort(conn.RemoteAddr())
	h := c.handle(theirs.Infohash)
	if h == nil || c.sockets.offenders.isBanned(theirs.PeerID, ap.Addr(), time.Now()) {
		w.Close()
		return
	}
	peers := h.peers.Load()
	if peers == nil {
		w.Close()
		return
	}
	c.online.answered()
	if via != engine.WebRTC && isInternet && publicnet.Is(ap.Addr()) {
		c.inward.Store(true)
	}
	peers.Join(w, via, dial.Incoming)
}

// joined are the infohashes of torrents that are in their swarms.
func (c *Client) joined() iter.Seq[[20]byte] {
	return func(yield func([20]byte) bool) {
		for _, h := range c.handles() {
			if h.peers.Load() != nil && !yield(h.hash) {
				return
			}
		}
	}
}

// Met implements torrent.Events: a peer that was called has shaken hands.
func (h *handle) Met(id [20]byte, addr netip.Addr) bool {
	h.c.online.answered()
	return !h.c.sockets.offenders.isBanned(id, addr, time.Now())
}
