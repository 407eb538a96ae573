package swarm

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
)

// rateMeter turns counters that are read now and then into bytes per second.
type rateMeter struct {
	at               time.Time
	down, up         int64
	downRate, upRate int64
}

// rateWindow is the shortest time over which a rate is taken; a meter that was not read for staleRate begins anew.
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

var sources = map[torrent.PeerSource]string{
	torrent.PeerSourceTracker: "tracker", torrent.PeerSourceIncoming: "incoming",
	torrent.PeerSourceDhtGetPeers: "dht", torrent.PeerSourceDhtAnnouncePeer: "dht",
	torrent.PeerSourcePex: "pex", torrent.PeerSourceUtHolepunch: "pex", torrent.PeerSourceLPD: "lsd",
	torrent.PeerSourceDirect: "given",
}

// Peers implements Torrent.
func (h *handle) Peers() []engine.Peer {
	lt := h.lib.Load()
	if lt == nil {
		return nil
	}
	now := time.Now()
	var peers []engine.Peer
	for _, pc := range lt.PeerConns() {
		conn, ok := h.c.conns.get(pc)
		if !ok {
			continue
		}
		peers = append(peers, h.peer(pc, conn, now))
	}
	peers = append(peers, h.webSeeds(lt)...)
	slices.SortFunc(peers, func(a, b engine.Peer) int { return strings.Compare(a.Address, b.Address) })
	return peers
}

// get gives a copy of what is kept of a connection.
func (s *connections) get(pc *torrent.PeerConn) (connection, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conn := s.open[pc]
	if conn == nil {
		return connection{}, false
	}
	return *conn, true
}

func (s *connections) rates(pc *torrent.PeerConn, now time.Time, down, up int64) (downRate, upRate int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if conn := s.open[pc]; conn != nil {
		return conn.rate.sample(now, down, up)
	}
	return 0, 0
}

func (h *handle) peer(pc *torrent.PeerConn, conn connection, now time.Time) engine.Peer {
	stats := pc.Stats()
	p := engine.Peer{
		Address: engine.Clean(pc.RemoteAddr.String()), Client: clientName(pc), Via: conn.via,
		Incoming: pc.Discovery == torrent.PeerSourceIncoming, Source: sources[pc.Discovery],
		Encrypted: conn.encrypted, PeerInterested: conn.interested, PeerChoking: conn.choking,
		Downloaded: stats.BytesReadUsefulData.Int64(), Uploaded: stats.BytesWrittenData.Int64(),
		Since: engine.At(conn.since),
	}
	describeWeb(&p, pc)
	p.DownRate, p.UpRate = h.c.conns.rates(pc, now, p.Downloaded, p.Uploaded)
	if m := h.meta.Load(); m != nil {
		p.Done = 1
		if m.Pieces > 0 {
			p.Done = float64(min(stats.RemotePieceCount, m.Pieces)) / float64(m.Pieces)
		}
		// The library does not tell what it said to the peer, but its rules are simple: it is interested in whoever
		// has something that is missing here, and chokes nobody, since it is told to seed.
		p.Interested = !h.complete() && h.misses(pc)
	}
	return p
}

// misses reports whether the peer has a piece that is not here.
func (h *handle) misses(pc *torrent.PeerConn) bool {
	data := h.data.Load()
	if data == nil {
		return false
	}
	for it := pc.PeerPieces().Iterator(); it.HasNext(); {
		p := int(it.Next())
		if p >= h.meta.Load().Pieces {
			return false
		}
		if done, _ := data.Piece(p); !done {
			return true
		}
	}
	return false
}

func (h *handle) webSeeds(lt *torrent.Torrent) []engine.Peer {
	var peers []engine.Peer
	for _, ws := range lt.WebseedPeerConns() {
		stats := ws.Stats()
		peers = append(peers, engine.Peer{
			Address: engine.Clean(ws.RemoteAddr.String()), Via: engine.WebSeed, Source: "given", Done: 1,
			Interested: !h.complete(), Choking: true, Downloaded: stats.BytesReadUsefulData.Int64(),
		})
	}
	return peers
}

// clientName is what the peer calls itself (BEP 10), or else what its peer id tells (BEP 20).
func clientName(pc *torrent.PeerConn) string {
	if name, _ := pc.PeerClientName.Load().(string); engine.Clean(name) != "" {
		return engine.Clean(name)
	}
	return peerIDName(pc.PeerID)
}

// clientCodes are the two letters of common Azureus-style peer ids (BEP 20).
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

// addrPort reads the address of a peer, if it is one of the Internet.
func addrPort(a fmt.Stringer) (netip.AddrPort, bool) {
	ap, err := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), err == nil
}
