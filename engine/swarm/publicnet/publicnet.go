// Package publicnet keeps connections that strangers ask for out of private networks.
//
// It knows which addresses are public; it must not know who asks or why. Names are not judged, since they resolve to
// whatever their owner likes: an address is checked when it is dialed, after resolution, for each attempt and redirect.
//
// Start with Dialer.
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
	a = a.Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if a.Is6() && !globalUnicast.Contains(a) || !a.IsValid() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
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
