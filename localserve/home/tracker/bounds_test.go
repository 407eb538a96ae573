package tracker

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func lookupLocalhost(calls *int) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) ([]netip.Addr, error) {
		if *calls++; *calls > 1 {
			return nil, errors.New("no such host")
		}
		return []netip.Addr{netip.MustParseAddr("::ffff:5.5.5.5"), netip.MustParseAddr("::")}, nil
	}
}

// TestPeersOfOneAddressAreLimited promises that peers above the limit are told of others, but not named to them.
func TestPeersOfOneAddressAreLimited(t *testing.T) {
	tr := newTracker(t, Config{MaxPeers: 100})
	for port := 1; port <= 40; port++ {
		a := announceFrom(t, tr, fmt.Sprintf("2600:0:0:1::%x", port), announceQuery(1, port, port, 1))
		if unlisted := port > maxSwarmPerNetwork; unlisted != (a.Warning != "") {
			t.Fatalf("peer %d: %+v", port, a)
		} else if unlisted && len(a.peers()) != maxSwarmPerNetwork {
			t.Fatalf("peer %d is told of %d", port, len(a.peers()))
		}
	}
	if a := announceFrom(t, tr, "8.8.8.8", announceQuery(1, 99, 99, 1)); a.Warning != "" ||
		a.Incomplete != maxSwarmPerNetwork+1 {
		t.Errorf("another address: %+v", a)
	}
	for infohash := 2; infohash < 200; infohash++ {
		announceFrom(t, tr, "9.9.9.9", announceQuery(infohash, 1, 1, 1))
	}
	if s := tr.Stats(); s.Peers != 50 {
		t.Errorf("one address has too many: %+v", s)
	}
}

func TestThrottle(t *testing.T) {
	th, now := newThrottle(), time.Now()
	a, b := netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("2.2.2.2")
	asked := 0
	for th.allow(a, 1, now) {
		asked++
	}
	if asked != requestBurst || !th.allow(b, 1, now) {
		t.Errorf("%d at once", asked)
	}
	now = now.Add(time.Second)
	for asked = 0; th.allow(a, 1, now); asked++ {
	}
	if asked != requestRate {
		t.Errorf("%d a second later", asked)
	}
}
