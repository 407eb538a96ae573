package limits

import (
	"net/netip"
	"testing"
)

// TestNetworkLimiterLeavesRoom promises that a few networks that acquire as many as they can leave room for many
// others.
func TestNetworkLimiterLeavesRoom(t *testing.T) {
	s := NewNetworkLimiter(10_000, 1000, 5)
	greedy, got := 0, 0
	for n := range 1005 {
		from := netip.AddrFrom4([4]byte{9, 9, byte(n >> 8), byte(n)})
		for got = 0; s.Acquire(from, 1); got++ {
		}
		if got > 5 {
			greedy++
		}
		if got == 0 {
			t.Fatalf("the %dth address gets nothing", n+1)
		}
	}
	if greedy != 5 || got != 5 || s.InUse() != 10_000 {
		t.Errorf("%d got a lot, the last got %d, %d taken", greedy, got, s.InUse())
	}
	if s.Acquire(netip.MustParseAddr("8.8.8.8"), 1) {
		t.Error("more than there are")
	}
	for from, n := range s.byNetwork {
		s.Release(from, n)
	}
	if s.InUse() != 0 || len(s.byNetwork) != 0 {
		t.Errorf("%d taken by %d after all was given back", s.InUse(), len(s.byNetwork))
	}
}

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"1.2.3.4": "1.2.3.4", "::ffff:1.2.3.4": "1.2.3.4", "2600:1:2:3:4:5:6:7": "2600:1:2:3::", "fe80::1%eth0": "fe80::",
	} {
		if got := Network(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%s is of %s", address, got)
		}
	}
}
