package dial

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// Bounds of a Book. Peers may name any number of addresses that nobody listens at.
const (
	maxAddresses = 1000
	maxHearsay   = 500
	// maxPerNamer is how many addresses that one peer has named are kept.
	maxPerNamer = 200
	// maxCallingHearsay leaves calls for addresses of other origins.
	maxCallingHearsay = 10
	maxBans           = 256
	// An address that was forgotten is not taken from peers for forgottenFor: they could make us call it on and on.
	forgottenFor = 10 * time.Minute
	maxForgotten = 256
	// punchAfter is how long ago a call must have failed for a new one when a peer asks for a call at once.
	punchAfter = 10 * time.Second
)

// Found adds addresses, as many as there is room for. Those of PEX are better added with FoundBy.
func (b *Book) Found(origin Origin, peers []netip.AddrPort, now time.Time) {
	b.add(newcomer{origin: origin}, peers, now)
}

// FoundBy adds addresses that a peer has named (BEP 11). However many it names, those that others named are kept.
func (b *Book) FoundBy(namer netip.Addr, peers []netip.AddrPort, now time.Time) {
	b.add(newcomer{origin: PEX, namer: namerOf(namer)}, peers, now)
}

// newcomer is an address for which room is made.
type newcomer struct {
	origin Origin
	namer  uint64
	// named counts the addresses that are hearsay by who named them, if the newcomer is hearsay, too.
	named map[uint64]int
}

// namerOf identifies who names addresses: a host, or a network if it is IPv6's, in which a host has many addresses.
func namerOf(a netip.Addr) uint64 {
	a = a.Unmap()
	ip := a.As16()
	if a.Is4() {
		return uint64(binary.BigEndian.Uint32(ip[12:]))
	}
	return binary.BigEndian.Uint64(ip[:8])
}

func (b *Book) add(n newcomer, peers []netip.AddrPort, now time.Time) {
	b.isKnown = false
	if n.origin.hearsay() {
		peers = peers[:min(len(peers), maxPerNamer)]
		n.named = make(map[uint64]int)
		for i := range b.all {
			if b.all[i].origin.hearsay() {
				n.named[b.all[i].namer]++
			}
		}
	}
	isFull := false
	for _, p := range peers {
		p = unmap(p)
		if b.isNobody(p) {
			continue
		}
		if a := b.find(p); a != nil {
			a.namedAgain(n.origin, now)
			continue
		}
		if isFull || b.bans.has(p, now) || n.origin.hearsay() && b.forgotten.has(p, now) {
			continue
		}
		if isFull = !b.makeRoom(n); isFull {
			continue
		}
		if n.named != nil {
			n.named[n.namer]++
		}
		b.all = append(b.all, address{
			addr: p, since: now, origin: n.origin, namer: n.namer, random: uint32(b.rng.Uint64()),
		})
	}
}

// isNobody reports whether there is no other peer at an address.
func (b *Book) isNobody(p netip.AddrPort) bool {
	ip := p.Addr()
	return p.Port() == 0 || !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || b.own != nil && b.own(p)
}

// namedAgain notes that a known address has been named once more.
func (a *address) namedAgain(origin Origin, now time.Time) {
	if origin.precedence() < a.origin.precedence() {
		a.origin = origin
	}
	var anew bool
	switch origin {
	case Given, Incoming:
		anew = true
	case Holepunch:
		anew = now.Sub(a.since) >= punchAfter
	case PEX:
	default:
		anew = a.failures >= renamedAfter
	}
	if anew && a.failures > 0 {
		a.failures, a.since = 0, now
	}
}

// makeRoom reports whether there is room for one more address. It removes one that matters less if need be.
func (b *Book) makeRoom(n newcomer) bool {
	isFull := len(b.all) >= maxAddresses
	if n.origin.hearsay() {
		loser, sum := n.loser()
		switch {
		case n.named[n.namer] >= maxPerNamer:
			return false
		case isFull || sum >= maxHearsay:
			of := func(a *address) bool { return a.origin.hearsay() && a.namer == loser }
			return loser != n.namer && b.displace(n, of)
		}
		return true
	}
	return !isFull || b.displace(n, func(a *address) bool { return a.rank() >= uint(n.origin.precedence())<<8 })
}

// loser returns whose address gives way to the newcomer, so that all who name addresses get equal shares, and how many
// addresses have been named in all. It is the newcomer's own namer who has its share already.
func (n newcomer) loser() (loser uint64, sum int) {
	loser = n.namer
	most := n.named[n.namer] + 1
	for namer, count := range n.named {
		sum += count
		if count > most || count == most && loser != n.namer && namer < loser {
			loser, most = namer, count
		}
	}
	return loser, sum
}

// displace removes the address that matters least, the oldest of several, among those that are not in use and may be
// removed. It reports whether there was one.
func (b *Book) displace(n newcomer, may func(*address) bool) bool {
	least, rank := -1, uint(0)
	for i := range b.all {
		a := &b.all[i]
		if a.state != waiting {
			continue
		}
		if r := a.rank(); (least < 0 || r > rank) && may(a) {
			least, rank = i, r
		}
	}
	if least < 0 {
		return false
	}
	if a := b.all[least]; a.origin.hearsay() && n.named != nil {
		n.named[a.namer]--
	}
	b.all = slices.Delete(b.all, least, least+1)
	return true
}

// rank says how little an address matters: first by its origin, where one that was of use counts as much as one that a
// person named, then by how often it has failed.
func (a *address) rank() uint {
	if a.useful {
		return uint(a.failures)
	}
	return uint(a.origin.precedence())<<8 + uint(a.failures)
}
