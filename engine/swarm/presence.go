package swarm

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/torrent"
)

// presence is a torrent's part in its swarm, which it may enter and quit many times. The zero value is ready.
type presence struct {
	peers   atomic.Pointer[torrent.Torrent] // nil while the torrent is not in its swarm
	traffic traffic
	rates   peerRates
}

// enter begins a time in the swarm.
func (p *presence) enter(peers *torrent.Torrent) {
	p.traffic.begin(peers)
	p.peers.Store(peers)
}

// swarmStats are the numbers of the torrent's time in the swarm; zero while it is not there.
func (p *presence) swarmStats() torrent.Stats {
	if peers := p.peers.Load(); peers != nil {
		return peers.Stats()
	}
	return torrent.Stats{}
}

// damaged tells peers that pieces are not complete any more.
func (p *presence) damaged(pieces []int) {
	if peers := p.peers.Load(); peers != nil {
		peers.MarkLost(pieces)
	}
}

// Peers implements Torrent.
func (p *presence) Peers() []engine.Peer {
	swarm := p.peers.Load()
	if swarm == nil {
		return nil
	}
	now := time.Now()
	connected := swarm.Peers()
	peers := make([]engine.Peer, 0, len(connected))
	for _, c := range connected {
		d := describePeer(c)
		d.DownRate, d.UpRate = p.rates.sample(c, now)
		peers = append(peers, d)
	}
	slices.SortFunc(peers, func(a, b engine.Peer) int { return strings.Compare(a.Address, b.Address) })
	return peers
}
