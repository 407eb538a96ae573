package swarm

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"wtptui/engine"
)

func TestSummarizeTrackers(t *testing.T) {
	works := engine.Tracker{Last: engine.At(time.Unix(1, 0)), Peers: 2}
	fails := engine.Tracker{Last: engine.At(time.Unix(1, 0)), Error: "connection\x1b refused"}
	for want, trackers := range map[string][]engine.Tracker{
		"":                                  nil,
		"1 tracker asked, no answer yet":    {{}},
		"2 trackers asked, no answer yet":   {{}, fails},
		"2 of 3 trackers answered: 4 peers": {works, fails, works},
		"the tracker does not answer: connection refused":          {fails},
		"none of 2 trackers answers: " + engine.Clean(fails.Error): {fails, fails},
	} {
		if got := summarizeTrackers(trackers); got != want {
			t.Errorf("%v: %q, want %q", trackers, got, want)
		}
	}
}

func TestDiscoveryStatsSummary(t *testing.T) {
	var f discoveryStats
	expect := func(dht, local string) {
		t.Helper()
		if d, l := f.summary(); d != dht || l != local {
			t.Errorf("%q and %q, want %q and %q", d, l, dht, local)
		}
	}
	peer := func(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.IPv6Loopback(), port) }
	expect("DHT: not asked yet", "local network: nobody")
	f.startDHTAnnounce()
	expect("DHT: no node reached yet", "local network: nobody")
	f.addDHTNodes(20)
	f.addDHTNodes(3)
	f.addDHTPeers([]netip.AddrPort{peer(1), peer(2)})
	f.addDHTPeers([]netip.AddrPort{peer(1)})
	f.addLocalPeer(peer(9))
	f.addLocalPeer(peer(9))
	expect("DHT: 23 nodes asked, 2 peers", "local network: 1 peer")
	f.startDHTAnnounce()
	f.addDHTNodes(1)
	expect("DHT: 1 node asked, 0 peers", "local network: 1 peer")
}

// A torrent reports what its trackers have answered.
func TestDiscoveryStatus(t *testing.T) {
	tracker := newTracker(t)
	s := newSite(t, 16<<10, 1000)
	tor := add(t, start(t, config(t, tracker.url())), Spec{Infohash: s.hash, Info: s.info})
	want := []string{"1 of 1 tracker answered: 0 peers"}
	eventually(t, "the tracker's answer is told", func() bool { return slices.Equal(tor.DiscoveryStatus(), want) })
}
