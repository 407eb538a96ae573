package swarm

import (
	"errors"
	"net/netip"
	"sync"
	"time"
)

// Who gave wrong data is not told by an address alone: behind the address of a liar there may be honest peers (one NAT,
// one company), and one liar would take all of them away.

// Bounds of what is remembered of liars.
const (
	// banTime is how long a liar is not met again.
	banTime = time.Hour
	// mostLiars is how many peers at one address may have lied, and given fewer right pieces, before nobody there is met
	// again.
	mostLiars = 3
	// maxOffenders bounds how many peers, and addresses, are remembered.
	maxOffenders = 4096
)

// errLiars is the error of a dial to an address that nothing good comes from.
var errLiars = errors.New("swarm: only wrong data has come from this address")

// offenders are peers that gave wrong data. The zero value is ready.
type offenders struct {
	mu    sync.Mutex
	peers map[offender]time.Time // until when they are banned
	addrs map[netip.Addr]*record
}

type offender struct {
	id   [20]byte
	addr netip.Addr
}

// record is how many peers at an address have lied, and how many right pieces have come from there since.
type record struct {
	liars, right int
	until        time.Time // when it is no longer banned; the zero time if it is not
}

func (o *offenders) gaveRight(a netip.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.addrs[a]; r != nil { // Of those who never gave a wrong piece nothing has to be known.
		r.right++
	}
}

func (o *offenders) gaveWrong(id [20]byte, addr netip.Addr, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.peers == nil {
		o.peers, o.addrs = make(map[offender]time.Time), make(map[netip.Addr]*record)
	}
	who := offender{id, addr}
	if now.Before(o.peers[who]) {
		return // Its other pieces were wrong, too.
	}
	for k := range o.peers {
		if len(o.peers) < maxOffenders {
			break
		}
		delete(o.peers, k)
	}
	o.peers[who] = now.Add(banTime)
	if !addr.IsValid() {
		return
	}
	for k := range o.addrs {
		if len(o.addrs) < maxOffenders {
			break
		}
		delete(o.addrs, k)
	}
	r := o.addrs[addr]
	if r == nil {
		r = &record{}
		o.addrs[addr] = r
	}
	if r.liars++; r.liars >= mostLiars && r.liars > r.right {
		*r = record{until: now.Add(banTime)}
	}
}

// isBanned reports whether a peer is not to be met.
func (o *offenders) isBanned(id [20]byte, addr netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	until, ok := o.peers[offender{id, addr}]
	return ok && now.Before(until)
}

// isAddrBanned reports whether nobody at an address is to be met.
func (o *offenders) isAddrBanned(addr netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.addrs[addr]
	return r != nil && now.Before(r.until)
}
