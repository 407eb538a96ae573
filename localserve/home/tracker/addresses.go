package tracker

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// canReach reports whether a client at from could connect to a peer at to. Clients from the Internet cannot reach this
// machine's loopback nor its private networks.
func canReach(from, to netip.Addr) bool {
	switch {
	case to.IsLoopback():
		return from.IsLoopback()
	case isPrivate(to):
		return isPrivate(from) // A client on loopback may be a proxy for anybody.
	}
	return true
}

func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() ||
		slices.ContainsFunc(nonPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// nonPublic are further blocks that cannot be reached from the Internet: "this network", carrier-grade NAT (RFC 6598),
// benchmarks (RFC 2544), site-local addresses, and IPv4 embedded in IPv6 (RFC 6052).
var nonPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("64:ff9b::/96"),
}

// isHost reports whether an address is that of a single host.
func isHost(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// refreshAddresses looks up the addresses of the names again and again, until Close.
func (t *Tracker) refreshAddresses() {
	for {
		var all []netip.Addr
		for _, name := range t.cfg.Names {
			ctx, cancel := context.WithTimeout(t.ctx, lookupTimeout)
			found, err := t.cfg.Lookup(ctx, name)
			cancel()
			if err != nil {
				t.cfg.Log.Debug("tracker: where a name leads to", "name", name, "err", err)
			}
			for _, a := range found {
				if a = a.Unmap().WithZone(""); isHost(a) {
					all = append(all, a)
				}
			}
		}
		if len(all) > 0 { // If nothing was found, the former addresses are still used.
			t.addresses.Store(&all)
		}
		next := lookupEvery
		if t.addresses.Load() == nil {
			next = lookupRetry // This machine may be about to get its network.
		}
		select {
		case <-time.After(next):
		case <-t.ctx.Done():
			return
		}
	}
}

// ownAddress returns the IPv4 or IPv6 address at which a peer at from can reach this machine. at is the address to
// which its request has come, if known. The result is the zero Addr if it is unknown.
func (t *Tracker) ownAddress(from, at netip.Addr, v4 bool) netip.Addr {
	if isHost(at) && at.Is4() == v4 && canReach(from, at) {
		return at
	}
	if known := t.addresses.Load(); known != nil {
		for _, a := range *known {
			if a.Is4() == v4 && canReach(from, a) {
				return a
			}
		}
	}
	return netip.Addr{}
}
