package dial

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"wtptui/engine/swarm/wire"
)

const (
	// retryFirst is the wait after a first failure. It doubles up to retryMost. A torrent that is alone depends on it:
	// a call that failed for a moment (the other side had not yet noticed that we left, a network that was gone) must
	// not leave it alone until somebody names the address again, which may take half an hour.
	retryFirst = 300 * time.Millisecond
	retryMost  = time.Minute
	// retriesAtOnce is how many addresses that failed are retried at that pace. If more have failed, each one waits
	// longer, so that the calls of a torrent whose peers are all gone do not grow with their number.
	retriesAtOnce = 20
	// An address is forgotten after so many failures in a row. One that a person named is never forgotten.
	triesTrusted = 20
	triesOther   = 5
	// renamedAfter is after how many failures an address is tried at once because it was named again. Before that,
	// its wait is short, and a DHT lookup names an address many times.
	renamedAfter = 5
	// selfFor is how long an address is left alone at which this program itself has answered.
	selfFor = 24 * time.Hour
)

// Book holds the addresses of a torrent's peers that may be called. Its owner calls it from one goroutine.
type Book struct {
	own  func(netip.AddrPort) bool
	rng  rand.PCG
	all  []address // oldest first
	bans bans
	// forgotten are addresses that have failed too often.
	forgotten bans
	// when is what When returns until something changes. It is a copy of what the addresses say.
	when    time.Time
	isKnown bool
}

// address is a peer that may be called.
type address struct {
	addr  netip.AddrPort
	since time.Time // when the wait for the next call began
	namer uint64    // who named it, if it is hearsay
	// random orders addresses that are equal otherwise.
	random   uint32
	failures uint8 // in a row
	origin   Origin
	state    state
	// useful is set when a connection to it was of use.
	useful bool
}

type state uint8

const (
	waiting state = iota
	calling
	connected
)

// NewBook returns an empty Book. Own reports whether an address is this program's own; it may be nil. Seed determines
// the order of addresses that are equal otherwise.
func NewBook(own func(netip.AddrPort) bool, seed uint64) *Book {
	b := &Book{own: own}
	b.rng.Seed(seed, seed)
	return b
}

// Len returns how many addresses there are.
func (b *Book) Len() int { return len(b.all) }

// OriginOf returns how an address became known: Incoming if it is not in the Book.
func (b *Book) OriginOf(addr netip.AddrPort) Origin {
	if a := b.find(addr); a != nil {
		return a.origin
	}
	return Incoming
}

// Next returns at most n addresses to call now. They count as being called until Failed or Met.
func (b *Book) Next(now time.Time, n int) []netip.AddrPort {
	if when := b.When(); when.IsZero() || when.After(now) {
		return nil
	}
	b.isKnown = false
	p := b.pace()
	var due []*address
	for i := range b.all {
		if a := &b.all[i]; a.state == waiting && !p.due(a).After(now) {
			due = append(due, a)
		}
	}
	slices.SortFunc(due, compare)
	var next []netip.AddrPort
	for _, a := range due {
		if len(next) >= n {
			break
		}
		if a.origin.hearsay() {
			if p.callingHearsay >= maxCallingHearsay {
				continue
			}
			p.callingHearsay++
		}
		a.state = calling
		next = append(next, a.addr)
	}
	return next
}

// compare orders addresses that are due: first those that were of use or wait for a call at this moment, then those
// that have not failed, then the others, and all of them by origin.
func compare(a, b *address) int {
	return cmp.Or(
		cmp.Compare(a.doubt(), b.doubt()),
		cmp.Compare(a.origin.precedence(), b.origin.precedence()),
		cmp.Compare(a.random, b.random),
	)
}

// doubt says how likely it is that nobody answers, the least first.
func (a *address) doubt() int {
	switch {
	case a.useful && a.failures < renamedAfter, a.origin == Holepunch && a.failures == 0:
		return 0
	case a.failures == 0:
		return 1
	}
	return 2
}

// When returns when Next has an address to call, which may be in the past; zero if it has none until something
// changes.
func (b *Book) When() time.Time {
	if !b.isKnown {
		b.when, b.isKnown = b.earliest(), true
	}
	return b.when
}

func (b *Book) earliest() time.Time {
	p := b.pace()
	var first time.Time
	for i := range b.all {
		a := &b.all[i]
		if a.state != waiting || a.origin.hearsay() && p.callingHearsay >= maxCallingHearsay {
			continue
		}
		if due := p.due(a); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

// pace determines how long addresses wait.
type pace struct {
	failing        int // addresses that wait and have failed
	connected      int
	callingHearsay int
}

func (b *Book) pace() pace {
	var p pace
	for i := range b.all {
		switch a := &b.all[i]; {
		case a.state == connected:
			p.connected++
		case a.state == calling && a.origin.hearsay():
			p.callingHearsay++
		case a.state == waiting && a.failures > 0 && !a.useful:
			p.failing++
		}
	}
	return p
}

// due returns when a waiting address may be called.
func (p pace) due(a *address) time.Time {
	if a.failures == 0 {
		return a.since
	}
	wait := min(retryFirst<<min(a.failures-1, 8), retryMost)
	if !a.useful {
		wait *= time.Duration((p.failing + retriesAtOnce - 1) / retriesAtOnce)
		if p.connected > 0 {
			wait = max(wait, retryMost)
		}
	}
	return a.since.Add(wait)
}

// Met notes that there is a connection to an address, whoever made it. The address is not called until Gone.
func (b *Book) Met(addr netip.AddrPort) {
	if a := b.find(addr); a != nil {
		b.isKnown = false
		a.state = connected
	}
}

// Failed notes that the call of an address has failed. Calls that were given up (context.Canceled) do not count.
func (b *Book) Failed(addr netip.AddrPort, err error, now time.Time) {
	a := b.find(addr)
	if a == nil || a.state != calling {
		return
	}
	b.isKnown = false
	a.state = waiting
	switch {
	case b.bans.has(a.addr, now):
		b.remove(a.addr)
	case errors.Is(err, context.Canceled):
	case errors.Is(err, wire.ErrSelf):
		b.Ban(a.addr, now.Add(selfFor))
	case isNoNetwork(err):
		// This machine is offline: that tells nothing about the peer, which is not forgotten.
		a.failures = uint8(min(int(a.failures), a.tries()-2))
		b.failed(a, now)
	default:
		b.failed(a, now)
	}
}

// Gone notes that the connection to an address has ended. Useful says whether it was of use; if it was, the address is
// called again soon, and kept.
func (b *Book) Gone(addr netip.AddrPort, now time.Time, useful bool) {
	a := b.find(addr)
	if a == nil || a.state != connected {
		return
	}
	b.isKnown = false
	a.state = waiting
	if useful {
		a.useful, a.failures = true, 0
	}
	if b.bans.has(a.addr, now) {
		b.remove(a.addr)
		return
	}
	b.failed(a, now)
}

// failed counts a failure, and forgets the address if there were too many.
func (b *Book) failed(a *address, now time.Time) {
	if int(a.failures)+1 >= a.tries() {
		b.forgotten.add(a.addr, now.Add(forgottenFor), maxForgotten)
		b.remove(a.addr)
		return
	}
	a.since, a.random = now, uint32(b.rng.Uint64())
	a.failures = uint8(min(int(a.failures)+1, math.MaxUint8))
}

// tries returns after how many failures an address is forgotten.
func (a *address) tries() int {
	switch {
	case a.origin == Given:
		return math.MaxInt
	case a.origin.trusted() || a.useful:
		return triesTrusted
	}
	return triesOther
}

// isNoNetwork reports whether an error says that this machine cannot reach the network. Windows has numbers of its own.
func isNoNetwork(err error) bool {
	const wsaNetDown, wsaNetUnreach = syscall.Errno(10050), syscall.Errno(10051)
	for _, e := range []error{syscall.ENETDOWN, syscall.ENETUNREACH, wsaNetDown, wsaNetUnreach} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Ban forbids to call an address until some time. A call or connection that is under way is not ended by it.
func (b *Book) Ban(addr netip.AddrPort, until time.Time) {
	b.isKnown = false
	b.bans.add(unmap(addr), until, maxBans)
	if a := b.find(addr); a != nil && a.state == waiting {
		b.remove(a.addr)
	}
}

// Keep forgets addresses but those of some origins. Calls and connections that are under way are not ended by it.
func (b *Book) Keep(origin func(Origin) bool) {
	b.isKnown = false
	b.all = slices.DeleteFunc(b.all, func(a address) bool { return !origin(a.origin) })
}

func (b *Book) find(addr netip.AddrPort) *address {
	addr = unmap(addr)
	for i := range b.all {
		if b.all[i].addr == addr {
			return &b.all[i]
		}
	}
	return nil
}

func (b *Book) remove(addr netip.AddrPort) {
	b.all = slices.DeleteFunc(b.all, func(a address) bool { return a.addr == addr })
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
