package torrent

import (
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/pick"
	"wtptui/engine/swarm/wire"
)

const incoming = dial.Incoming

// peer is a connected peer. Only the owner uses it, except for the atomic fields.
type peer struct {
	conn        Conn
	id          [20]byte
	addr        netip.AddrPort // the zero value if it is not an IP address
	name        string         // its address as text
	via         engine.Via
	origin      Source
	dialAddrs   []netip.AddrPort // its addresses in the book
	since       time.Time
	lastMessage time.Time // when its last message arrived

	// pick is its state in the picker, nil until the content is known.
	pick *pick.Peer
	// claims holds what it says it has until then.
	claims        claims
	hello         wire.HelloMsg
	helloReceived bool // hello has come

	choking, interested     bool // us
	choked, interestedInUs  bool // by us
	optimistic              bool // optimistically unchoked
	unchokedAt              time.Time
	downloaded, unrequested int64
	up                      atomic.Int64
	upWhenUnchoked          int64 // up when it was unchoked
	sent                    *sentPieces
	lastRound               struct{ down, up int64 } // at the last choking round
	infoDownload            *infoDownload
	pexReceived             int                         // number of addresses received by PEX
	pexAddrs                map[netip.AddrPort]struct{} // received by PEX and not dropped since
	pexSent                 map[netip.AddrPort]struct{}
	nextPEX                 time.Time
	removed, nodeReported   bool
	outbox                  []wire.Message // requests and cancels, sent when planning is done
	sender                  *sender
	sentVerified            bool // it sent all or part of a piece that was verified
	sighted                 sighted
}

func newPeer(c Conn, via engine.Via, origin Source, now time.Time) *peer {
	p := &peer{
		conn: c, id: c.Theirs().PeerID, via: via, origin: origin, since: now, lastMessage: now, name: c.RemoteAddr().String(),
		choking: true, choked: true,
	}
	p.addr = addrPort(c.RemoteAddr())
	p.sender = &sender{peer: p, id: p.id, addr: p.addr.Addr()}
	return p
}

// addrPort returns the address of a peer, the zero value if it is not an IP address.
func addrPort(a net.Addr) netip.AddrPort {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// dialAddr returns the address at which the peer can be dialed. For a peer that dialed us this is its announced port,
// not the one it dialed from.
func (p *peer) dialAddr() (netip.AddrPort, bool) {
	if !p.addr.IsValid() || p.via == engine.WebRTC || p.via == engine.WebSeed {
		return netip.AddrPort{}, false
	}
	if p.origin != incoming {
		return p.addr, true
	}
	return netip.AddrPortFrom(p.addr.Addr(), p.hello.Port), p.hello.Port != 0
}

// claims records which pieces a peer says it has while the number of pieces is unknown.
type claims struct {
	all     bool
	bits    []byte
	allowed []int // Allowed Fast (BEP 6)
}

// maxAllowedFast is how many Allowed Fast pieces are recorded.
const maxAllowedFast = 64

func (c *claims) record(m wire.Message) {
	switch m.Type {
	case wire.HaveAll:
		c.all = true
	case wire.HaveNone:
		c.all, c.bits = false, nil
	case wire.Bitfield:
		c.all, c.bits = false, append([]byte(nil), m.Bits...)
	case wire.AllowedFast:
		if len(c.allowed) < maxAllowedFast {
			c.allowed = append(c.allowed, m.Block.Piece)
		}
	case wire.Have:
		i := m.Block.Piece
		for len(c.bits) <= i/8 {
			c.bits = append(c.bits, 0)
		}
		c.bits[i/8] |= 0x80 >> (i % 8)
	}
}

// isSeed reports whether the peer says that it has everything.
func (p *peer) isSeed() bool {
	if p.pick == nil {
		return p.claims.all
	}
	return p.pick.Seed()
}

// recordAvailability records which pieces the peer says it has. pieces is the number of pieces, 0 if unknown.
func (p *peer) recordAvailability(m wire.Message, pieces int) {
	if p.pick == nil {
		p.claims.record(m)
		return
	}
	switch m.Type {
	case wire.HaveAll:
		p.pick.SetAll()
	case wire.HaveNone:
		p.pick.SetBitfield(make([]byte, (pieces+7)/8))
	case wire.Bitfield:
		p.pick.SetBitfield(m.Bits)
	case wire.Have:
		p.pick.AddPiece(m.Block.Piece)
	case wire.AllowedFast:
		p.pick.AllowFast(m.Block.Piece)
	}
}

// setChoking records whether the peer chokes us.
func (p *peer) setChoking(choking bool) {
	p.choking = choking
	switch {
	case p.pick == nil:
	case choking:
		p.pick.Choked(p.conn.Theirs().Fast)
	default:
		p.pick.Unchoked()
	}
}

// setInterest tells the peer whether we are interested, if that has changed.
func (p *peer) setInterest(interested bool) {
	if p.interested == interested {
		return
	}
	p.interested = interested
	t := wire.NotInterested
	if interested {
		t = wire.Interested
	}
	p.conn.Send(wire.Message{Type: t})
}

// unchoke unchokes a peer.
func (p *peer) unchoke(now time.Time) {
	if !p.choked {
		return
	}
	p.choked, p.unchokedAt, p.upWhenUnchoked = false, now, p.up.Load()
	p.conn.Send(wire.Message{Type: wire.Unchoke})
}

// choke chokes a peer and rejects its waiting requests (BEP 6).
func (p *peer) choke() {
	if p.choked {
		return
	}
	p.choked = true
	unserved := p.conn.UnserveAll()
	p.conn.Send(wire.Message{Type: wire.Choke})
	for _, b := range unserved {
		p.conn.Send(wire.Message{Type: wire.Reject, Block: b})
	}
}

// Peer describes a connection.
type Peer struct {
	Address string
	ID      [20]byte
	// Client is the client name that the peer sends. It is not sanitized.
	Client string
	Via    engine.Via
	Origin Source
	// Remote is the connection's address. Its type may hold more than Address.
	Remote     net.Addr
	Obfuscated bool
	// Interested and Choking are the state sent to the peer, PeerInterested and PeerChoking the state that it has
	// sent.
	Interested, Choking, PeerInterested, PeerChoking bool
	// Done is the fraction of the torrent that the peer has, 0 to 1, or -1 if unknown.
	Done     float64
	Down, Up int64 // bytes of content
	Since    time.Time
}

// describe returns a description of the peer. pieces is the torrent's number of pieces.
func (p *peer) describe(pieces int) Peer {
	d := Peer{
		Address: p.name, ID: p.id, Client: p.hello.Client, Via: p.via, Origin: p.origin, Remote: p.conn.RemoteAddr(),
		Obfuscated: p.conn.Obfuscated(), Interested: p.interested, Choking: p.choked,
		PeerInterested: p.interestedInUs, PeerChoking: p.choking, Done: -1,
		Down: p.downloaded, Up: p.up.Load(), Since: p.since,
	}
	if p.pick != nil {
		d.Done = 1
		if pieces > 0 {
			d.Done = float64(p.pick.Count()) / float64(pieces)
		}
	}
	return d
}
