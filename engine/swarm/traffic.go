package swarm

import (
	"sync"

	"wtptui/engine/swarm/torrent"
)

// traffic keeps a torrent's counters over all its times in the swarm. The zero value is ready.
type traffic struct {
	mu     sync.Mutex
	before transferred
	now    *torrent.Torrent // nil while the torrent is not in its swarm
}

// transferred are bytes of content.
type transferred struct{ down, up int64 }

func (t *transferred) add(o transferred) {
	t.down += o.down
	t.up += o.up
}

// begin counts a time in the swarm, and end is called when that is over.
func (t *traffic) begin(peers *torrent.Torrent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now = peers
}

func (t *traffic) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.before = t.sumLocked()
	t.now = nil
}

// sum returns what was transferred in all times.
func (t *traffic) sum() transferred {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sumLocked()
}

func (t *traffic) sumLocked() transferred {
	all := t.before
	if t.now != nil {
		s := t.now.Stats()
		all.add(transferred{s.Down, s.Up})
	}
	return all
}

// Transferred is how many bytes of content all torrents have fetched and sent since the client started, those included
// that were dropped. It never falls.
func (c *Client) Transferred() (down, up int64) {
	c.mu.Lock()
	sum, handles := c.left, c.handlesLocked()
	c.mu.Unlock()
	for _, h := range handles {
		sum.add(h.traffic.sum())
	}
	return sum.down, sum.up
}

// swarmStats are the numbers of the torrent's time in the swarm; zero while it is not there.
func (h *handle) swarmStats() torrent.Stats {
	if peers := h.peers.Load(); peers != nil {
		return peers.Stats()
	}
	return torrent.Stats{}
}

// Stats implements Torrent.
func (h *handle) Stats() Stats {
	now := h.swarmStats()
	all := h.traffic.sum()
	s := Stats{
		Peers: now.Peers, Seeds: now.Seeds, WebPeers: now.Web, Known: now.Known, Downloaded: all.down, Uploaded: all.up,
	}
	if data := h.data.Load(); data != nil {
		p := data.Progress()
		s.Completed, s.Kept = p.Completed, p.Kept
		s.Checking = p.Unchecked > 0 || h.verifying.Load() > 0
	}
	s.Fault, s.MirrorFault = h.currentFault(), h.mirrorFaults.say()
	return s
}
