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
	// retryFirst is the wait after a first failure. It doubles up to retryMax. A torrent without peers depends on it:
	// after a temporary failure (the other side had not noticed yet that we left, the network was gone) it must not
	// stay alone until the address is named again, which may take half an hour.
	retryFirst = 300 * time.Millisecond
	retryMax   = time.Minute
	// fullPaceRetries is how many failed addresses are retried at that pace. If more have failed, each waits longer,
	// so that the dials of a torrent whose peers are all gone do not grow with their number.
	fullPaceRetries = 20
	// An address is removed after so many failures in a row, unless the user has named it.
	maxFailuresTrusted = 20
	maxFailuresOther   = 5
	// minFailuresForReset is after how many failures an address is dialed at once when it is named again. Before that
	// its wait is short, and a DHT lookup names an address many times.
	minFailuresForReset = 5
	// selfBanTime is how long an address is not dialed at which this program itself has answered.
	selfBanTime = 24 * time.Hour
)

// Book holds the addresses of a torrent's peers. It must be used by one goroutine.
type Book struct {
	isOwn func(netip.AddrPort) bool
	rng   rand.PCG
	all   []address // oldest first
	bans  bans
	// forgotten holds addresses that have failed too often.
	forgotten bans
	// nextDue caches the result of NextTime while isNextDueValid is set. The addresses are the original.
	nextDue        time.Time
	isNextDueValid bool
}

// address is the address of a peer.
type address struct {
	addr   netip.AddrPort
	since  time.Time // when the wait for the next dial began
	source uint64    // who named it, if it is hearsay
	// random orders addresses that are equal otherwise.
	random   uint32
	failures uint8 // in a row
	origin   Origin
	state    state
	// wasUseful reports whether a connection to it was of use.
	wasUseful bool
}

type state uint8

const (
	waiting state = iota
	dialing
	connected
)

// NewBook returns an empty Book. own reports whether an address is this program's own; it may be nil. seed determines
// the order of addresses that are otherwise equal.
func NewBook(own func(netip.AddrPort) bool, seed uint64) *Book {
	b := &Book{isOwn: own}
	b.rng.Seed(seed, seed)
	return b
}

// Len returns the number of addresses.
func (b *Book) Len() int { return len(b.all) }

// OriginOf returns the origin of an address: Incoming if it is not in the Book.
func (b *Book) OriginOf(addr netip.AddrPort) Origin {
	if a := b.find(addr); a != nil {
		return a.origin
	}
	return Incoming
}

// Next returns at most n addresses to dial now. They count as being dialed until SetFailed or SetConnected.
func (b *Book) Next(now time.Time, n int) []netip.AddrPort {
	if when := b.NextTime(); when.IsZero() || when.After(now) {
		return nil
	}
	b.isNextDueValid = false
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
		if a.origin.isHearsay() {
			if p.dialingHearsay >= maxDialingHearsay {
				continue
			}
			p.dialingHearsay++
		}
		a.state = dialing
		next = append(next, a.addr)
	}
	return next
}

// compare orders due addresses: first those that were useful or expect a dial now, then those that have not failed,
// then the others, and within each group by origin.
func compare(a, b *address) int {
	return cmp.Or(
		cmp.Compare(a.tier(), b.tier()),
		cmp.Compare(a.origin.precedence(), b.origin.precedence()),
		cmp.Compare(a.random, b.random),
	)
}

// tier returns the group of an address in compare, the most promising first.
func (a *address) tier() int {
	switch {
	case a.wasUseful && a.failures < minFailuresForReset, a.origin == Holepunch && a.failures == 0:
		return 0
	case a.failures == 0:
		return 1
	}
	return 2
}

// NextTime returns when Next has an address to dial, which may be in the past; the zero time if it has none until
// something changes.
func (b *Book) NextTime() time.Time {
	if !b.isNextDueValid {
		b.nextDue, b.isNextDueValid = b.earliest(), true
	}
	return b.nextDue
}

func (b *Book) earliest() time.Time {
	p := b.pace()
	var first time.Time
	for i := range b.all {
		a := &b.all[i]
		if a.state != waiting || a.origin.isHearsay() && p.dialingHearsay >= maxDialingHearsay {
			continue
		}
		if due := p.due(a); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

// pace holds the numbers that determine how long addresses wait.
type pace struct {
	failing        int // addresses that wait and have failed
	connected      int
	dialingHearsay int
}

func (b *Book) pace() pace {
	var p pace
	for i := range b.all {
		switch a := &b.all[i]; {
		case a.state == connected:
			p.connected++
		case a.state == dialing && a.origin.isHearsay():
			p.dialingHearsay++
		case a.state == waiting && a.failures > 0 && !a.wasUseful:
			p.failing++
		}
	}
	return p
}

// due returns when a waiting address may be dialed.
func (p pace) due(a *address) time.Time {
	if a.failures == 0 {
		return a.since
	}
	wait := min(retryFirst<<min(a.failures-1, 8), retryMax)
	if !a.wasUseful {
		wait *= time.Duration((p.failing + fullPaceRetries - 1) / fullPaceRetries)
		if p.connected > 0 {
			wait = max(wait, retryMax)
		}
	}
	return a.since.Add(wait)
}

// SetConnected records that there is a connection to an address, whichever side has made it. The address is not dialed
// until SetDisconnected.
func (b *Book) SetConnected(addr netip.AddrPort) {
	if a := b.find(addr); a != nil {
		b.isNextDueValid = false
		a.state = connected
	}
}

// SetFailed records that dialing an address has failed. Canceled dials (context.Canceled) do not count as failures.
func (b *Book) SetFailed(addr netip.AddrPort, err error, now time.Time) {
	a := b.find(addr)
	if a == nil || a.state != dialing {
		return
	}
	b.isNextDueValid = false
	a.state = waiting
	switch {
	case b.bans.has(a.addr, now):
		b.remove(a.addr)
	case errors.Is(err, context.Canceled):
	case errors.Is(err, wire.ErrSelf):
		b.Ban(a.addr, now.Add(selfBanTime))
	case isNoNetwork(err):
		// This machine is offline, which says nothing about the peer: the address is kept.
		a.failures = uint8(min(int(a.failures), a.maxFailures()-2))
		b.countFailure(a, now)
	default:
		b.countFailure(a, now)
	}
}

// SetDisconnected records that the connection to an address has ended. useful reports whether it was of use: then the
// address is dialed again soon, and kept.
func (b *Book) SetDisconnected(addr netip.AddrPort, now time.Time, useful bool) {
	a := b.find(addr)
	if a == nil || a.state != connected {
		return
	}
	b.isNextDueValid = false
	a.state = waiting
	if useful {
		a.wasUseful, a.failures = true, 0
	}
	if b.bans.has(a.addr, now) {
		b.remove(a.addr)
		return
	}
	b.countFailure(a, now)
}

// countFailure counts a failure, and removes the address after too many.
func (b *Book) countFailure(a *address, now time.Time) {
	if int(a.failures)+1 >= a.maxFailures() {
		b.forgotten.add(a.addr, now.Add(forgottenTime), maxForgotten)
		b.remove(a.addr)
		return
	}
	a.since, a.random = now, uint32(b.rng.Uint64())
	a.failures = uint8(min(int(a.failures)+1, math.MaxUint8))
}

// maxFailures returns after how many failures an address is removed.
func (a *address) maxFailures() int {
	switch {
	case a.origin == Given:
		return math.MaxInt
	case a.origin.isTrusted() || a.wasUseful:
		return maxFailuresTrusted
	}
	return maxFailuresOther
}

// isNoNetwork reports whether an error means that this machine cannot reach the network. Windows has error numbers of
// its own.
func isNoNetwork(err error) bool {
	const wsaNetDown, wsaNetUnreach = syscall.Errno(10050), syscall.Errno(10051)
	for _, e := range []error{syscall.ENETDOWN, syscall.ENETUNREACH, wsaNetDown, wsaNetUnreach} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Ban prevents an address from being dialed until a time. It does not end a dial or connection.
func (b *Book) Ban(addr netip.AddrPort, until time.Time) {
	b.isNextDueValid = false
	b.bans.add(unmap(addr), until, maxBans)
	if a := b.find(addr); a != nil && a.state == waiting {
		b.remove(a.addr)
	}
}

// RetainOrigins removes the addresses whose origin is not accepted by origin. It does not end dials or connections.
func (b *Book) RetainOrigins(origin func(Origin) bool) {
	b.isNextDueValid = false
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
