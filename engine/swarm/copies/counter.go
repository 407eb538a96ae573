package copies

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	// Memory is for how long a tracker's answer and a peer that was met count.
	Memory = 24 * time.Hour
	// mostPeers and mostTrackers bound what is remembered of one torrent. Beyond them the oldest is forgotten, so that no
	// more than mostPeers copies are counted by meeting them.
	mostPeers    = 256
	mostTrackers = 32
	// recount is how old a count may be of which nothing has changed but the time.
	recount = time.Minute
)

// Sighting is a peer at the moment at which it says what it has, or leaves.
type Sighting struct {
	// ID is the peer's id (BEP 3).
	ID [20]byte
	// Addr is where the peer can be called; its port is 0 if that is not known.
	Addr netip.AddrPort
	// Web says that it is connected over WebRTC.
	Web bool
	// Complete says that it has everything. Traded says that it gave, or took, a verified piece.
	Complete, Traded bool
}

// Count is how many others have all of a torrent.
type Count struct {
	// Copies is the larger of the highest number of seeds that one tracker counts, without this client, and of the
	// complete peers that were met in the last day. It is -1 while no tracker and no peer has told.
	Copies int
	// WebCopies is the same of WebTorrent trackers and of peers over WebRTC.
	WebCopies int
	// Proven is how many complete peers have given or taken a verified piece in the last day: those of a public address
	// (a /64 in IPv6) are one, and browsers, which go when their tab is closed, are none. Nobody can lie about these
	// without giving or taking pieces from as many addresses.
	Proven int
	// Tracked is how many a tracker counts at most; -1 while none has told.
	Tracked int
}

// Counter counts the copies of one torrent. The zero value is ready, and knows nothing. Its methods may be called from
// many goroutines, and do not wait.
type Counter struct {
	// Changed, when it is not nil, is called when something else is known than before, by whoever tells it.
	Changed func()

	mu    sync.Mutex
	heard reports
	last  Count
	// counted is when last was counted, in seconds since 1970; 0 if something has changed since.
	counted int64
}

// Told takes the number of seeds that a tracker counts besides this client. web says that it is a WebTorrent tracker.
func (c *Counter) Told(url string, web bool, seeds int, now time.Time) {
	t := tracker{url: maphash.String(seed, url), at: now.Unix(), seeds: int32(min(max(seeds, 0), 1<<30)), web: web}
	c.note(func() { c.heard.told(t) })
}

// Seen takes a peer that has said what it has.
func (c *Counter) Seen(s Sighting, now time.Time) {
	c.note(func() { c.heard.seen(s, now.Unix()) })
}

func (c *Counter) note(hear func()) {
	c.mu.Lock()
	hear()
	c.counted = 0
	c.mu.Unlock()
	if c.Changed != nil {
		c.Changed()
	}
}

// Count returns how many copies there are now.
func (c *Counter) Count(now time.Time) Count {
	at := now.Unix()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted == 0 || at-c.counted >= int64(recount/time.Second) || at < c.counted {
		c.last, c.counted = c.heard.count(at), at
	}
	return c.last
}

// Met returns how many different peers with all of it were met since a time, whatever trackers say.
func (c *Counter) Met(since time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	complete, _, _ := c.heard.countPeers(since.Unix())
	return complete
}
