package swarm

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm/announce"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/mirror"
	"wtptui/engine/swarm/torrent"
)

const (
	// maxForeignTrackers and maxWebSeeds bound what a link or torrent can make us contact.
	maxForeignTrackers = 20
	maxWebSeeds        = 20
	maxURL             = 2048
	// leftUnknown is what trackers are told is missing while even the size is unknown.
	leftUnknown = 16 << 10
)

// announcedTo gives the trackers of a torrent: the configured ones, and then those it was named with.
func announcedTo(configured, foreign []string) []announce.Tracker {
	var all []announce.Tracker
	seen := make(map[string]bool)
	for _, u := range configured {
		if u = strings.TrimSpace(u); isTracker(u) && !seen[u] {
			seen[u] = true
			all = append(all, announce.Tracker{URL: u, Trusted: true})
		}
	}
	n := 0
	for _, u := range foreign {
		if u = strings.TrimSpace(u); isTracker(u) && !seen[u] && n < maxForeignTrackers {
			seen[u] = true
			n++
			all = append(all, announce.Tracker{URL: u})
		}
	}
	return all
}

// isTracker reports whether a URL is that of a tracker which is announced to here; ws and wss are WebTorrent's.
func isTracker(s string) bool { return hasScheme(s, "http", "https", "udp") }

func hasScheme(s string, schemes ...string) bool {
	if len(s) > maxURL {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

func (h *handle) announce() {
	h.c.ann.Add(h.announced())
	h.announceWeb()
	h.announceDHT()
	h.c.announceLocally(h)
}

// announced is the torrent as HTTP and UDP trackers are told of it. life must be held.
func (h *handle) announced() announce.Torrent {
	return announce.Torrent{
		Infohash: h.hash, Trackers: announcedTo(h.c.cfg.Trackers, h.spec.Trackers),
		Counters: h.counters, Lonely: h.lonely, Found: h.found, Named: h.named,
	}
}

// keepPrivate is for a torrent whose info has become known: one that is private (BEP 27) is told to trackers only.
func (h *handle) keepPrivate() {
	if h.private() && h.c.dht != nil {
		h.c.dht.remove(h)
	}
}

func (h *handle) unannounce() {
	h.c.ann.Remove(h.hash)
	h.unannounceWeb()
	if h.c.dht != nil {
		h.c.dht.remove(h)
	}
}

func (h *handle) announceDHT() {
	if h.c.dht != nil && !h.private() {
		h.c.dht.add(h)
	}
}

// Announce implements Torrent.
func (h *handle) Announce() {
	h.life.Lock()
	defer h.life.Unlock()
	if h.peers.Load() == nil {
		return
	}
	h.c.ann.Now(h.hash)
	if w := h.web.Load(); w != nil {
		w.Announce()
	}
	h.announceDHT()
	h.c.announceLocally(h)
}

// counters are what trackers are told.
func (h *handle) counters() announce.Counters {
	s := h.Stats()
	c := announce.Counters{Uploaded: s.Uploaded, Downloaded: s.Downloaded, Left: leftUnknown}
	if m := h.meta.Load(); m != nil {
		c.Left = max(0, m.Size-s.Completed)
	}
	return c
}

func (h *handle) complete() bool {
	m, data := h.meta.Load(), h.data.Load()
	return m != nil && data != nil && data.Progress().Completed == m.Size
}

func (h *handle) lonely() bool { return h.swarmStats().Peers == 0 && !h.complete() }

// found takes the peers that a tracker at origin named.
func (h *handle) found(origin netip.Addr, peers []netip.AddrPort) {
	h.addPeers(origin, peers, dial.Tracker)
}

// named takes the peers that a tracker at origin named by DNS names.
func (h *handle) named(ctx context.Context, origin netip.Addr, names []string) {
	h.addPeers(origin, h.c.names.addresses(ctx, origin, names), dial.Tracker)
}

// addPeers makes peers known to the torrent that somebody at origin has named.
func (h *handle) addPeers(origin netip.Addr, peers []netip.AddrPort, source dial.Origin) {
	peers = h.c.sockets.addresses.admitAll(origin, peers)
	if swarm := h.peers.Load(); swarm != nil {
		swarm.Found(source, peers)
	}
}

// addWebSeeds adds those of public name; what they resolve to is checked when they are dialed.
func (h *handle) addWebSeeds(peers *torrent.Torrent) {
	n := 0
	for _, u := range h.spec.WebSeeds {
		if hasScheme(u, "http", "https") && n < maxWebSeeds {
			n++
			peers.Join(mirror.New(h.mirrorConfig(u)), engine.WebSeed, dial.Given)
		}
	}
}

// mirrorConfig says what a web seed has.
func (h *handle) mirrorConfig(url string) mirror.Config {
	m := h.meta.Load()
	cfg := mirror.Config{URL: url, Name: m.Name, Dir: m.dir, Transport: h.c.mirrors, UserAgent: userAgent, Log: h.c.log}
	cfg.Report = func(err error) { h.mirrorFaults.note(url, err) }
	for i, f := range m.layout.Files {
		cfg.Files = append(cfg.Files, mirror.File{Path: m.paths[i], Offset: f.Offset, Length: f.Length, Padding: f.Hidden})
	}
	return cfg
}

// Trackers implements Torrent.
func (h *handle) Trackers() []engine.Tracker {
	states := h.c.ann.States(h.hash)
	trackers := make([]engine.Tracker, 0, len(states))
	for _, s := range states {
		trackers = append(trackers, describeTracker(s))
	}
	if w := h.web.Load(); w != nil {
		trackers = append(trackers, w.Trackers()...)
	}
	return trackers
}

func describeTracker(s announce.State) engine.Tracker {
	tr := engine.Tracker{
		URL: engine.Clean(s.URL), Status: string(s.Status), Seeds: s.Seeds, Leechers: s.Leechers, Peers: s.Peers,
		Last: engine.At(s.Last), Next: engine.At(s.Next), Warning: engine.Clean(s.Warning),
	}
	if s.Status == "" {
		tr.Status = string(announce.Idle)
	}
	if s.Err != nil {
		tr.Error = engine.Clean(strings.TrimPrefix(s.Err.Error(), "announce: "))
	}
	return tr
}
