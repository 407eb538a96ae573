package swarm

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"wtptui/engine/swarm/publicnet"
)

// maxNamedAddrs is how many addresses outside the public Internet are remembered.
const maxNamedAddrs = 4096

// errPrivateAddr is the error of a dial to a private address that only an untrusted source has named.
var errPrivateAddr = errors.New("swarm: the address is not public, and was named from outside its network")

// addressFilter decides which peer addresses are dialed. Trackers, the DHT and peers (BEP 11, BEP 55) may name any
// public address. An address of a private network is dialed only if local discovery or a host on that network has
// named it: anybody else could make this machine probe its neighbours. The zero value is ready to use.
type addressFilter struct {
	mu    sync.Mutex
	own   []netip.Addr // addresses of this machine
	named addressSet   // restricted addresses, named by a source that may name them
}

// setOwn sets the addresses of this machine. Public ones among them are restricted too: a server that listens there
// may trust this machine.
func (f *addressFilter) setOwn(addrs []net.Addr) {
	own := make([]netip.Addr, 0, len(addrs))
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				own = append(own, ip.Unmap())
			}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.own = own
}

// allowsFrom reports whether target may be dialed because a source at origin has named it. origin is the zero Addr if
// it is not known.
func (f *addressFilter) allowsFrom(origin, target netip.Addr) bool {
	origin, target = origin.Unmap(), target.Unmap()
	f.mu.Lock()
	own := f.own
	f.mu.Unlock()
	if slices.Contains(own, target) && publicnet.Is(target) {
		return origin.IsLoopback() || slices.Contains(own, origin)
	}
	return publicnet.Reaches(origin, target)
}

// isOwn reports whether an address is one of this machine.
func (f *addressFilter) isOwn(a netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.own, a.Unmap())
}

// admit reports whether a peer's address may be dialed because a source at origin has named it. It remembers an
// admitted restricted address for allows.
func (f *addressFilter) admit(origin netip.Addr, peer netip.AddrPort) bool {
	peer = unmapped(peer)
	if !f.allowsFrom(origin, peer.Addr()) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !publicnet.Is(peer.Addr()) || slices.Contains(f.own, peer.Addr()) {
		f.named.add(peer)
	}
	return true
}

// filterAdmitted returns the peers that admit accepts.
func (f *addressFilter) filterAdmitted(origin netip.Addr, peers []netip.AddrPort) []netip.AddrPort {
	admitted := make([]netip.AddrPort, 0, len(peers))
	for _, p := range peers {
		if f.admit(origin, p) {
			admitted = append(admitted, p)
		}
	}
	return admitted
}

// allows reports whether an address may be dialed: it is public, or was admitted.
func (f *addressFilter) allows(peer netip.AddrPort) bool {
	peer = unmapped(peer)
	f.mu.Lock()
	defer f.mu.Unlock()
	return publicnet.Is(peer.Addr()) && !slices.Contains(f.own, peer.Addr()) || f.named.has(peer)
}

// addressSet holds the newest maxNamedAddrs addresses.
type addressSet struct {
	all   map[netip.AddrPort]struct{}
	order []netip.AddrPort // oldest first
}

func (s *addressSet) has(a netip.AddrPort) bool {
	_, ok := s.all[a]
	return ok
}

func (s *addressSet) add(a netip.AddrPort) {
	if s.has(a) {
		return
	}
	if s.all == nil {
		s.all = make(map[netip.AddrPort]struct{})
	}
	if len(s.order) >= maxNamedAddrs {
		delete(s.all, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
	s.all[a] = struct{}{}
	s.order = append(s.order, a)
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
