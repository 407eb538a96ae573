package swarm

import (
	"fmt"
	"net/netip"
	"strconv"
	"sync"

	"wtptui/engine"
)

// maxCountedPeers limits how many peers of each source are counted.
const maxCountedPeers = 1000

// discoveryStats counts the peers that were found by other means than trackers. The zero value is ready to use.
type discoveryStats struct {
	mu         sync.Mutex
	dht, local map[netip.AddrPort]struct{}
	// dhtAsked is how many DHT nodes the last announce has queried; dhtAnnounced reports whether there was one.
	dhtAsked     int
	dhtAnnounced bool
}

func (f *discoveryStats) addDHTPeers(peers []netip.AddrPort) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dht = addToSet(f.dht, peers...)
}

func (f *discoveryStats) addLocalPeer(peer netip.AddrPort) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.local = addToSet(f.local, peer)
}

func addToSet(known map[netip.AddrPort]struct{}, peers ...netip.AddrPort) map[netip.AddrPort]struct{} {
	if known == nil {
		known = make(map[netip.AddrPort]struct{})
	}
	for _, p := range peers {
		if len(known) < maxCountedPeers {
			known[p] = struct{}{}
		}
	}
	return known
}

// startDHTAnnounce must be called when a DHT announce starts, and addDHTNodes when it has queried n more nodes.
func (f *discoveryStats) startDHTAnnounce() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dhtAsked, f.dhtAnnounced, f.dht = 0, true, nil
}

func (f *discoveryStats) addDHTNodes(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dhtAsked += n
}

// summary returns what the DHT and the local network have returned, for the user.
func (f *discoveryStats) summary() (dht, local string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.dhtAnnounced:
		dht = "DHT: not asked yet"
	case f.dhtAsked == 0:
		dht = "DHT: no node reached yet"
	default:
		dht = fmt.Sprintf("DHT: %s asked, %s", plural(f.dhtAsked, "node"), plural(len(f.dht), "peer"))
	}
	local = "local network: nobody"
	if n := len(f.local); n > 0 {
		local = "local network: " + plural(n, "peer")
	}
	return dht, local
}

// summarizeTrackers returns what the trackers have answered, for the user; empty if there are none.
func summarizeTrackers(trackers []engine.Tracker) string {
	answered, failed, named, said := 0, 0, 0, ""
	for _, t := range trackers {
		switch {
		case t.Error != "":
			failed++
			if said == "" {
				said = t.Error
			}
		case !t.Last.IsZero():
			answered++
			named += t.Peers
		}
	}
	n := len(trackers)
	switch {
	case n == 0:
		return ""
	case answered > 0:
		return fmt.Sprintf("%d of %s answered: %s", answered, plural(n, "tracker"), plural(named, "peer"))
	case failed == n && n == 1:
		return engine.Clean("the tracker does not answer: " + said)
	case failed == n:
		return engine.Clean(fmt.Sprintf("none of %d trackers answers: %s", n, said))
	}
	return plural(n, "tracker") + " asked, no answer yet"
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
