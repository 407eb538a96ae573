package swarm

import (
	"net"
	"net/netip"
	"testing"
)

// newTestFilter returns a filter of a machine with a public address and a private one.
func newTestFilter() *addressFilter {
	f := &addressFilter{}
	f.setOwn([]net.Addr{
		&net.IPNet{IP: net.ParseIP("25.1.1.1"), Mask: net.CIDRMask(24, 32)},
		&net.IPNet{IP: net.ParseIP("192.168.1.2"), Mask: net.CIDRMask(24, 32)},
		&net.IPNet{IP: net.ParseIP("2a00::1"), Mask: net.CIDRMask(64, 128)},
	})
	return f
}

func TestAddressFilter(t *testing.T) {
	f := newTestFilter()
	for _, test := range []struct {
		origin, peer string
		want         bool
	}{
		{"26.1.1.1", "27.1.1.1", true},
		{"", "27.1.1.1", true},
		{"192.168.1.7", "27.1.1.1", true},
		{"26.1.1.1", "2a01::1", true},
		// What a stranger has no business with.
		{"26.1.1.1", "127.0.0.1", false},
		{"26.1.1.1", "127.8.8.8", false},
		{"26.1.1.1", "10.1.2.3", false},
		{"26.1.1.1", "172.20.1.1", false},
		{"26.1.1.1", "192.168.1.7", false},
		{"26.1.1.1", "169.254.169.254", false},
		{"26.1.1.1", "100.70.1.1", false},
		{"26.1.1.1", "::1", false},
		{"26.1.1.1", "fe80::1", false},
		{"26.1.1.1", "fd00::1", false},
		{"26.1.1.1", "::ffff:10.1.2.3", false},
		{"26.1.1.1", "64:ff9b::a01:203", false},
		{"26.1.1.1", "2002:a01:203::1", false},
		{"", "10.1.2.3", false},
		// Our own addresses.
		{"26.1.1.1", "25.1.1.1", false},
		{"26.1.1.1", "2a00::1", false},
		{"26.1.1.1", "192.168.1.2", false},
		{"", "25.1.1.1", false},
		{"25.1.1.1", "25.1.1.1", true},
		{"127.0.0.1", "25.1.1.1", true},
		// Who is there, or on this machine.
		{"192.168.1.7", "192.168.1.8", true},
		{"::ffff:192.168.1.7", "192.168.1.8", true},
		{"192.168.1.7", "10.1.2.3", false},
		{"192.168.1.7", "127.0.0.1", false},
		{"10.9.9.9", "10.1.2.3", true},
		{"fe80::7%eth0", "fe80::8", true},
		{"fd00::7", "fd00::8", true},
		{"fd00::7", "192.168.1.8", false},
		{"127.0.0.1", "192.168.1.8", true},
		{"::1", "127.0.0.1", true},
		// Nobody is there.
		{"127.0.0.1", "0.0.0.0", false},
		{"127.0.0.1", "255.255.255.255", false},
		{"127.0.0.1", "224.0.0.1", false},
		{"192.168.1.7", "239.192.1.1", false},
		{"127.0.0.1", "::", false},
		{"fe80::7", "ff02::1", false},
	} {
		var origin netip.Addr
		if test.origin != "" {
			origin = netip.MustParseAddr(test.origin)
		}
		f.named = addressSet{}
		peer := netip.AddrPortFrom(netip.MustParseAddr(test.peer), 6881)
		if f.admit(origin, peer) != test.want {
			t.Errorf("%s names %s: dialed is %v, want %v", test.origin, test.peer, !test.want, test.want)
		}
		if f.allows(peer) != test.want {
			t.Errorf("%s, named by %s: allowed is %v, want %v", test.peer, test.origin, !test.want, test.want)
		}
	}
}

func TestNamedAddressIsAllowedAtItsPortAlone(t *testing.T) {
	f := newTestFilter()
	f.admit(netip.MustParseAddr("192.168.1.7"), netip.MustParseAddrPort("192.168.1.8:6881"))
	if f.allows(netip.MustParseAddrPort("192.168.1.8:22")) {
		t.Error("another port of an address that was named is allowed")
	}
}

func TestNamedAddressesAreBounded(t *testing.T) {
	f := newTestFilter()
	for i := range 2 * maxNamedAddrs {
		peer := netip.AddrFrom4([4]byte{10, 1, byte(i), byte(i >> 8)})
		f.admit(netip.MustParseAddr("10.0.0.1"), netip.AddrPortFrom(peer, 1))
	}
	if len(f.named.all) != maxNamedAddrs || len(f.named.order) != maxNamedAddrs {
		t.Errorf("%d and %d addresses are remembered, want %d", len(f.named.all), len(f.named.order), maxNamedAddrs)
	}
}
