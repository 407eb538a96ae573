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

// exchange tells peers of each other (BEP 11).
func (o *owner) exchange(now time.Time) {
	var all map[netip.AddrPort]*peer
	for p := range o.peers {
		if o.mayTell(p) && !now.Before(p.nextPEX) {
			if all == nil {
				all = o.callable()
			}
			o.tell(p, all, now)
		}
	}
}

// mayTell reports whether a peer may be told of others: not before it is known that the torrent is not private.
func (o *owner) mayTell(p *peer) bool { return p.hello.PEX && o.fetch.opened() && !o.fetch.private() }

// tell tells a peer what it has not been told of others. Whoever comes is told at once: in a crowd that comes for one
// page the others are of more use than a seed that all of them ask.
func (o *owner) tell(p *peer, all map[netip.AddrPort]*peer, now time.Time) {
	p.nextPEX = now.Add(pexEvery)
	if m := p.news(all); len(m.Added)+len(m.Dropped) > 0 {
		p.conn.Send(wire.Message{Type: wire.Peers, Peers: m})
	}
}

// callable are the connected peers that others can call.
func (o *owner) callable() map[netip.AddrPort]*peer {
	all := make(map[netip.AddrPort]*peer)
	for p := range o.peers {
		if addr, ok := p.dialable(); ok {
			all[addr] = p
		}
	}
	return all
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
func (o *owner) named(p *peer, m wire.PeersMsg) {
	if o.fetch.private() {
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
		if o.cfg.Admit(p.addr.Addr(), a) {
			peers = append(peers, a)
			p.noteName(a)
		}
	}
	if len(peers) > 0 {
		o.meeting.foundBy(p, peers)
	}
}

func (p *peer) noteName(a netip.AddrPort) {
	if p.names == nil {
		p.names = make(map[netip.AddrPort]struct{})
	}
	p.names[a] = struct{}{}
}

// holepunch brings two peers together that cannot call each other (BEP 55), or takes part when we are one of them.
func (o *owner) holepunch(p *peer, m wire.HolepunchMsg) {
	if o.fetch.private() {
		return
	}
	switch m.Kind {
	case wire.Connect:
		if o.cfg.Admit(p.addr.Addr(), m.Peer) {
			o.meeting.found(dial.Holepunch, []netip.AddrPort{m.Peer})
		}
	case wire.Rendezvous:
		p.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: o.introduce(p, m.Peer)})
	case wire.HolepunchError:
	}
}

// introduce tells a peer at an address to call another one, and returns the answer for that.
func (o *owner) introduce(p *peer, addr netip.AddrPort) wire.HolepunchMsg {
	answer := func(kind wire.HolepunchKind, about netip.AddrPort, code uint32) wire.HolepunchMsg {
		return wire.HolepunchMsg{Kind: kind, Peer: about, Code: code}
	}
	from, ok := p.reachable()
	other := o.callable()[addr]
	switch {
	case other == nil || !ok:
		return answer(wire.HolepunchError, addr, notConnected)
	case other == p:
		return answer(wire.HolepunchError, addr, noSelf)
	case !other.hello.Holepunch:
		return answer(wire.HolepunchError, addr, noSupport)
	}
	other.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: answer(wire.Connect, from, 0)})
	to, _ := other.reachable()
	return answer(wire.Connect, to, 0)
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
func (o *owner) punch(addr netip.AddrPort) {
	for p := range o.peers {
		if _, named := p.names[addr]; named && p.hello.Holepunch {
			p.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Rendezvous, Peer: addr}})
			return
		}
	}
}
