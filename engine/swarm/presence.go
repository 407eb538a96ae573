package swarm

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/torrent"
)

// presence is a torrent's connection to its swarm, which it may join and leave many times. The zero value is ready to
// use.
type presence struct {
	swarm   atomic.Pointer[torrent.Torrent] // nil while the torrent is not in its swarm
	traffic traffic
	rates   peerRates
}

// setSwarm records that the torrent has joined a swarm.
func (p *presence) setSwarm(peers *torrent.Torrent) {
	p.traffic.start(peers)
	p.swarm.Store(peers)
}

// swarmStats returns the counters since the torrent joined its swarm, zero while it is not in it.
func (p *presence) swarmStats() torrent.Stats {
	if peers := p.swarm.Load(); peers != nil {
		return peers.Stats()
	}
	return torrent.Stats{}
}

// markLost tells the swarm that pieces are not complete any more.
func (p *presence) markLost(pieces []int) {
	if peers := p.swarm.Load(); peers != nil {
		peers.MarkLost(pieces)
	}
}

// Peers implements Torrent.
func (p *presence) Peers() []engine.Peer {
	swarm := p.swarm.Load()
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
