package torrent

import (
	"log/slog"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/wire"
)

const (
	infoPart = 16 << 10 // of BEP 9
	// mostTellers is how many peers are asked for the info dictionary at the same time, each for all of it: a single
	// liar must not spoil it for all. They are joined by others when they are slow.
	mostTellers = 3
	// mostTwice is how long a dictionary may be, in bytes, for several to be asked: of a longer one what they say would
	// only delay what the first one says.
	mostTwice = 256 << 10
	// A peer is slow after slowTeller and slowPart for each part that it has told. After lostTeller and lostPart it may
	// have to make room for another.
	slowTeller = 3 * time.Second
	slowPart   = 250 * time.Millisecond
	lostTeller = 10 * time.Second
	lostPart   = time.Second
	// infoWindow is how many parts are asked of one peer at a time.
	infoWindow = 32
	// maxCollected bounds what is kept of all peers: two dictionaries of the largest kind.
	maxCollected = 2 * engine.MaxMetainfo
)

// collector puts together the info dictionary that peers tell (BEP 9), each peer's for itself, until one is right.
type collector struct {
	peers members
	// told is Events.Told. expel hangs up on a liar.
	told  func(info []byte) bool
	expel func(*peer)
	log   *slog.Logger

	bytes   int
	tellers int
	// judged says that one was found to be right, and the torrent is being opened.
	judged bool
}

// infoParts is what one peer has told.
type infoParts struct {
	raw                   []byte
	have                  []bool
	missing, asked        int
	begun                 time.Time
	asking, slow, refused bool
}

// offer considers to ask a peer for the info dictionary.
func (c *collector) offer(p *peer, now time.Time) {
	size := p.hello.InfoSize
	switch {
	case c.judged || !p.hello.Metadata || size <= 0 || size > engine.MaxMetainfo:
		return
	case p.info != nil && (p.info.asking || p.info.refused):
		return
	case c.tellers >= mostTellers || c.tellers > 0 && size > mostTwice:
		return
	case c.bytes+size > maxCollected && !c.dropLost(now):
		return
	}
	n := (size + infoPart - 1) / infoPart
	p.info = &infoParts{raw: make([]byte, size), have: make([]bool, n), missing: n, begun: now, asking: true}
	c.bytes += size
	c.tellers++
	c.ask(p)
}

// ask keeps a window of requests open.
func (c *collector) ask(p *peer) {
	t := p.info
	got := len(t.have) - t.missing
	for t.asked < len(t.have) && t.asked-got < infoWindow {
		p.conn.Send(wire.Message{Type: wire.InfoRequest, Info: wire.InfoMsg{Piece: t.asked}})
		t.asked++
	}
}

// heard takes a part, or that the peer does not give it.
func (c *collector) heard(p *peer, m wire.Message) {
	t := p.info
	if t == nil || !t.asking || c.judged {
		return
	}
	if m.Type == wire.InfoReject {
		c.stop(p)
		t.refused = true
		c.next(time.Now())
		return
	}
	i := m.Info.Piece
	switch {
	case m.Info.Size != len(t.raw) || i >= len(t.have) || t.have[i]:
		return
	case len(m.Info.Data) != min(infoPart, len(t.raw)-i*infoPart):
		return
	}
	copy(t.raw[i*infoPart:], m.Info.Data)
	t.have[i] = true
	t.missing--
	if t.missing > 0 {
		c.ask(p)
		return
	}
	raw := t.raw
	c.stop(p)
	t.refused = true // It has told all that it knows.
	if c.judged = c.told(raw); !c.judged {
		c.log.Info("a peer told a wrong info dictionary", "peer", p.name)
		c.expel(p)
		c.next(time.Now())
	}
}

// stop ends to ask a peer.
func (c *collector) stop(p *peer) {
	t := p.info
	c.bytes -= len(t.raw)
	if !t.slow {
		c.tellers--
	}
	t.asking, t.raw = false, nil
}

// next asks those who have not been asked yet, as far as there is room.
func (c *collector) next(now time.Time) {
	for p := range c.peers {
		c.offer(p, now)
	}
}

// tick lets others tell what those do not who are slow.
func (c *collector) tick(now time.Time) {
	if c.judged {
		return
	}
	for p := range c.peers {
		if t := p.info; t != nil && t.asking && !t.slow && t.isLate(now, slowTeller, slowPart) {
			t.slow = true
			c.tellers--
		}
	}
	c.next(now)
}

// dropLost makes room at the expense of somebody who was asked long ago, and reports whether it could.
func (c *collector) dropLost(now time.Time) bool {
	for p := range c.peers {
		if t := p.info; t != nil && t.slow && t.asking && t.isLate(now, lostTeller, lostPart) {
			c.stop(p)
			t.refused = true
			return true
		}
	}
	return false
}

// isLate reports whether more time has passed than is allowed, each being what a part may take beside the first.
func (t *infoParts) isLate(now time.Time, first, each time.Duration) bool {
	return now.Sub(t.begun) > first+time.Duration(len(t.have)-t.missing)*each
}

// end forgets what was told: the dictionary is known.
func (c *collector) end() {
	c.judged, c.bytes, c.tellers = true, 0, 0
	for p := range c.peers {
		p.info = nil
	}
}

func (c *collector) left(p *peer) {
	if p.info != nil && p.info.asking {
		c.stop(p)
		c.next(time.Now())
	}
}
