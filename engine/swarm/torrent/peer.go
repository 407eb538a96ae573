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

// peer is a connected peer, as its torrent's owner knows it.
type peer struct {
	conn   Conn
	id     [20]byte
	addr   netip.AddrPort // the zero value if it is none of the Internet
	name   string         // its address as text
	via    engine.Via
	origin Source
	leads  []netip.AddrPort // in the book, that lead to it
	since  time.Time
	heard  time.Time // when it said something last

	// pick is its part in the picker, nil until the content is known.
	pick *pick.Peer
	// claims is what it has said to have meanwhile.
	claims claims
	hello  wire.HelloMsg
	met    bool // hello has come

	choking, interested    bool // us
	choked, interestedInUs bool // by us
	optimistic             bool // unchoked for no merit
	unchoked               time.Time
	useful, waste          int64
	up                     atomic.Int64
	before                 int64 // up when it was unchoked
	gifts                  *gifts
	ranked                 struct{ down, up int64 } // at the last round of choking
	info                   *infoParts
	named                  int                         // addresses, by PEX
	names                  map[netip.AddrPort]struct{} // those that it has not taken back
	told                   map[netip.AddrPort]struct{}
	nextPEX                time.Time
	gone, hasNode          bool
	asked                  []wire.Message // to be sent when all is planned
	giver                  *giver
	gave                   bool // a piece that turned out to be right
	sighted                sighted
}

func newPeer(c Conn, via engine.Via, origin Source, now time.Time) *peer {
	p := &peer{
		conn: c, id: c.Theirs().PeerID, via: via, origin: origin, since: now, heard: now, name: c.RemoteAddr().String(),
		choking: true, choked: true,
	}
	p.addr = addrPort(c.RemoteAddr())
	p.giver = &giver{peer: p, id: p.id, addr: p.addr.Addr()}
	return p
}

// addrPort is the address of a peer, if it is one of the Internet.
func addrPort(a net.Addr) netip.AddrPort {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// dialable is the address at which the peer can be called: not where it called from, if it was the one who did.
func (p *peer) dialable() (netip.AddrPort, bool) {
	if !p.addr.IsValid() || p.via == engine.WebRTC || p.via == engine.WebSeed {
		return netip.AddrPort{}, false
	}
	if p.origin != incoming {
		return p.addr, true
	}
	return netip.AddrPortFrom(p.addr.Addr(), p.hello.Port), p.hello.Port != 0
}

// claims is what a peer says to have while nobody knows how many pieces there are.
type claims struct {
	all     bool
	bits    []byte
	allowed []int // pieces that it gives while it chokes us
}

// mostAllowed is how many of those are noted.
const mostAllowed = 64

func (c *claims) note(m wire.Message) {
	switch m.Type {
	case wire.HaveAll:
		c.all = true
	case wire.HaveNone:
		c.all, c.bits = false, nil
	case wire.Bitfield:
		c.all, c.bits = false, append([]byte(nil), m.Bits...)
	case wire.AllowedFast:
		if len(c.allowed) < mostAllowed {
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

// seed reports whether the peer says to have everything.
func (p *peer) seed() bool {
	if p.pick == nil {
		return p.claims.all
	}
	return p.pick.Seed()
}

// has notes what the peer says to have of so many pieces, 0 if that is not known.
func (p *peer) has(m wire.Message, pieces int) {
	if p.pick == nil {
		p.claims.note(m)
		return
	}
	switch m.Type {
	case wire.HaveAll:
		p.pick.HaveAll()
	case wire.HaveNone:
		p.pick.Bits(make([]byte, (pieces+7)/8))
	case wire.Bitfield:
		p.pick.Bits(m.Bits)
	case wire.Have:
		p.pick.Have(m.Block.Piece)
	case wire.AllowedFast:
		p.pick.AllowFast(m.Block.Piece)
	}
}

// chokes notes that the peer does not serve us, or does again.
func (p *peer) chokes(choking bool) {
	p.choking = choking
	switch {
	case p.pick == nil:
	case choking:
		p.pick.Choke(p.conn.Theirs().Fast)
	default:
		p.pick.Unchoke()
	}
}

// setInterest tells the peer whether it has anything that is wanted.
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

// unchoke begins to serve a peer.
func (p *peer) unchoke(now time.Time) {
	if !p.choked {
		return
	}
	p.choked, p.unchoked, p.before = false, now, p.up.Load()
	p.conn.Send(wire.Message{Type: wire.Unchoke})
}

// choke stops to serve a peer, which is told what it does not get (BEP 6).
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
	// Client is what the peer calls itself, foreign and not clean.
	Client string
	Via    engine.Via
	Origin Source
	// Remote is the connection's address, which knows more than its text.
	Remote     net.Addr
	Obfuscated bool
	// Interested and Choking are what was said to the peer, PeerInterested and PeerChoking what it has said.
	Interested, Choking, PeerInterested, PeerChoking bool
	// Done is the part of the torrent that it has, 0 to 1; -1 while that is not known.
	Done     float64
	Down, Up int64 // bytes of content
	Since    time.Time
}

// describe describes the peer of a torrent of so many pieces.
func (p *peer) describe(pieces int) Peer {
	d := Peer{
		Address: p.name, ID: p.id, Client: p.hello.Client, Via: p.via, Origin: p.origin, Remote: p.conn.RemoteAddr(),
		Obfuscated: p.conn.Obfuscated(), Interested: p.interested, Choking: p.choked,
		PeerInterested: p.interestedInUs, PeerChoking: p.choking, Done: -1,
		Down: p.useful, Up: p.up.Load(), Since: p.since,
	}
	if p.pick != nil {
		d.Done = 1
		if pieces > 0 {
			d.Done = float64(p.pick.Count()) / float64(pieces)
		}
	}
	return d
}
