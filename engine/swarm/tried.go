package swarm

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"sync"

	"wtptui/engine"
)

// mostFinds bounds how many peers are counted of each way to find them.
const mostFinds = 1000

// finds knows which peers were named to a torrent beside its trackers. The zero value is ready.
type finds struct {
	mu         sync.Mutex
	dht, local map[netip.AddrPort]struct{}
	// asked is how many nodes of the DHT were asked by the last announce; announced says that there was one.
	asked     int
	announced bool
}

func (f *finds) inDHT(peers []netip.AddrPort) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dht = note(f.dht, peers...)
}

func (f *finds) nearby(peer netip.AddrPort) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.local = note(f.local, peer)
}

func note(known map[netip.AddrPort]struct{}, peers ...netip.AddrPort) map[netip.AddrPort]struct{} {
	if known == nil {
		known = make(map[netip.AddrPort]struct{})
	}
	for _, p := range peers {
		if len(known) < mostFinds {
			known[p] = struct{}{}
		}
	}
	return known
}

// announcing notes that an announce to the DHT begins, and ask that it has asked n more nodes.
func (f *finds) announcing() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked, f.announced, f.dht = 0, true, nil
}

func (f *finds) ask(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked += n
}

// say says what the DHT, and the local network, have answered.
func (f *finds) say() (dht, local string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.announced:
		dht = "DHT: not asked yet"
	case f.asked == 0:
		dht = "DHT: no node reached yet"
	default:
		dht = fmt.Sprintf("DHT: %s asked, %s", plural(f.asked, "node"), plural(len(f.dht), "peer"))
	}
	local = "local network: nobody"
	if n := len(f.local); n > 0 {
		local = "local network: " + plural(n, "peer")
	}
	return dht, local
}

// Tried implements Torrent.
func (h *handle) Tried() []string {
	var lines []string
	if line := triedTrackers(h.Trackers()); line != "" {
		lines = append(lines, line)
	}
	if n := h.swarmStats().Mirrors; n > 0 {
		lines = append(lines, cmp.Or(h.mirrorFaults.say(), plural(n, "web seed")+" asked"))
	}
	if h.private() {
		return lines
	}
	dht, local := h.finds.say()
	if h.c.dht != nil {
		lines = append(lines, dht)
	}
	if h.c.local != nil {
		lines = append(lines, local)
	}
	return lines
}

// triedTrackers says what trackers have answered; empty if there are none.
func triedTrackers(trackers []engine.Tracker) string {
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
