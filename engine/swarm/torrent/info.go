package torrent

import (
	"log/slog"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

const (
	infoPartSize = 16 << 10 // BEP 9
	// maxInfoSenders is how many peers are asked for the info dictionary in parallel, each for all of it: a single
	// liar must not spoil it for all. Slow senders do not count.
	maxInfoSenders = 3
	// maxParallelInfoSize is the largest dictionary, in bytes, that is requested from several peers at once. For a
	// larger one the other copies would only delay the first.
	maxParallelInfoSize = 256 << 10
	// A sender is slow after slowInfoTimeout, plus slowInfoPartTime for each part that it has sent. It may be dropped
	// to make room for another after staleInfoTimeout, plus staleInfoPartTime for each part.
	slowInfoTimeout   = 3 * time.Second
	slowInfoPartTime  = 250 * time.Millisecond
	staleInfoTimeout  = 10 * time.Second
	staleInfoPartTime = time.Second
	// infoWindow is how many parts are requested from one peer at a time.
	infoWindow = 32
	// maxCollectedBytes limits the memory of all downloads: two dictionaries of the maximum size.
	maxCollectedBytes = 2 * engine.MaxMetainfoSize
)

// infoCollector downloads the info dictionary (BEP 9) from several peers, from each separately, until one copy is
// right.
type infoCollector struct {
	peers members
	// verify is Events.InfoReceived. expel bans a peer and closes its connection.
	verify func(info []byte) bool
	expel  func(*peer)
	log    *slog.Logger

	bytes         int
	activeSenders int
	// verified reports that a right dictionary was found, and the torrent is being opened.
	verified bool
}

// infoDownload is the info dictionary as far as one peer has sent it.
type infoDownload struct {
	raw                    []byte
	received               []bool
	missing, requested     int
	started                time.Time
	active, slow, finished bool
}

// startDownload requests the info dictionary from a peer if one more download is allowed.
func (c *infoCollector) startDownload(p *peer, now time.Time) {
	size := p.hello.InfoSize
	switch {
	case c.verified || !p.hello.Metadata || size <= 0 || size > engine.MaxMetainfoSize:
		return
	case p.infoDownload != nil && (p.infoDownload.active || p.infoDownload.finished):
		return
	case c.activeSenders >= maxInfoSenders || c.activeSenders > 0 && size > maxParallelInfoSize:
		return
	case c.bytes+size > maxCollectedBytes && !c.dropStaleDownload(now):
		return
	}
	n := (size + infoPartSize - 1) / infoPartSize
	p.infoDownload = &infoDownload{
		raw: make([]byte, size), received: make([]bool, n), missing: n, started: now, active: true,
	}
	c.bytes += size
	c.activeSenders++
	c.sendRequests(p)
}

// sendRequests keeps infoWindow requests outstanding.
func (c *infoCollector) sendRequests(p *peer) {
	t := p.infoDownload
	got := len(t.received) - t.missing
	for t.requested < len(t.received) && t.requested-got < infoWindow {
		p.conn.Send(wire.Message{Type: wire.InfoRequest, Info: wire.InfoMsg{Piece: t.requested}})
		t.requested++
	}
}

// handlePart handles a part, or the peer's refusal to send it.
func (c *infoCollector) handlePart(p *peer, m wire.Message) {
	t := p.infoDownload
	if t == nil || !t.active || c.verified {
		return
	}
	if m.Type == wire.InfoReject {
		c.stopDownload(p)
		t.finished = true
		c.startDownloads(time.Now())
		return
	}
	i := m.Info.Piece
	switch {
	case m.Info.Size != len(t.raw) || i >= len(t.received) || t.received[i]:
		return
	case len(m.Info.Data) != min(infoPartSize, len(t.raw)-i*infoPartSize):
		return
	}
	copy(t.raw[i*infoPartSize:], m.Info.Data)
	t.received[i] = true
	t.missing--
	if t.missing > 0 {
		c.sendRequests(p)
		return
	}
	raw := t.raw
	c.stopDownload(p)
	t.finished = true // It has sent all of it.
	if c.verified = c.verify(raw); !c.verified {
		c.log.Info("a peer sent a wrong info dictionary", "peer", p.name)
		c.expel(p)
		c.startDownloads(time.Now())
	}
}

// stopDownload stops a download and frees its memory.
func (c *infoCollector) stopDownload(p *peer) {
	t := p.infoDownload
	c.bytes -= len(t.raw)
	if !t.slow {
		c.activeSenders--
	}
	t.active, t.raw = false, nil
}

// startDownloads starts downloads from further peers as far as the limits allow.
func (c *infoCollector) startDownloads(now time.Time) {
	for p := range c.peers {
		c.startDownload(p, now)
	}
}

// tick marks slow downloads, and starts others in their place.
func (c *infoCollector) tick(now time.Time) {
	if c.verified {
		return
	}
	for p := range c.peers {
		if t := p.infoDownload; t != nil && t.active && !t.slow && t.isLate(now, slowInfoTimeout, slowInfoPartTime) {
			t.slow = true
			c.activeSenders--
		}
	}
	c.startDownloads(now)
}

// dropStaleDownload stops a download that has been slow for long, and reports whether there was one.
func (c *infoCollector) dropStaleDownload(now time.Time) bool {
	for p := range c.peers {
		if t := p.infoDownload; t != nil && t.slow && t.active && t.isLate(now, staleInfoTimeout, staleInfoPartTime) {
			c.stopDownload(p)
			t.finished = true
			return true
		}
	}
	return false
}

// isLate reports whether a download has taken longer than first, plus each for every part received.
func (t *infoDownload) isLate(now time.Time, first, each time.Duration) bool {
	return now.Sub(t.started) > first+time.Duration(len(t.received)-t.missing)*each
}

// close drops all downloads: the dictionary is known.
func (c *infoCollector) close() {
	c.verified, c.bytes, c.activeSenders = true, 0, 0
	for p := range c.peers {
		p.infoDownload = nil
	}
}

func (c *infoCollector) handlePeerGone(p *peer) {
	if p.infoDownload != nil && p.infoDownload.active {
		c.stopDownload(p)
		c.startDownloads(time.Now())
	}
}
