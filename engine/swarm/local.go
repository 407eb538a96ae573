package swarm

import (
	"net/netip"
	"time"

	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/lsd"
)

// startLSD looks for peers in the local network. Where that is not possible, it goes without.
func (c *Client) startLSD() {
	node, err := lsd.New(lsd.Config{
		Port: uint16(c.sockets.port), Groups: c.hooks.lsdGroups, Hashes: c.localHashes, Found: c.foundLocally, Logger: c.log,
	})
	if err != nil {
		c.log.Info("no local discovery", "err", err)
		return
	}
	c.local = node
}

// localHashes are the torrents in their swarms that may be told to the local network (BEP 27).
func (c *Client) localHashes() [][20]byte {
	var hashes [][20]byte
	for _, h := range c.handles() {
		if h.peers.Load() != nil && !h.private() {
			hashes = append(hashes, h.hash)
		}
	}
	return hashes
}

// foundLocally adds a peer of a torrent, and answers once in a while, so that it finds us too without waiting.
func (c *Client) foundLocally(hash [20]byte, peer netip.AddrPort) {
	h := c.handle(hash)
	if h == nil || h.private() {
		return
	}
	h.finds.nearby(peer)
	h.addPeers(peer.Addr(), []netip.AddrPort{peer}, dial.LSD)
	if now, last := time.Now().Unix(), h.answeredLocally.Load(); now-last >= 60 && h.answeredLocally.CompareAndSwap(last, now) {
		c.announceLocally(h)
	}
}

func (c *Client) announceLocally(h *handle) {
	if c.local != nil && !h.private() {
		c.local.Announce(h.hash)
	}
}

// private reports whether the torrent is known to be private (BEP 27).
func (h *handle) private() bool {
	m := h.meta.Load()
	return m != nil && m.Private
}
