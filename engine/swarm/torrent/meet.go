package torrent

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

const (
	// mostCalls is how many calls of one torrent may be under way.
	mostCalls = 16
	// slowCall is after how long help is asked for with a call.
	slowCall = time.Second
	// apartTime is how long peers that have everything do not call each other, and mostApart how many are remembered.
	apartTime = 30 * time.Minute
	mostApart = 50
	// liarTime is for how long a liar is not called.
	liarTime = time.Hour
	// mostLeads is how many addresses are known to lead to a peer.
	mostLeads = 8
)

// meeting knows where there are peers, whom to call, and who is being called.
type meeting struct {
	cfg     *Config
	storage *storage
	peers   members
	counted *atomic.Int32 // how many addresses are known

	book  *dial.Book
	met   chan called // what has come of calls
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

func (m *meeting) found(origin Source, peers []netip.AddrPort) {
	if m.storage.private() && !isPrivate(origin) {
		return
	}
	m.book.Found(origin, peers, time.Now())
	m.noteConnected(peers)
}

// foundBy makes peers known that a peer has named.
func (m *meeting) foundBy(p *peer, peers []netip.AddrPort) {
	m.book.FoundBy(p.addr.Addr(), peers, time.Now())
	m.noteConnected(peers)
}

// noteConnected keeps those from being called who have called us: of two connections to a peer one is ended, with all
// that is on its way.
func (m *meeting) noteConnected(named []netip.AddrPort) {
	connected := m.peers.callable()
	for _, addr := range named {
		if connected[addr] != nil {
			m.book.Met(addr)
		}
	}
	m.count()
}

// isPrivate reports whether peers of a private torrent may be found there (BEP 27).
func isPrivate(origin Source) bool {
	return origin == dial.Given || origin == dial.Tracker || origin == incoming
}

// keepPrivate forgets the peers that the swarm of a private torrent must not know.
func (m *meeting) keepPrivate() { m.book.Keep(isPrivate) }

// count publishes how many addresses are known.
func (m *meeting) count() { m.counted.Store(int32(m.book.Len())) }

// wish is how many more calls are wanted when there are so many free places.
func (m *meeting) wish(free int) int {
	if m.cfg.Caller == nil {
		return 0
	}
	return min(free, mostCalls) - len(m.calls)
}

// call calls those whose turn it is.
func (m *meeting) call(now time.Time, free int) {
	n := m.wish(free)
	if n <= 0 || m.book.Len() == 0 || now.Before(m.crowded) {
		return
	}
	for _, addr := range m.book.Next(now, n) {
		m.calls[addr] = &call{since: now}
		origin := m.book.OriginOf(addr)
		m.wg.Go(func() {
			c, via, err := m.cfg.Caller.Meet(m.ctx, addr, m.cfg.Ours)
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

// slow returns the calls that take long, each once: they need help.
func (m *meeting) slow(now time.Time) (all []netip.AddrPort) {
	for addr, c := range m.calls {
		if !c.helped && now.Sub(c.since) >= slowCall {
			c.helped = true
			all = append(all, addr)
		}
	}
	return all
}

// when is when somebody is to be called again.
func (m *meeting) when(free int) time.Time {
	if m.wish(free) <= 0 {
		return time.Time{}
	}
	when := m.book.When()
	if when.IsZero() || when.After(m.crowded) {
		return when
	}
	return m.crowded
}

// failed notes that a peer cannot be reached. It reports whether help may be of use, and was not asked for yet.
func (m *meeting) failed(c called) bool {
	under := m.calls[c.addr] // nil if the same was called twice, having been forgotten meanwhile
	delete(m.calls, c.addr)
	m.cfg.Log.Debug("a peer cannot be reached", "peer", c.addr, "err", c.err)
	m.book.Failed(c.addr, c.err, time.Now())
	return under != nil && !under.helped
}

// admits reports whether a peer that has been called may stay. Its connection is closed otherwise.
func (m *meeting) admits(c called) bool {
	delete(m.calls, c.addr)
	if m.storage.private() && !isPrivate(c.origin) {
		c.conn.Close()
		return false
	}
	if !m.cfg.Events.Met(c.conn.Theirs().PeerID, c.addr.Addr()) {
		m.book.Met(c.addr)
		m.book.Gone(c.addr, time.Now(), false)
		c.conn.Close()
		return false
	}
	return true
}

// part has a peer that has everything, as we have, not called for long, unless something is missing before.
func (m *meeting) part(p *peer) {
	for _, addr := range p.leads {
		m.apart = append(m.apart, twin{addr, m.book.OriginOf(addr)})
	}
	m.apart = m.apart[max(0, len(m.apart)-mostApart):]
	m.ban(p, apartTime)
}

// ban has a peer not called for a while.
func (m *meeting) ban(p *peer, d time.Duration) {
	until := time.Now().Add(d)
	for _, addr := range p.leads {
		m.book.Ban(addr, until)
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

// leads notes that the address of a new connection leads to a connected peer: it is not called meanwhile.
func (m *meeting) leads(p, to *peer) {
	addr, ok := p.dialable()
	switch {
	case !ok || slices.Contains(to.leads, addr):
	case len(to.leads) >= mostLeads:
		m.turnedAway(p)
	default:
		m.book.Met(addr)
		to.leads = append(to.leads, addr)
	}
}

// left notes that a peer is gone, and may be called again.
func (m *meeting) left(p *peer) {
	for _, addr := range p.leads {
		m.book.Gone(addr, time.Now(), p.useful > 0 || p.up.Load() > 0)
	}
}

// turnedAway notes that there was no place for a peer that was called. It is not its fault.
func (m *meeting) turnedAway(p *peer) { m.book.Failed(p.addr, context.Canceled, time.Now()) }

func (m *meeting) end() {
	m.cancel()
	m.wg.Wait()
}
