package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

const (
	pexEvery = time.Minute
	// mostTold and mostNamed bound how many addresses are told and taken at a time, namedInAll how many of one peer are
	// taken in all.
	mostTold   = 50
	mostNamed  = 200
	namedInAll = 2000
)

// exchange tells peers of each other (BEP 11), takes what they tell, and brings those together that cannot call each
// other (BEP 55); unless the torrent is private.
type exchange struct {
	peers   members
	storage *storage
	meeting *meeting
	// admit is Config.Admit.
	admit func(origin netip.Addr, peer netip.AddrPort) bool
}

// tick tells each peer now and then what has changed.
func (x *exchange) tick(now time.Time) {
	var all map[netip.AddrPort]*peer
	for p := range x.peers {
		if x.mayTell(p) && !now.Before(p.nextPEX) {
			if all == nil {
				all = x.peers.callable()
			}
			x.tell(p, all, now)
		}
	}
}

// mayTell reports whether a peer may be told of others: not before it is known that the torrent is not private.
func (x *exchange) mayTell(p *peer) bool {
	return p.hello.PEX && x.storage.opened() && !x.storage.private()
}

// introduced tells a peer that has said what it understands.
func (x *exchange) introduced(p *peer) {
	if p.nextPEX.IsZero() && x.mayTell(p) {
		x.tell(p, x.peers.callable(), p.heard)
	}
}

// tell tells a peer what it has not been told of others. Whoever comes is told at once: in a crowd that comes for one
// page the others are of more use than a seed that all of them ask.
func (x *exchange) tell(p *peer, all map[netip.AddrPort]*peer, now time.Time) {
	p.nextPEX = now.Add(pexEvery)
	if m := p.news(all); len(m.Added)+len(m.Dropped) > 0 {
		p.conn.Send(wire.Message{Type: wire.Peers, Peers: m})
	}
}

// news is what has changed since the peer was told last.
func (p *peer) news(all map[netip.AddrPort]*peer) *wire.PeersMsg {
	if p.told == nil {
		p.told = make(map[netip.AddrPort]struct{})
	}
	m := &wire.PeersMsg{}
	for addr := range p.told {
		if all[addr] == nil && len(m.Dropped) < mostTold {
			m.Dropped = append(m.Dropped, addr)
			delete(p.told, addr)
		}
	}
	for addr, q := range all {
		if _, known := p.told[addr]; !known && q != p && len(m.Added) < mostTold {
			m.Added = append(m.Added, addr)
			p.told[addr] = struct{}{}
		}
	}
	return m
}

// named takes the addresses that a peer names.
func (x *exchange) named(p *peer, m wire.PeersMsg) {
	if x.storage.private() {
		return
	}
	for _, a := range m.Dropped {
		delete(p.names, a)
	}
	var peers []netip.AddrPort
	for _, a := range m.Added[:min(len(m.Added), mostNamed)] {
		if p.named >= namedInAll {
			break
		}
		p.named++
		if x.admit(p.addr.Addr(), a) {
			peers = append(peers, a)
			p.noteName(a)
		}
	}
	if len(peers) > 0 {
		x.meeting.foundBy(p, peers)
	}
}

func (p *peer) noteName(a netip.AddrPort) {
	if p.names == nil {
		p.names = make(map[netip.AddrPort]struct{})
	}
	p.names[a] = struct{}{}
}

// holepunch brings two peers together that cannot call each other (BEP 55), or takes part when we are one of them.
func (x *exchange) holepunch(p *peer, m wire.HolepunchMsg) {
	if x.storage.private() {
		return
	}
	switch m.Kind {
	case wire.Connect:
		if x.admit(p.addr.Addr(), m.Peer) {
			x.meeting.found(dial.Holepunch, []netip.AddrPort{m.Peer})
		}
	case wire.Rendezvous:
		p.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: x.introduce(p, m.Peer)})
	case wire.HolepunchError:
	}
}

// introduce tells a peer at an address to call another one, and returns the answer for that.
func (x *exchange) introduce(p *peer, addr netip.AddrPort) wire.HolepunchMsg {
	from, ok := p.reachable()
	other := x.peers.callable()[addr]
	refusal := wire.HolepunchMsg{Kind: wire.HolepunchError, Peer: addr}
	switch {
	case other == nil || !ok:
		refusal.Code = notConnected
	case other == p:
		refusal.Code = noSelf
	case !other.hello.Holepunch:
		refusal.Code = noSupport
	default:
		m := wire.HolepunchMsg{Kind: wire.Connect, Peer: from}
		other.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: m})
		m.Peer, _ = other.reachable()
		return m
	}
	return refusal
}

// reachable is the address at which packets of those get through to the peer that it has sent some, too: over uTP that
// is where it comes from, whatever it says.
func (p *peer) reachable() (netip.AddrPort, bool) {
	if p.via == engine.UTP {
		return p.addr, p.addr.IsValid()
	}
	return p.dialable()
}

// The errors of BEP 55 that are told here.
const (
	notConnected = 2
	noSupport    = 3
	noSelf       = 4
)

// punch asks for help with a call that does not get through: whoever has named the address may be connected to the peer
// there, and tells it to call us, too.
func (x *exchange) punch(addr netip.AddrPort) {
	for p := range x.peers {
		if _, named := p.names[addr]; named && p.hello.Holepunch {
			p.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Rendezvous, Peer: addr}})
			return
		}
	}
}
