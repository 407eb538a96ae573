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

// Limits of the lookups of peers that are named by DNS names.
const (
	maxPeerNames     = 20 // of one response or link
	maxNameAddresses = 4  // of one name
	maxNameLookups   = 8  // at the same time, of all torrents
	nameTimeout      = 5 * time.Second
	namesTimeout     = 30 * time.Second // for all names of one response or link
)

// peerNames resolves the names of peers that a tracker (BEP 3) or a magnet link (BEP 9) returns instead of addresses.
// The resulting addresses are checked like any others, since a name may point anywhere.
type peerNames struct {
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	// slots holds a token for each running lookup.
	slots chan struct{}
}

func newPeerNames() *peerNames {
	return &peerNames{lookup: net.DefaultResolver.LookupNetIP, slots: make(chan struct{}, maxNameLookups)}
}

// resolve returns the addresses of peers that a source at origin has named as host:port, in order. origin is the zero
// Addr for a link. Invalid names, and names that cannot be resolved in time, are omitted.
func (n *peerNames) resolve(ctx context.Context, origin netip.Addr, names []string) []netip.AddrPort {
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
		for _, a := range n.lookupHost(ctx, origin, host) {
			all = append(all, netip.AddrPortFrom(a.Unmap(), uint16(port)))
		}
	}
	return all
}

// lookupHost returns the addresses of one host, which may be an address itself.
func (n *peerNames) lookupHost(ctx context.Context, origin netip.Addr, host string) []netip.Addr {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}
	}
	if !mayResolve(origin, host) {
		return nil
	}
	select {
	case n.slots <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	defer func() { <-n.slots }()
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	addrs, err := n.lookup(ctx, "ip", host)
	if err != nil {
		return nil // The other names may work.
	}
	return addrs[:min(len(addrs), maxNameAddresses)]
}

// mayResolve reports whether a name is resolved for a source at origin. Names that only mean something on this machine
// or its network are resolved only for sources that are there.
func mayResolve(origin netip.Addr, host string) bool {
	if origin.IsValid() && !publicnet.Is(origin) {
		return host != ""
	}
	domain, err := engine.ParseHost(host)
	return err == nil && strings.Contains(domain, ".")
}
