package copies

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	// Memory is for how long a tracker's report and a peer that was met count.
	Memory = 24 * time.Hour
	// maxPeers and maxTrackers limit what is remembered of one torrent. The oldest entry is replaced, so at most
	// maxPeers copies are counted by meeting peers.
	maxPeers    = 256
	maxTrackers = 32
	// recountInterval is how old a count may be if only time has passed.
	recountInterval = time.Minute
)

// Sighting is the state of a peer when it says what it has, or disconnects.
type Sighting struct {
	// ID is the peer's id (BEP 3).
	ID [20]byte
	// Addr is where the peer can be dialed; its port is 0 if unknown.
	Addr netip.AddrPort
	// Web reports that it is connected over WebRTC.
	Web bool
	// Complete reports that it has everything, Traded that it has sent or received a verified piece.
	Complete, Traded bool
}

// Count is how many others have all of a torrent.
type Count struct {
	// Copies is the larger of the highest number of seeds that one tracker reports, without this client, and the
	// number of complete peers that were met in the last day. It is -1 while there is neither a report nor a peer.
	Copies int
	// WebCopies is the same for WebTorrent trackers and peers over WebRTC.
	WebCopies int
	// Proven is how many complete peers have sent or received a verified piece in the last day. Those of one public
	// address (a /64 in IPv6) count once, and browsers, which disappear when their tab is closed, do not count. It
	// cannot be forged without exchanging pieces from as many addresses.
	Proven int
	// Tracked is the highest number that a tracker reports; -1 while none has.
	Tracked int
}

// Counter counts the copies of one torrent. The zero value is ready to use. Its methods may be called from many
// goroutines, and do not block.
type Counter struct {
	// Changed, if not nil, is called when the counts may have changed, by the goroutine that reports it.
	Changed func()

	mu      sync.Mutex
	reports reports
	last    Count
	// countedAt is when last was computed, in Unix seconds; 0 if something has changed since.
	countedAt int64
}

// TrackerReported records the number of seeds that a tracker reports besides this client. web reports that it is a
// WebTorrent tracker.
func (c *Counter) TrackerReported(url string, web bool, seeds int, now time.Time) {
	t := tracker{url: maphash.String(seed, url), at: now.Unix(), seeds: int32(min(max(seeds, 0), 1<<30)), web: web}
	c.update(func() { c.reports.addTracker(t) })
}

// PeerSighted records a peer that has said what it has.
func (c *Counter) PeerSighted(s Sighting, now time.Time) {
	c.update(func() { c.reports.addSighting(s, now.Unix()) })
}

func (c *Counter) update(hear func()) {
	c.mu.Lock()
	hear()
	c.countedAt = 0
	c.mu.Unlock()
	if c.Changed != nil {
		c.Changed()
	}
}

// Count returns the current numbers.
func (c *Counter) Count(now time.Time) Count {
	at := now.Unix()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.countedAt == 0 || at-c.countedAt >= int64(recountInterval/time.Second) || at < c.countedAt {
		c.last, c.countedAt = c.reports.count(at), at
	}
	return c.last
}

// CompletePeersSince returns how many different peers with all of it were met since a time, whatever trackers report.
func (c *Counter) CompletePeersSince(since time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	complete, _, _ := c.reports.countPeers(since.Unix())
	return complete
}
