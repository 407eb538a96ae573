package torrent

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

const (
	// mostCalls is how many calls of one torrent may be under way.
	mostCalls = 16
	// enoughPeers is how many connections a torrent that is complete makes of its own accord.
	enoughPeers = 20
	// slowCall is after how long help is asked for with a call.
	slowCall = time.Second
	// apartTime is how long peers that have everything do not call each other, and mostApart how many are remembered.
	apartTime = 30 * time.Minute
	mostApart = 50
)

// meeting knows whom to call, and who is being called.
type meeting struct {
	o     *owner
	book  *dial.Book
	met   chan called
	calls map[netip.AddrPort]*call
	// crowded is until when nobody is called since there is no room.
	crowded time.Time
	// apart are those that were not needed when everything was here.
	apart  []twin
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// call is one that is under way.
type call struct {
	since  time.Time
	helped bool // help has been asked for
}

// twin is a peer that has everything, as we have, and where it was found.
type twin struct {
	addr   netip.AddrPort
	origin Source
}

// called is what has come of a call.
type called struct {
	addr   netip.AddrPort
	origin Source
	conn   *wire.Conn
	via    engine.Via
	err    error
}

func newMeeting(o *owner) *meeting {
	m := &meeting{
		o: o, met: make(chan called), calls: make(map[netip.AddrPort]*call), book: dial.NewBook(o.cfg.Own, rand.Uint64()),
	}
	m.ctx, m.cancel = context.WithCancel(o.ctx)
	return m
}

func (m *meeting) found(origin Source, peers []netip.AddrPort) {
	if m.o.fetch.private() && !isPrivate(origin) {
		return
	}
	m.book.Found(origin, peers, time.Now())
	m.o.t.counts.known.Store(int32(m.known()))
}

// foundBy makes peers known that a peer has named.
func (m *meeting) foundBy(p *peer, peers []netip.AddrPort) {
	m.book.FoundBy(p.addr.Addr(), peers, time.Now())
	m.o.t.counts.known.Store(int32(m.known()))
}

// isPrivate reports whether peers of a private torrent may be found there (BEP 27).
func isPrivate(origin Source) bool {
	return origin == dial.Given || origin == dial.Tracker || origin == incoming
}

// keepPrivate forgets the peers that the swarm of a private torrent must not know.
func (m *meeting) keepPrivate() { m.book.Keep(isPrivate) }

func (m *meeting) known() int { return m.book.Len() }

// wish is how many more connections are wanted.
func (m *meeting) wish() int {
	if m.o.cfg.Caller == nil {
		return 0
	}
	most := m.o.maxPeers
	if m.o.fetch.opened() && m.o.fetch.picker.Missing() == 0 {
		most = min(most, enoughPeers)
	}
	return min(most-m.o.count(), mostCalls) - len(m.calls)
}

// call calls those whose turn it is.
func (m *meeting) call(now time.Time) {
	n := m.wish()
	if n <= 0 || m.book.Len() == 0 || now.Before(m.crowded) {
		return
	}
	for _, addr := range m.book.Next(now, n) {
		m.calls[addr] = &call{since: now}
		origin := m.book.OriginOf(addr)
		m.wg.Go(func() {
			c, via, err := m.o.cfg.Caller.Meet(m.ctx, addr, m.o.cfg.Ours)
			select {
			case m.met <- called{addr, origin, c, via, err}:
			case <-m.ctx.Done():
				if c != nil {
					c.Close()
				}
			}
		})
	}
}

// tick asks for help with calls that take long.
func (m *meeting) tick(now time.Time) {
	for addr, c := range m.calls {
		if !c.helped && now.Sub(c.since) >= slowCall {
			c.helped = true
			m.o.punch(addr)
		}
	}
}

// when is when somebody is to be called again.
func (m *meeting) when() time.Time {
	if m.wish() <= 0 {
		return time.Time{}
	}
	when := m.book.When()
	if when.IsZero() || when.After(m.crowded) {
		return when
	}
	return m.crowded
}

// called takes what has come of a call.
func (o *owner) called(c called) {
	m := o.meeting
	under := m.calls[c.addr] // nil if the same was called twice, having been forgotten meanwhile
	delete(m.calls, c.addr)
	if c.err != nil {
		if under != nil && !under.helped {
			o.punch(c.addr)
		}
		o.cfg.Log.Debug("a peer cannot be reached", "peer", c.addr, "err", c.err)
		m.book.Failed(c.addr, c.err, time.Now())
		return
	}
	if o.fetch.private() && !isPrivate(c.origin) {
		c.conn.Close()
		return
	}
	if !o.cfg.Events.Met(c.conn.Theirs().PeerID, c.addr.Addr()) {
		m.book.Met(c.addr)
		m.book.Gone(c.addr, time.Now(), false)
		c.conn.Close()
		return
	}
	o.join(c.conn, c.via, c.origin)
}

// part hangs up on a peer when both have everything: the place is for those who lack something. Browsers stay as long
// as nobody needs their places: they cannot be called again.
func (o *owner) part(p *peer) {
	fixed := p.via == engine.WebSeed || p.via == engine.WebRTC
	if !o.fetch.whole || p.pick == nil || !p.pick.Seed() || p.interestedInUs || fixed {
		return
	}
	m, until := o.meeting, time.Now().Add(apartTime)
	for _, addr := range p.leads {
		m.apart = append(m.apart, twin{addr, m.book.OriginOf(addr)})
		m.book.Ban(addr, until)
	}
	m.apart = m.apart[max(0, len(m.apart)-mostApart):]
	o.hangUp(p)
}

// partAll is called when everything has come.
func (o *owner) partAll() {
	for p := range o.peers {
		o.part(p)
	}
}

// reunite has those called again who have everything, when something is missing after all.
func (m *meeting) reunite() {
	now := time.Now()
	for _, t := range m.apart {
		m.book.Ban(t.addr, now)
		m.book.Found(t.origin, []netip.AddrPort{t.addr}, now)
	}
	m.apart = nil
}

func (m *meeting) end() {
	m.cancel()
	m.wg.Wait()
}
