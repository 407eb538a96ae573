package swarm

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/torrent"
)

// How long a torrent's numbers from the library are good: they cost its one lock. While nobody is connected hardly
// anything can change.
const (
	busyStats = 200 * time.Millisecond
	idleStats = 10 * time.Second
)

// traffic keeps a torrent's counters over all its times in the swarm.
type traffic struct {
	peers, web atomic.Int32 // connections
	changed    atomic.Bool  // connections came or went since numbers were taken

	statMu sync.Mutex
	at     time.Time
	last   Stats // of the library's torrent, without what it was in earlier times
	before transferred
	kept   *torrent.Torrent // the one that before was added of last: its numbers are not taken again
}

// transferred are bytes of content.
type transferred struct{ down, up int64 }

func (t *transferred) add(s Stats) {
	t.down += s.Downloaded
	t.up += s.Uploaded
}

// Transferred is how many bytes of content all torrents have fetched and sent since the client started, those included
// that were dropped. It never falls.
func (c *Client) Transferred() (down, up int64) {
	c.mu.Lock()
	sum, handles := c.left, c.handlesLocked()
	c.mu.Unlock()
	for _, h := range handles {
		sum.add(h.traffic.sample(h.lib.Load()))
	}
	return sum.down, sum.up
}

// sample asks the library for a torrent's numbers, seldom when it is idle. lt may be nil.
func (t *traffic) sample(lt *torrent.Torrent) Stats {
	t.statMu.Lock()
	defer t.statMu.Unlock()
	age := busyStats
	if t.peers.Load() == 0 {
		age = idleStats
	}
	if lt != nil && lt != t.kept && (time.Since(t.at) >= age || t.peers.Load() == 0 && t.changed.Swap(false)) {
		t.take(lt)
	}
	s := t.last
	s.Downloaded += t.before.down
	s.Uploaded += t.before.up
	s.Peers, s.WebPeers = int(t.peers.Load()), int(t.web.Load())
	s.Seeds = min(s.Seeds, s.Peers)
	return s
}

func (t *traffic) take(lt *torrent.Torrent) {
	ls := lt.Stats()
	t.at = time.Now()
	t.last = Stats{
		Seeds: ls.ConnectedSeeders, Known: ls.TotalPeers,
		Downloaded: ls.BytesReadUsefulData.Int64(), Uploaded: ls.BytesWrittenData.Int64(),
	}
}

// keep adds the numbers of a time in the swarm that ends to those before.
func (t *traffic) keep(lt *torrent.Torrent) {
	t.statMu.Lock()
	defer t.statMu.Unlock()
	t.take(lt)
	t.before.add(t.last)
	t.kept = lt
	t.last = Stats{}
	t.at = time.Time{}
}

// Stats implements Torrent.
func (h *handle) Stats() Stats {
	lt := h.lib.Load()
	s := h.traffic.sample(lt)
	if data := h.data.Load(); data != nil {
		p := data.Progress()
		s.Completed, s.Kept = p.Completed, p.Kept
		s.Checking = p.Unchecked > 0 || h.verifying.Load() > 0
	}
	s.Fault = h.currentFault()
	return s
}
