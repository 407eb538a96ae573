package swarm

import (
	"log/slog"
	"net/netip"

	"wtptui/engine/swarm/lsd"
)

// neighbours are the peers of the local network (BEP 14).
type neighbours struct {
	node     *lsd.Node
	torrents *registry
}

// newNeighbours fails where local discovery is not possible.
func newNeighbours(torrents *registry, port int, groups []string, log *slog.Logger) (*neighbours, error) {
	n := &neighbours{torrents: torrents}
	var err error
	n.node, err = lsd.New(lsd.Config{Port: uint16(port), Groups: groups, Hashes: n.hashes, Found: n.found, Logger: log})
	return n, err
}

// hashes are the torrents in their swarms that may be told to the local network (BEP 27).
func (n *neighbours) hashes() [][20]byte {
	var hashes [][20]byte
	for h := range n.torrents.inSwarms() {
		if !h.content.private() {
			hashes = append(hashes, h.hash)
		}
	}
	return hashes
}

func (n *neighbours) found(hash [20]byte, peer netip.AddrPort) {
	if h := n.torrents.get(hash); h != nil && !h.content.private() {
		h.foundLocally(peer)
	}
}

func (n *neighbours) announce(d *discovery) {
	if !d.content.private() {
		n.node.Announce(d.hash)
	}
}
