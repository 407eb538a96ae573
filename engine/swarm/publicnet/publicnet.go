// Package publicnet keeps connections that strangers ask for out of private networks.
//
// It knows which addresses are public and which network any other belongs to; it must not know who asks or why. Names
// are not judged, since they resolve to whatever their owner likes: an address is checked when it is dialed, after
// resolution, for each attempt and redirect.
//
// Start with Dialer, and with Reaches for addresses that somebody names.
package publicnet

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrNotPublic means that an address is loopback, private, link-local, multicast, or reserved.
var ErrNotPublic = errors.New("not a public address")

// reserved are the blocks of public unicast space that lead somewhere else (IANA special-purpose registries).
var reserved = parse(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	"2001::/23",     // protocol assignments, Teredo and ORCHID among them
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"3fff::/20",     // documentation
)

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96")
	// nobody are the blocks in which there is no single host to talk to.
	nobody = parse("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")
	// local are the blocks of IPv6 beside global unicast that a host can have an address of.
	local = parse("::1/128", "fc00::/7", "fe80::/10")
)

func parse(blocks ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(blocks))
	for i, b := range blocks {
		prefixes[i] = netip.MustParsePrefix(b)
	}
	return prefixes
}

// Is reports whether an address is a public unicast one. IPv4 addresses inside IPv6 ones (::ffff:0:0/96 and the NAT64
// prefix of RFC 6052) are judged as what they are.
func Is(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = inner(a)
	if a.Is6() && !globalUnicast.Contains(a) || !a.IsValid() {
		return false
	}
	_, found := block(reserved, a)
	return !found
}

// Reaches reports whether a connection may be made to target because somebody at origin has named it: to a public
// address always, to one of any other block only if origin is in that block itself, or on this machine, which is on all
// of its networks. Addresses without a host (unspecified, multicast, broadcast) are never reached. An origin that is
// not known is the zero Addr.
func Reaches(origin, target netip.Addr) bool {
	if Is(target) {
		return true
	}
	origin, target = inner(origin.WithZone("")), inner(target.WithZone(""))
	if _, found := block(nobody, target); found || !target.IsValid() {
		return false
	}
	if origin.IsLoopback() {
		return true
	}
	network, found := block(reserved, target)
	if !found {
		network, found = block(local, target)
	}
	return found && network.Contains(origin)
}

// inner is the IPv4 address inside an IPv6 one, or else the address itself.
func inner(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

func block(blocks []netip.Prefix, a netip.Addr) (netip.Prefix, bool) {
	for _, p := range blocks {
		if p.Contains(a) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

// Control is a net.Dialer's or net.ListenConfig's Control that refuses addresses that are not public.
func Control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("publicnet: %q: %w", address, ErrNotPublic)
	}
	if !Is(ap.Addr()) {
		return fmt.Errorf("publicnet: %s: %w", ap.Addr(), ErrNotPublic)
	}
	return nil
}

// Dialer gives up after timeout and connects to public addresses only.
func Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, Control: Control}
}
