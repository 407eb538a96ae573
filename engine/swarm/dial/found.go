package dial

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"
)

// Limits of a Book. Peers may name any number of addresses at which nothing listens.
const (
	maxAddresses = 1000
	maxHearsay   = 500
	// maxPerSource is how many addresses are kept that one peer has named.
	maxPerSource = 200
	// maxDialingHearsay reserves the other dials for addresses of other origins.
	maxDialingHearsay = 10
	maxBans           = 256
	// A removed address is not accepted from peers again for forgottenTime: they could make us dial it on and on.
	forgottenTime = 10 * time.Minute
	maxForgotten  = 256
	// minPunchDelay is how long ago a dial must have failed for a new one when a peer asks for a holepunch.
	minPunchDelay = 10 * time.Second
)

// Add adds addresses, as far as the limits allow. For addresses from PEX use AddFromPeer.
func (b *Book) Add(origin Origin, peers []netip.AddrPort, now time.Time) {
	b.add(newAddress{origin: origin}, peers, now)
}

// AddFromPeer adds addresses that a peer has named (BEP 11). However many it names, those that others named are kept.
func (b *Book) AddFromPeer(namer netip.Addr, peers []netip.AddrPort, now time.Time) {
	b.add(newAddress{origin: PEX, source: sourceKey(namer)}, peers, now)
}

// newAddress describes an address to add.
type newAddress struct {
	origin Origin
	source uint64
	// countBySource counts the hearsay addresses by source, if the new address is hearsay, too.
	countBySource map[uint64]int
}

// sourceKey identifies the source of addresses: a host, or its /64 network for IPv6, in which a host has many
// addresses.
func sourceKey(a netip.Addr) uint64 {
	a = a.Unmap()
	ip := a.As16()
	if a.Is4() {
		return uint64(binary.BigEndian.Uint32(ip[12:]))
	}
	return binary.BigEndian.Uint64(ip[:8])
}

func (b *Book) add(n newAddress, peers []netip.AddrPort, now time.Time) {
	b.isNextDueValid = false
	if n.origin.isHearsay() {
		peers = peers[:min(len(peers), maxPerSource)]
		n.countBySource = make(map[uint64]int)
		for i := range b.all {
			if b.all[i].origin.isHearsay() {
				n.countBySource[b.all[i].source]++
			}
		}
	}
	isFull := false
	for _, p := range peers {
		p = unmap(p)
		if b.isUnusable(p) {
			continue
		}
		if a := b.find(p); a != nil {
			a.handleNamedAgain(n.origin, now)
			continue
		}
		if isFull || b.bans.has(p, now) || n.origin.isHearsay() && b.forgotten.has(p, now) {
			continue
		}
		if isFull = !b.reserve(n); isFull {
			continue
		}
		if n.countBySource != nil {
			n.countBySource[n.source]++
		}
		b.all = append(b.all, address{
			addr: p, since: now, origin: n.origin, source: n.source, random: uint32(b.rng.Uint64()),
		})
	}
}

// isUnusable reports whether there cannot be another peer at an address.
func (b *Book) isUnusable(p netip.AddrPort) bool {
	ip := p.Addr()
	return p.Port() == 0 || !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || b.isOwn != nil && b.isOwn(p)
}

// handleNamedAgain handles that a known address was named again.
func (a *address) handleNamedAgain(origin Origin, now time.Time) {
	if origin.precedence() < a.origin.precedence() {
		a.origin = origin
	}
	var anew bool
	switch origin {
	case Given, Incoming:
		anew = true
	case Holepunch:
		anew = now.Sub(a.since) >= minPunchDelay
	case PEX:
	default:
		anew = a.failures >= minFailuresForReset
	}
	if anew && a.failures > 0 {
		a.failures, a.since = 0, now
	}
}

// reserve reports whether one more address may be added. It removes a less important one if needed.
func (b *Book) reserve(n newAddress) bool {
	isFull := len(b.all) >= maxAddresses
	if n.origin.isHearsay() {
		loser, sum := n.evictionSource()
		switch {
		case n.countBySource[n.source] >= maxPerSource:
			return false
		case isFull || sum >= maxHearsay:
			of := func(a *address) bool { return a.origin.isHearsay() && a.source == loser }
			return loser != n.source && b.evict(n, of)
		}
		return true
	}
	return !isFull || b.evict(n, func(a *address) bool { return a.rank() >= uint(n.origin.precedence())<<8 })
}

// evictionSource returns the source whose address is removed for the new one, so that all sources get equal shares,
// and the number of hearsay addresses. It is the new address's own source if that has its share already.
func (n newAddress) evictionSource() (loser uint64, sum int) {
	loser = n.source
	most := n.countBySource[n.source] + 1
	for namer, count := range n.countBySource {
		sum += count
		if count > most || count == most && loser != n.source && namer < loser {
			loser, most = namer, count
		}
	}
	return loser, sum
}

// evict removes the least important address, the oldest of several, of those that are not in use and that may accepts.
// It reports whether there was one.
func (b *Book) evict(n newAddress, may func(*address) bool) bool {
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
	if a := b.all[least]; a.origin.isHearsay() && n.countBySource != nil {
		n.countBySource[a.source]--
	}
	b.all = slices.Delete(b.all, least, least+1)
	return true
}

// rank returns how unimportant an address is: first by its origin, where a useful address counts like one that the
// user has named, then by its failures.
func (a *address) rank() uint {
	if a.wasUseful {
		return uint(a.failures)
	}
	return uint(a.origin.precedence())<<8 + uint(a.failures)
}
