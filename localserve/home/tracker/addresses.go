package tracker

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// reaches reports whether somebody at from could call somebody at to. Both are addresses that this machine was asked
// from, or at: who comes from the Internet reaches neither this machine's loopback nor its private networks.
func reaches(from, to netip.Addr) bool {
	switch {
	case to.IsLoopback():
		return from.IsLoopback()
	case isPrivate(to):
		return isPrivate(from) // Who is on loopback may be a relay there, and so be anybody.
	}
	return true
}

func isPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() ||
		slices.ContainsFunc(private, func(p netip.Prefix) bool { return p.Contains(a) })
}

// private are further blocks that do not lead anywhere from the Internet: "this network", what providers give to many
// customers with one public address (RFC 6598), benchmarks (RFC 2544), site-local addresses, and IPv4 within IPv6, of
// whatever kind (RFC 6052).
var private = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("64:ff9b::/96"),
}

// isHost reports whether an address is that of one host.
func isHost(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// lookUp keeps the addresses of the names, until Close.
func (t *Tracker) lookUp() {
	for {
		var all []netip.Addr
		for _, name := range t.cfg.Names {
			ctx, cancel := context.WithTimeout(t.ctx, lookupTime)
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
		if len(all) > 0 { // What was found before is better than nothing.
			t.addresses.Store(&all)
		}
		next := lookupEvery
		if t.addresses.Load() == nil {
			next = lookupAgain // This machine may be about to get its network.
		}
		select {
		case <-time.After(next):
		case <-t.ctx.Done():
			return
		}
	}
}

// ownAddress is where somebody at from calls this machine, over IPv4 or IPv6; at is where they have reached it, if that
// is known. The zero Addr means that nobody knows.
func (t *Tracker) ownAddress(from, at netip.Addr, v4 bool) netip.Addr {
	if isHost(at) && at.Is4() == v4 && reaches(from, at) {
		return at
	}
	if known := t.addresses.Load(); known != nil {
		for _, a := range *known {
			if a.Is4() == v4 && reaches(from, a) {
				return a
			}
		}
	}
	return netip.Addr{}
}
