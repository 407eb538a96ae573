package swarm

import (
	"net/netip"
	"time"

	"github.com/anacrolix/torrent"
	pp "github.com/anacrolix/torrent/peer_protocol"
	utHolepunch "github.com/anacrolix/torrent/peer_protocol/ut-holepunch"
)

// verdict is what is to be done with a message of a peer.
type verdict int

const (
	passOn  verdict = iota // to the library
	ignore                 // the library is not to see it
	endConn                // nor anything more of this peer
)

// Sizes of replies, in bytes.
const (
	rejectSize     = 17 // BEP 6
	infoRejectSize = 50 // BEP 9
	holepunchSize  = 40 // BEP 55, two of them at least
	hashesSize     = 49 // BEP 52, without the hashes
	hashSize       = 32
	mostHashes     = 8192 // that the library answers with
)

// mostHandshakes is how many extended handshakes of a peer count.
const mostHandshakes = 20

// message looks at what a peer says before the library does. It is called for each message there is, under the
// library's lock, so it must be quick. It may change the message.
func (s *connections) message(pc *torrent.PeerConn, m *pp.Message) {
	if m.Keepalive {
		return
	}
	switch s.judge(pc, m) {
	case passOn:
		return
	case endConn:
		s.hangUpSoon(pc)
	}
	m.Keepalive = true // which is a message without any effect
}

func (s *connections) judge(pc *torrent.PeerConn, m *pp.Message) verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.open[pc]
	if conn == nil {
		return passOn
	}
	now := time.Now()
	if conn.wire != nil {
		conn.wire.throttle.heard(now)
		conn.wire.throttle.moved(len(m.Piece))
	}
	switch m.Type {
	case pp.Choke, pp.Unchoke:
		conn.choking = m.Type == pp.Choke
	case pp.Interested, pp.NotInterested:
		conn.interested = m.Type == pp.Interested
	case pp.Have, pp.Bitfield, pp.HaveNone:
		if m.Type == pp.HaveNone {
			m.Type = pp.Bitfield // An empty one says the same, and is counted right: see claims.go.
		}
		if !conn.believes(m) {
			return endConn
		}
	case pp.AllowedFast:
		if m.Index.Int() >= conn.pieces() {
			return ignore
		}
	case pp.Piece:
		pc.PeerMaxRequests = conn.pipeline.received(len(m.Piece), now)
	case pp.Request, pp.Cancel:
		return conn.reply(rejectSize) // The blocks themselves are bounded by the library.
	case pp.HashRequest:
		return conn.reply(hashesSize + hashSize*min(m.Length.Int(), mostHashes))
	case pp.Port:
		// For each one the library asks the peer's DHT node whether it is there.
		if conn.hasDHT {
			return ignore
		}
		conn.hasDHT = true
		if a, ok := addrPort(pc.RemoteAddr); ok {
			s.c.dhtAddresses.admit(a.Addr(), netip.AddrPortFrom(a.Addr(), m.Port))
		}
	case pp.Extended:
		return s.judgeExtended(pc, conn, m)
	}
	return passOn
}

func (s *connections) judgeExtended(pc *torrent.PeerConn, conn *connection, m *pp.Message) verdict {
	switch m.ExtendedID {
	case pp.HandshakeExtendedID:
		// It may be repeated (BEP 10), but each time the library keeps a note for others that it may tell of the peer.
		if conn.handshakes++; conn.handshakes > mostHandshakes {
			return ignore
		}
	case metadataID:
		block, ok := requestedBlock(m.ExtendedPayload)
		meta := conn.torrent.meta.Load()
		switch {
		case !ok:
			return passOn
		case meta == nil || conn.wire == nil || block < 0 || block >= meta.infoBlocks():
			return conn.reply(infoRejectSize)
		case !s.info.request(pc, conn.wire, meta, block):
			return endConn
		}
		return ignore
	case pexID:
		origin, _ := addrPort(pc.RemoteAddr)
		m.ExtendedPayload = conn.filterPEX(&s.c.sockets.addresses, origin.Addr(), m.ExtendedPayload)
	case holepunchID:
		var h utHolepunch.Msg
		if h.UnmarshalBinary(m.ExtendedPayload) != nil {
			return passOn
		}
		origin, _ := addrPort(pc.RemoteAddr)
		if h.MsgType == utHolepunch.Connect && !s.c.sockets.addresses.admit(origin.Addr(), h.AddrPort) {
			return ignore
		}
		return conn.reply(holepunchSize)
	}
	return passOn
}

// reply counts a reply of n bytes that a message of the peer causes.
func (c *connection) reply(n int) verdict {
	if c.wire != nil && !c.wire.backlog.add(n) {
		return endConn
	}
	return passOn
}

// pieces is how many pieces there are, or may be.
func (c *connection) pieces() int {
	if meta := c.torrent.meta.Load(); meta != nil {
		return meta.Pieces
	}
	return maxPieces
}
