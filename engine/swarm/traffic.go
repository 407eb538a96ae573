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
	sum := c.torrents.transferred()
	return sum.down, sum.up
}
