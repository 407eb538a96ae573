package swarm

import (
	"log/slog"
	"net/netip"

	"wtptui/engine/swarm/lsd"
)

// localDiscovery finds peers on the local network (BEP 14).
type localDiscovery struct {
	node     *lsd.Node
	torrents *registry
}

// newLocalDiscovery returns an error if local discovery is not possible.
func newLocalDiscovery(torrents *registry, port int, groups []string, log *slog.Logger) (*localDiscovery, error) {
	n := &localDiscovery{torrents: torrents}
	var err error
	n.node, err = lsd.New(lsd.Config{
		Port: uint16(port), Groups: groups, Hashes: n.infohashes, Found: n.handleFound, Logger: log,
	})
	return n, err
}

// infohashes returns the joined torrents that may be announced to the local network (BEP 27).
func (n *localDiscovery) infohashes() [][20]byte {
	var hashes [][20]byte
	for h := range n.torrents.joined() {
		if !h.content.isPrivate() {
			hashes = append(hashes, h.hash)
		}
	}
	return hashes
}

func (n *localDiscovery) handleFound(hash [20]byte, peer netip.AddrPort) {
	if h := n.torrents.get(hash); h != nil && !h.content.isPrivate() {
		h.addLocalPeer(peer)
	}
}

func (n *localDiscovery) announce(d *discovery) {
	if !d.content.isPrivate() {
		n.node.Announce(d.hash)
	}
}
