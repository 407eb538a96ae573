package swarm

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/publicnet"
)

// Bounds of what is looked up because somebody named peers by DNS names.
const (
	maxPeerNames     = 20 // of one answer or link
	maxNameAddresses = 4  // of one name
	maxNameLookups   = 8  // at the same time, over all torrents
	nameTimeout      = 5 * time.Second
	namesTimeout     = 30 * time.Second // for all names of one answer or link
)

// peerNames looks up the names that a tracker (BEP 3) or a magnet link (BEP 9) gives for peers instead of addresses. What
// comes of it is judged as if the addresses had been given, since names lead wherever their owners like.
type peerNames struct {
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// room holds a token for each lookup that is running.
	room chan struct{}
}

func newPeerNames() *peerNames {
	return &peerNames{lookup: net.DefaultResolver.LookupNetIP, room: make(chan struct{}, maxNameLookups)}
}

// addresses returns the addresses of peers that somebody at origin named, a host and a port each, in order; origin is the
// zero Addr for a link. What is no such name, or cannot be found in time, is left out.
func (n *peerNames) addresses(ctx context.Context, origin netip.Addr, names []string) []netip.AddrPort {
	ctx, cancel := context.WithTimeout(ctx, namesTimeout)
	defer cancel()
	var all []netip.AddrPort
	for _, name := range names[:min(len(names), maxPeerNames)] {
		host, digits, err := net.SplitHostPort(name)
		if err != nil {
			continue
		}
		port, err := strconv.ParseUint(digits, 10, 16)
		if err != nil || port == 0 {
			continue
		}
		for _, a := range n.find(ctx, origin, host) {
			all = append(all, netip.AddrPortFrom(a.Unmap(), uint16(port)))
		}
	}
	return all
}

// find returns the addresses of one host, which may be an address itself.
func (n *peerNames) find(ctx context.Context, origin netip.Addr, host string) []netip.Addr {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}
	}
	if !mayName(origin, host) {
		return nil
	}
	select {
	case n.room <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-n.room }()
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	addrs, err := n.lookup(ctx, "ip", host)
	if err != nil {
		return nil // who named it may have better ones
	}
	return addrs[:min(len(addrs), maxNameAddresses)]
}

// mayName reports whether a name is looked up for somebody at origin. A name that only means something on this machine or
// its network is, for those who are there.
func mayName(origin netip.Addr, host string) bool {
	if origin.IsValid() && !publicnet.Is(origin) {
		return host != ""
	}
	domain, err := engine.ParseHost(host)
	return err == nil && strings.Contains(domain, ".")
}
