package swarm

import (
	"sync"

	"wtptui/engine/swarm/torrent"
)

// traffic sums a torrent's counters over all its times in the swarm. The zero value is ready to use.
type traffic struct {
	mu       sync.Mutex
	previous transferred
	current  *torrent.Torrent // nil while the torrent is not in its swarm
}

// transferred holds numbers of bytes of content.
type transferred struct{ down, up int64 }

func (t *transferred) add(o transferred) {
	t.down += o.down
	t.up += o.up
}

// start must be called when the torrent joins a swarm, and stop after it has left.
func (t *traffic) start(peers *torrent.Torrent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = peers
}

func (t *traffic) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.previous = t.sumLocked()
	t.current = nil
}

// sum returns what was transferred in all times.
func (t *traffic) sum() transferred {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sumLocked()
}

func (t *traffic) sumLocked() transferred {
	all := t.previous
	if t.current != nil {
		s := t.current.Stats()
		all.add(transferred{s.Down, s.Up})
	}
	return all
}

// Transferred returns how many bytes of content all torrents, dropped ones included, have fetched and sent since the
// client started. It never decreases.
func (c *Client) Transferred() (down, up int64) {
	sum := c.torrents.transferred()
	return sum.down, sum.up
}
