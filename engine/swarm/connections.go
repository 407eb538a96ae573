package swarm

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"wtptui/engine"
	"wtptui/engine/swarm/publicnet"
)

// connections knows all connections of all torrents, and shares the budget among torrents. The library calls it back
// under its own lock, so it never calls the library except from run.
type connections struct {
	c    *Client
	wake chan struct{}
	// unwanted are connections over the budget, or to liars, for run to end.
	unwanted chan *torrent.PeerConn

	info *infoServer

	mu     sync.Mutex
	open   map[*torrent.PeerConn]*connection
	gone   *sync.Cond // signals that there is one less in open
	shares map[*handle]int
	inward bool // a connection has come from a public address
}

// connection is what is kept of one.
type connection struct {
	torrent *handle
	wire    *peerConn // what it goes over; nil if that is not known
	via     engine.Via
	since   time.Time
	// encrypted connections are obfuscated (MSE).
	encrypted bool
	// interested and choking are what the peer said last; a peer chokes at first.
	interested, choking bool
	// informed says that the peer has the info dictionary, or knows somebody who has.
	informed   bool
	handshakes int // extended ones that it has sent
	// exchanging says that peers are exchanged with it (BEP 11), and named is how many addresses it has named.
	exchanging bool
	named      int
	// hasDHT says that it has named the port of its DHT node (BEP 5).
	hasDHT bool
	giver  *giver
	// pipeline bounds the blocks that are asked of it and have not come.
	pipeline pipeline
	// above is more than the number of any piece that the peer has said to have.
	above int
	rate  rateMeter
}

func newConnections(c *Client) *connections {
	s := &connections{
		c: c, wake: make(chan struct{}, 1), unwanted: make(chan *torrent.PeerConn, 64),
		info: newInfoServer(), open: make(map[*torrent.PeerConn]*connection), shares: make(map[*handle]int),
	}
	s.gone = sync.NewCond(&s.mu)
	return s
}

func (s *connections) register(cb *torrent.Callbacks) {
	cb.PeerConnAdded = append(cb.PeerConnAdded, s.added)
	cb.PeerConnClosed = s.closed
	cb.ReadMessage = s.message
	cb.ReadExtendedHandshake = s.introduced
	cb.PeerConnReadExtensionMessage = append(cb.PeerConnReadExtensionMessage, s.extended)
	cb.ReceivedUsefulData = append(cb.ReceivedUsefulData, s.received)
	cb.CompletedHandshake = func(pc *torrent.PeerConn, _ metainfo.Hash) {
		s.c.online.answered()
		s.c.sockets.shaken(keyOf(pc))
	}
}

func (s *connections) added(pc *torrent.PeerConn) {
	pc.LocalLtepProtocolMap = &handedOver
	if pc.Torrent().Info() == nil {
		pc.LocalLtepProtocolMap = &collected
	}
	h := s.c.handle(pc.Torrent().InfoHash())
	if h == nil {
		return
	}
	conn := &connection{torrent: h, via: viaOf(pc.Network), since: time.Now(), choking: true, pipeline: newPipeline()}
	pc.PeerMaxRequests = conn.pipeline.limit()
	if conn.wire = s.c.sockets.claim(keyOf(pc)); conn.wire != nil {
		conn.encrypted = conn.wire.first.Load() == obfuscated
	}
	ap, isInternet := addrPort(pc.RemoteAddr)
	conn.giver = &giver{pc: pc, id: pc.PeerID, addr: ap.Addr()}
	if pc.Discovery != torrent.PeerSourceIncoming && isInternet {
		h.known.add(ap)
	}
	s.mu.Lock()
	s.open[pc] = conn
	surplus := s.overBudget(pc, h)
	if s.c.sockets.offenders.isBanned(pc.PeerID, ap.Addr(), conn.since) {
		surplus = pc
	}
	if pc.Discovery == torrent.PeerSourceIncoming && conn.via != engine.WebRTC && isInternet && publicnet.Is(ap.Addr()) {
		s.inward = true
	}
	s.mu.Unlock()
	h.traffic.peers.Add(1)
	if conn.via == engine.WebRTC {
		h.traffic.web.Add(1)
	}
	h.traffic.changed.Store(true)
	if surplus != nil {
		s.hangUpSoon(surplus)
	}
}

// hangUpSoon has run hang up on a peer, for the library's callbacks, which must not take long.
func (s *connections) hangUpSoon(pc *torrent.PeerConn) {
	select {
	case s.unwanted <- pc:
	default:
	}
}

func keyOf(pc *torrent.PeerConn) connKey {
	return connKey{viaOf(pc.Network), pc.RemoteAddr.String()}
}

func (s *connections) closed(pc *torrent.PeerConn) {
	s.mu.Lock()
	conn := s.open[pc]
	delete(s.open, pc)
	s.gone.Broadcast()
	s.mu.Unlock()
	if conn == nil {
		return // it never got as far as being added
	}
	conn.torrent.collector.left(pc)
	s.info.left(pc)
	t := &conn.torrent.traffic
	t.peers.Add(-1)
	if conn.via == engine.WebRTC {
		t.web.Add(-1)
	}
	t.changed.Store(true)
}

// hangUp ends a peer's connection, which the library then finds out. To tell the library itself would be quicker but not
// safe: it counts what a peer has until the peer is closed, and again, if the info dictionary becomes known then, until it
// has noticed. It panics at what is left of the count when it drops the torrent.
func (s *connections) hangUp(pc *torrent.PeerConn) {
	s.mu.Lock()
	conn := s.open[pc]
	s.mu.Unlock()
	switch {
	case conn == nil: // It has gone.
	case conn.wire != nil:
		_ = conn.wire.Close()
	default:
		_ = pc.Close()
	}
}

// endStalled makes room when too much waits to be sent: those who have read nothing for longest lose their connections.
func (s *connections) endStalled(now time.Time) {
	if s.c.sockets.unread.Load() <= unreadInAll {
		return
	}
	type idle struct {
		pc    *torrent.PeerConn
		since time.Time
		bytes int64
	}
	var all []idle
	s.mu.Lock()
	for pc, conn := range s.open {
		if conn.wire == nil {
			continue
		}
		if n, since := conn.wire.backlog.unread(); !since.IsZero() && now.Sub(since) >= stalled {
			all = append(all, idle{pc, since, n})
		}
	}
	s.mu.Unlock()
	slices.SortFunc(all, func(a, b idle) int { return a.since.Compare(b.since) })
	for excess := s.c.sockets.unread.Load() - unreadInAll; excess > 0 && len(all) > 0; all = all[1:] {
		s.hangUp(all[0].pc)
		excess -= all[0].bytes
	}
}

// introduced hears a peer's extended handshake (BEP 10) before the library does, and notes whether the peer can tell the
// info dictionary (BEP 9).
func (s *connections) introduced(pc *torrent.PeerConn, m *pp.ExtendedHandshakeMessage) {
	// Transmission 3.00 says that it takes 512 requests, takes 511 and drops the last without a word, while the library
	// makes no further requests until all have been answered: with no other peer the download would never end.
	if m.Reqq > 1 {
		m.Reqq--
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.open[pc]
	if conn == nil {
		return
	}
	if m.Reqq > 0 {
		conn.pipeline.most = m.Reqq
		m.Reqq = conn.pipeline.limit()
	}
	conn.informed = conn.informed || m.MetadataSize > 0
	// A handshake may be repeated, but each time the library would begin to exchange peers anew (BEP 11), and never end
	// what it had begun before.
	if !conn.exchanging {
		conn.exchanging = m.M[pp.ExtensionNamePex] != 0
		return
	}
	if m.M == nil {
		m.M = make(map[pp.ExtensionName]pp.ExtensionNumber)
	}
	m.M[pp.ExtensionNamePex] = 0
}

// joined and left tell of a torrent that enters or quits its swarm.
func (s *connections) joined(h *handle) {
	s.mu.Lock()
	s.shares[h] = s.c.firstShare()
	s.mu.Unlock()
	s.nudge()
}

func (s *connections) left(h *handle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.shares, h)
}

func (s *connections) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// wait returns when the library has closed all connections, which it does soon after it was closed itself.
func (s *connections) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 {
		s.gone.Wait()
	}
}

// run shares the budget, and lets lonely torrents try their peers again, until ctx ends.
func (s *connections) run(ctx context.Context) {
	share, retry := time.NewTicker(shareEvery), time.NewTicker(retryEvery)
	defer share.Stop()
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case pc := <-s.unwanted:
			s.hangUp(pc)
		case <-s.wake:
			s.share()
		case <-share.C:
			s.share()
		case now := <-retry.C:
			s.endStalled(now)
			for _, h := range s.c.handles() {
				h.retry(now)
			}
		}
	}
}
