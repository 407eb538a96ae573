package torrent

import (
	"net/netip"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/wire"
)

const (
	pexInterval = time.Minute
	// maxPEXSent and maxPEXReceived limit the addresses of one message that are sent and accepted. maxPEXPerPeer
	// limits how many are accepted from one peer in all.
	maxPEXSent     = 50
	maxPEXReceived = 200
	maxPEXPerPeer  = 2000
)

// peerExchange sends peers the addresses of others (BEP 11), accepts those that they send, and relays holepunches
// between peers that cannot dial each other (BEP 55). It does nothing if the torrent is private.
type peerExchange struct {
	peers     members
	storage   *storage
	connector *connector
	// admit is Config.AdmitPEX.
	admit func(origin netip.Addr, peer netip.AddrPort) bool
}

// tick sends each peer an update every pexInterval.
func (x *peerExchange) tick(now time.Time) {
	var all map[netip.AddrPort]*peer
	for p := range x.peers {
		if x.canSendTo(p) && !now.Before(p.nextPEX) {
			if all == nil {
				all = x.peers.byDialAddr()
			}
			x.sendUpdate(p, all, now)
		}
	}
}

// canSendTo reports whether addresses may be sent to a peer: not before the torrent is known not to be private.
func (x *peerExchange) canSendTo(p *peer) bool {
	return p.hello.PEX && x.storage.opened() && !x.storage.private()
}

// handleExtendedHandshake sends the first update to a peer.
func (x *peerExchange) handleExtendedHandshake(p *peer) {
	if p.nextPEX.IsZero() && x.canSendTo(p) {
		x.sendUpdate(p, x.peers.byDialAddr(), p.lastMessage)
	}
}

// sendUpdate sends a peer the changes since the last update. A new peer gets its first update at once: in a crowd that
// fetches one page, other peers are more useful than a seed that all of them use.
func (x *peerExchange) sendUpdate(p *peer, all map[netip.AddrPort]*peer, now time.Time) {
	p.nextPEX = now.Add(pexInterval)
	if m := p.pexUpdate(all); len(m.Added)+len(m.Dropped) > 0 {
		p.conn.Send(wire.Message{Type: wire.Peers, Peers: m})
	}
}

// pexUpdate returns the changes since the last update, and records them as sent.
func (p *peer) pexUpdate(all map[netip.AddrPort]*peer) *wire.PeersMsg {
	if p.pexSent == nil {
		p.pexSent = make(map[netip.AddrPort]struct{})
	}
	m := &wire.PeersMsg{}
	for addr := range p.pexSent {
		if all[addr] == nil && len(m.Dropped) < maxPEXSent {
			m.Dropped = append(m.Dropped, addr)
			delete(p.pexSent, addr)
		}
	}
	for addr, q := range all {
		if _, known := p.pexSent[addr]; !known && q != p && len(m.Added) < maxPEXSent {
			m.Added = append(m.Added, addr)
			p.pexSent[addr] = struct{}{}
		}
	}
	return m
}

// handlePEX handles the addresses that a peer sends.
func (x *peerExchange) handlePEX(p *peer, m wire.PeersMsg) {
	if x.storage.private() {
		return
	}
	for _, a := range m.Dropped {
		delete(p.pexAddrs, a)
	}
	var peers []netip.AddrPort
	for _, a := range m.Added[:min(len(m.Added), maxPEXReceived)] {
		if p.pexReceived >= maxPEXPerPeer {
			break
		}
		p.pexReceived++
		if x.admit(p.addr.Addr(), a) {
			peers = append(peers, a)
			p.recordPEXAddr(a)
		}
	}
	if len(peers) > 0 {
		x.connector.addFoundBy(p, peers)
	}
}

func (p *peer) recordPEXAddr(a netip.AddrPort) {
	if p.pexAddrs == nil {
		p.pexAddrs = make(map[netip.AddrPort]struct{})
	}
	p.pexAddrs[a] = struct{}{}
}

// handleHolepunch handles a holepunch message (BEP 55): it relays a request, or dials a peer that is about to dial us.
func (x *peerExchange) handleHolepunch(p *peer, m wire.HolepunchMsg) {
	if x.storage.private() {
		return
	}
	switch m.Kind {
	case wire.Connect:
		if x.admit(p.addr.Addr(), m.Peer) {
			x.connector.addFound(dial.Holepunch, []netip.AddrPort{m.Peer})
		}
	case wire.Rendezvous:
		p.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: x.relayHolepunch(p, m.Peer)})
	case wire.HolepunchError:
	}
}

// relayHolepunch asks the peer at addr to dial p, and returns the reply for p.
func (x *peerExchange) relayHolepunch(p *peer, addr netip.AddrPort) wire.HolepunchMsg {
	from, ok := p.holepunchAddr()
	other := x.peers.byDialAddr()[addr]
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
		m.Peer, _ = other.holepunchAddr()
		return m
	}
	return refusal
}

// holepunchAddr returns the address to which other peers must send packets to get through to this peer. Over uTP it is
// the address that it sends from, whatever port it announces.
func (p *peer) holepunchAddr() (netip.AddrPort, bool) {
	if p.via == engine.UTP {
		return p.addr, p.addr.IsValid()
	}
	return p.dialAddr()
}

// Error codes of BEP 55.
const (
	notConnected = 2
	noSupport    = 3
	noSelf       = 4
)

// requestHolepunch asks for a holepunch for a dial that does not get through. It asks a peer that has sent the address
// by PEX, since that is probably connected to it.
func (x *peerExchange) requestHolepunch(addr netip.AddrPort) {
	for p := range x.peers {
		if _, named := p.pexAddrs[addr]; named && p.hello.Holepunch {
			p.conn.Send(wire.Message{Type: wire.Holepunch, Holepunch: wire.HolepunchMsg{Kind: wire.Rendezvous, Peer: addr}})
			return
		}
	}
}
