package swarm

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/torrent"
	"wtptui/engine/swarm/webtorrent"
)

// rateMeter computes bytes per second from counters that are sampled now and then.
type rateMeter struct {
	at               time.Time
	down, up         int64
	downRate, upRate int64
}

// rateWindow is the shortest time over which a rate is computed. A meter that was not sampled for staleRate starts
// again.
const (
	rateWindow = 900 * time.Millisecond
	staleRate  = 15 * time.Second
)

func (m *rateMeter) sample(now time.Time, down, up int64) (downRate, upRate int64) {
	d := now.Sub(m.at)
	if m.at.IsZero() || d > staleRate {
		*m = rateMeter{at: now, down: down, up: up}
		return 0, 0
	}
	if d >= rateWindow {
		m.downRate = int64(float64(down-m.down) / d.Seconds())
		m.upRate = int64(float64(up-m.up) / d.Seconds())
		m.at, m.down, m.up = now, down, up
	}
	return m.downRate, m.upRate
}

func describePeer(p torrent.Peer) engine.Peer {
	d := engine.Peer{
		Address: engine.Clean(p.Address), Client: clientName(p), Via: p.Via, Incoming: p.Origin == dial.Incoming,
		Source: p.Origin.String(), Encrypted: p.Obfuscated, Interested: p.Interested, Choking: p.Choking,
		PeerInterested: p.PeerInterested, PeerChoking: p.PeerChoking, Done: max(0, p.Done),
		Downloaded: p.Down, Uploaded: p.Up, Since: engine.At(p.Since),
	}
	if a, ok := p.Remote.(webtorrent.Addr); ok {
		d.Source, d.Incoming = "tracker", !a.Offered
	}
	return d
}

// peerRates computes the rates of a torrent's peers while they are displayed. The zero value is ready to use.
type peerRates struct {
	mu     sync.Mutex
	meters map[peerKey]*rateMeter
}

// peerKey identifies a connection.
type peerKey struct {
	address string
	since   time.Time
}

func (r *peerRates) sample(p torrent.Peer, now time.Time) (down, up int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.meters == nil {
		r.meters = make(map[peerKey]*rateMeter)
	}
	key := peerKey{p.Address, p.Since}
	m := r.meters[key]
	if m == nil {
		for k, old := range r.meters {
			if now.Sub(old.at) > staleRate {
				delete(r.meters, k)
			}
		}
		m = &rateMeter{}
		r.meters[key] = m
	}
	return m.sample(now, p.Down, p.Up)
}

// clientName returns the client name that the peer sent (BEP 10), or else the one in its peer id (BEP 20).
func clientName(p torrent.Peer) string {
	if name := engine.Clean(p.Client); name != "" || p.Via == engine.WebSeed {
		return name
	}
	return peerIDName(p.ID)
}

// clientCodes maps the two letters of common Azureus-style peer ids (BEP 20) to clients.
var clientCodes = map[string]string{
	"AZ": "Vuze", "BC": "BitComet", "BI": "BiglyBT", "BT": "BitTorrent", "DE": "Deluge", "GT": "anacrolix/torrent",
	"KT": "KTorrent", "LT": "libtorrent", "lt": "rTorrent", "PI": "PicoTorrent", "qB": "qBittorrent", "TR": "Transmission",
	"TX": "Tixati", "UT": "µTorrent", "UW": "µTorrent Web", "WD": "WebTorrent Desktop", "WP": "wtptui", "WW": "WebTorrent",
	"A2": "aria2",
}

func peerIDName(id [20]byte) string {
	if id[0] != '-' || id[7] != '-' {
		return engine.Clean(strings.TrimRight(string(id[:8]), "-\x00"))
	}
	code, version := string(id[1:3]), id[3:7]
	name := clientCodes[code]
	if name == "" {
		name = code
	}
	digits := make([]string, 0, len(version))
	for _, d := range version {
		digits = append(digits, string(rune(d)))
	}
	for len(digits) > 1 && digits[len(digits)-1] == "0" {
		digits = digits[:len(digits)-1]
	}
	return engine.Clean(fmt.Sprintf("%s %s", name, strings.Join(digits, ".")))
}

// addrPort parses the address of a peer. It returns false if it is not an IP address.
func addrPort(a fmt.Stringer) (netip.AddrPort, bool) {
	ap, err := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), err == nil
}
