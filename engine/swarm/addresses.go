package swarm

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"wtptui/engine/swarm/publicnet"
)

// maxNamed is how many addresses outside the public Internet are remembered.
const maxNamed = 4096

// errStranger is the error of a dial that only a stranger has asked for.
var errStranger = errors.New("swarm: a stranger named an address that is not public")

// addressFilter decides which addresses of peers are dialed. Trackers, the DHT and peers (BEP 11, BEP 55) may name any
// public one. An address of a private network is dialed if local discovery named it, or somebody who is on that
// network: from anybody else it would make this machine knock at the doors of its own neighbours. The zero value is
// ready.
type addressFilter struct {
	mu    sync.Mutex
	own   []netip.Addr // of this machine
	named addressSet   // not for everybody to name, and named by those who may
}

// setOwn notes the addresses of this machine. The public ones among them are a private matter, too: what listens there
// may trust the machine itself.
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

// reaches reports whether an address may be dialed because somebody at origin has named it. Origin is the zero Addr if
// it is not known.
func (f *addressFilter) reaches(origin, target netip.Addr) bool {
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

// admit reports whether a peer's address may be dialed because somebody at origin has named it, and remembers that.
func (f *addressFilter) admit(origin netip.Addr, peer netip.AddrPort) bool {
	peer = unmapped(peer)
	if !f.reaches(origin, peer.Addr()) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !publicnet.Is(peer.Addr()) || slices.Contains(f.own, peer.Addr()) {
		f.named.add(peer)
	}
	return true
}

// admitAll returns those of the peers that admit lets pass.
func (f *addressFilter) admitAll(origin netip.Addr, peers []netip.AddrPort) []netip.AddrPort {
	admitted := make([]netip.AddrPort, 0, len(peers))
	for _, p := range peers {
		if f.admit(origin, p) {
			admitted = append(admitted, p)
		}
	}
	return admitted
}

// allows reports whether an address may be dialed, whoever has named it.
func (f *addressFilter) allows(peer netip.AddrPort) bool {
	peer = unmapped(peer)
	f.mu.Lock()
	defer f.mu.Unlock()
	return publicnet.Is(peer.Addr()) && !slices.Contains(f.own, peer.Addr()) || f.named.has(peer)
}

// addressSet holds the newest maxNamed addresses.
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
	if len(s.order) >= maxNamed {
		delete(s.all, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
	s.all[a] = struct{}{}
	s.order = append(s.order, a)
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
