package swarm

import (
	"errors"
	"net/netip"
	"sync"
	"time"
)

// A sender of wrong data is not identified by its address alone: behind the same address there may be honest peers (a
// NAT, a company), which one liar must not get banned.

// Limits of bans.
const (
	// banTime is how long a liar is banned.
	banTime = time.Hour
	// maxLiarsPerAddr is how many peers at one address may have lied, if more than the right pieces from there, before
	// the whole address is banned.
	maxLiarsPerAddr = 3
	// maxOffenders limits how many peers, and addresses, are remembered.
	maxOffenders = 4096
)

// errBannedAddr is the error of a dial to a banned address.
var errBannedAddr = errors.New("swarm: only wrong data has come from this address")

// offenders holds the peers that sent wrong data. The zero value is ready to use.
type offenders struct {
	mu    sync.Mutex
	peers map[offender]time.Time // until when they are banned
	addrs map[netip.Addr]*addrRecord
}

type offender struct {
	id   [20]byte
	addr netip.Addr
}

// addrRecord counts the liars at an address, and the right pieces from there since.
type addrRecord struct {
	liars, right int
	until        time.Time // when its ban ends; the zero time if it is not banned
}

func (o *offenders) recordRight(a netip.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.addrs[a]; r != nil { // Addresses without liars need no record.
		r.right++
	}
}

func (o *offenders) recordWrong(id [20]byte, addr netip.Addr, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.peers == nil {
		o.peers, o.addrs = make(map[offender]time.Time), make(map[netip.Addr]*addrRecord)
	}
	who := offender{id, addr}
	if now.Before(o.peers[who]) {
		return // Its other pieces of the time before the ban are wrong, too.
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
		r = &addrRecord{}
		o.addrs[addr] = r
	}
	if r.liars++; r.liars >= maxLiarsPerAddr && r.liars > r.right {
		*r = addrRecord{until: now.Add(banTime)}
	}
}

// isBanned reports whether a peer is banned.
func (o *offenders) isBanned(id [20]byte, addr netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	until, ok := o.peers[offender{id, addr}]
	return ok && now.Before(until)
}

// isAddrBanned reports whether all peers at an address are banned.
func (o *offenders) isAddrBanned(addr netip.Addr, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.addrs[addr]
	return r != nil && now.Before(r.until)
}
