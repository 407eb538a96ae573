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
	// maxDials is how many dials of one torrent may be in progress.
	maxDials = 16
	// slowDialTime is after how long a holepunch is requested for a dial.
	slowDialTime = time.Second
	// seedRedialDelay is how long a seed is not dialed when we are a seed too. maxDroppedSeeds is how many of their
	// addresses are remembered.
	seedRedialDelay = 30 * time.Minute
	maxDroppedSeeds = 50
	// liarBanTime is how long a peer that has sent wrong data is not dialed.
	liarBanTime = time.Hour
	// maxPeerAddrs is how many addresses of one connected peer are remembered.
	maxPeerAddrs = 8
)

// connector holds the known addresses of peers, and dials them.
type connector struct {
	cfg        *Config
	storage    *storage
	peers      members
	knownCount *atomic.Int32 // number of known addresses, published

	book    *dial.Book
	results chan dialResult // of dials
	dials   map[netip.AddrPort]*dialAttempt
	// pausedUntil is until when nobody is dialed, since the limit of all torrents is reached.
	pausedUntil time.Time
	// droppedSeeds holds the seeds that were disconnected when everything was complete here.
	droppedSeeds []seedAddr
	ctx          context.Context
	cancel       context.CancelFunc
	wg           sync.WaitGroup
}

// dialAttempt is a dial in progress.
type dialAttempt struct {
	since       time.Time
	holepunched bool // a holepunch has been requested
}

// seedAddr is the address of a dropped seed, and where it was found.
type seedAddr struct {
	addr   netip.AddrPort
	origin Source
}

// dialResult is the result of a dial.
type dialResult struct {
	addr   netip.AddrPort
	origin Source
	conn   *wire.Conn
	via    engine.Via
	err    error
}

func (m *connector) addFound(origin Source, peers []netip.AddrPort) {
	if m.storage.private() && !isAllowedInPrivate(origin) {
		return
	}
	m.book.Add(origin, peers, time.Now())
	m.markConnected(peers)
}

// addFoundBy adds addresses that a peer has sent.
func (m *connector) addFoundBy(p *peer, peers []netip.AddrPort) {
	m.book.AddFromPeer(p.addr.Addr(), peers, time.Now())
	m.markConnected(peers)
}

// markConnected prevents peers from being dialed that have dialed us: of two connections to a peer one is closed, with
// all its data in flight.
func (m *connector) markConnected(named []netip.AddrPort) {
	connected := m.peers.byDialAddr()
	for _, addr := range named {
		if connected[addr] != nil {
			m.book.SetConnected(addr)
		}
	}
	m.publishKnownCount()
}

// isAllowedInPrivate reports whether peers of a private torrent may come from an origin (BEP 27).
func isAllowedInPrivate(origin Source) bool {
	return origin == dial.Given || origin == dial.Tracker || origin == incoming
}

// dropForbiddenOrigins removes the addresses that a private torrent must not use.
func (m *connector) dropForbiddenOrigins() { m.book.RetainOrigins(isAllowedInPrivate) }

// publishKnownCount publishes how many addresses are known.
func (m *connector) publishKnownCount() { m.knownCount.Store(int32(m.book.Len())) }

// wantedDials returns how many more dials to start when so many slots are free.
func (m *connector) wantedDials(free int) int {
	if m.cfg.Dialer == nil {
		return 0
	}
	return min(free, maxDials) - len(m.dials)
}

// dialNext starts dials to the peers that are due.
func (m *connector) dialNext(now time.Time, free int) {
	n := m.wantedDials(free)
	if n <= 0 || m.book.Len() == 0 || now.Before(m.pausedUntil) {
		return
	}
	for _, addr := range m.book.Next(now, n) {
		m.dials[addr] = &dialAttempt{since: now}
		origin := m.book.OriginOf(addr)
		m.wg.Go(func() {
			c, via, err := m.cfg.Dialer.Dial(m.ctx, addr, m.cfg.Handshake)
			select {
			case m.results <- dialResult{addr, origin, c, via, err}:
			case <-m.ctx.Done():
				if c != nil {
					c.Close()
				}
			}
		})
	}
}

// slowDials returns the addresses of the dials that have taken slowDialTime, each once: they need a holepunch.
func (m *connector) slowDials(now time.Time) (all []netip.AddrPort) {
	for addr, c := range m.dials {
		if !c.holepunched && now.Sub(c.since) >= slowDialTime {
			c.holepunched = true
			all = append(all, addr)
		}
	}
	return all
}

// nextDialTime returns when the next peer is to be dialed, the zero time if none is.
func (m *connector) nextDialTime(free int) time.Time {
	if m.wantedDials(free) <= 0 {
		return time.Time{}
	}
	when := m.book.NextTime()
	if when.IsZero() || when.After(m.pausedUntil) {
		return when
	}
	return m.pausedUntil
}

// handleFailedDial records that a peer cannot be reached. It reports whether a holepunch should be requested now.
func (m *connector) handleFailedDial(c dialResult) bool {
	attempt := m.dials[c.addr] // nil if the address was forgotten, and dialed twice
	delete(m.dials, c.addr)
	m.cfg.Log.Debug("a peer cannot be reached", "peer", c.addr, "err", c.err)
	m.book.SetFailed(c.addr, c.err, time.Now())
	return attempt != nil && !attempt.holepunched
}

// admitDialed reports whether the connection to a dialed peer may stay. Otherwise it closes the connection.
func (m *connector) admitDialed(c dialResult) bool {
	delete(m.dials, c.addr)
	if m.storage.private() && !isAllowedInPrivate(c.origin) {
		c.conn.Close()
		return false
	}
	if !m.cfg.Events.PeerDialed(c.conn.Theirs().PeerID, c.addr.Addr()) {
		m.book.SetConnected(c.addr)
		m.book.SetDisconnected(c.addr, time.Now(), false)
		c.conn.Close()
		return false
	}
	return true
}

// banDroppedSeed prevents a seed from being dialed for seedRedialDelay. redialSeeds ends that earlier.
func (m *connector) banDroppedSeed(p *peer) {
	for _, addr := range p.dialAddrs {
		m.droppedSeeds = append(m.droppedSeeds, seedAddr{addr, m.book.OriginOf(addr)})
	}
	m.droppedSeeds = m.droppedSeeds[max(0, len(m.droppedSeeds)-maxDroppedSeeds):]
	m.ban(p, seedRedialDelay)
}

// ban prevents a peer from being dialed for a while.
func (m *connector) ban(p *peer, d time.Duration) {
	until := time.Now().Add(d)
	for _, addr := range p.dialAddrs {
		m.book.Ban(addr, until)
	}
}

// redialSeeds allows dropped seeds to be dialed again, when a piece is missing after all.
func (m *connector) redialSeeds() {
	now := time.Now()
	for _, t := range m.droppedSeeds {
		m.book.Ban(t.addr, now)
		m.book.Add(t.origin, []netip.AddrPort{t.addr}, now)
	}
	m.droppedSeeds = nil
}

// addPeerAddr records that the address of a new connection belongs to a connected peer: it is not dialed while that is
// connected.
func (m *connector) addPeerAddr(p, to *peer) {
	addr, ok := p.dialAddr()
	switch {
	case !ok || slices.Contains(to.dialAddrs, addr):
	case len(to.dialAddrs) >= maxPeerAddrs:
		m.noteNoSlot(p)
	default:
		m.book.SetConnected(addr)
		to.dialAddrs = append(to.dialAddrs, addr)
	}
}

// handlePeerGone records that a peer has disconnected and may be dialed again.
func (m *connector) handlePeerGone(p *peer) {
	for _, addr := range p.dialAddrs {
		m.book.SetDisconnected(addr, time.Now(), p.downloaded > 0 || p.up.Load() > 0)
	}
}

// noteNoSlot records that there was no slot for a dialed peer. That does not count as a failure of the peer.
func (m *connector) noteNoSlot(p *peer) { m.book.SetFailed(p.addr, context.Canceled, time.Now()) }

func (m *connector) close() {
	m.cancel()
	m.wg.Wait()
}
