package swarm

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anacrolix/dht/v2"

	"wtptui/engine"
	"wtptui/engine/swarm/announce"
	"wtptui/engine/swarm/copies"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/webtorrent"
)

// finders holds everything that finds peers, for all torrents.
type finders struct {
	trackers  []string    // configured
	own       *ownTracker // nil if there is none
	ann       *announce.Announcer
	web       *webtorrent.Client
	dht       *dhtAnnouncer   // nil if it is off
	local     *localDiscovery // nil if it is off
	addresses *addressFilter
	names     *peerNames
}

// discovery finds the peers of one torrent while the torrent is in its swarm.
type discovery struct {
	hash     infohash
	finders  *finders
	content  *content
	presence *presence

	mu       sync.Mutex
	trackers []string // those that the torrent was named with; they are foreign
	tracked  bool     // see Spec.Tracked
	web      atomic.Pointer[webtorrent.Torrent]
	stats    discoveryStats
	// webSeedErrors holds the last errors of web seeds.
	webSeedErrors webSeedErrors
	copies        *copies.Counter
	// lastLocalReply is when a local announce was answered last, in Unix seconds.
	lastLocalReply atomic.Int64
}

// startAnnouncing announces the torrent everywhere, at intervals, until stopAnnouncing.
func (d *discovery) startAnnouncing() {
	d.finders.ann.Add(d.announceTorrent())
	d.startWebTorrent()
	d.announceToDHTAndLSD()
}

func (d *discovery) stopAnnouncing() {
	d.finders.ann.Remove(d.hash)
	if w := d.web.Swap(nil); w != nil {
		w.Drop()
	}
	if d.finders.dht != nil {
		d.finders.dht.remove(d)
	}
}

// announceNow announces the torrent everywhere now.
func (d *discovery) announceNow() {
	d.announceToTrackers()
	d.announceToDHTAndLSD()
}

// announceToTrackers announces to all trackers now.
func (d *discovery) announceToTrackers() {
	d.finders.ann.Now(d.hash)
	if w := d.web.Load(); w != nil {
		w.Announce()
	}
}

// announceCompleted announces to trackers once that the download is complete (BEP 3).
func (d *discovery) announceCompleted() {
	d.finders.ann.Complete(d.hash)
	if w := d.web.Load(); w != nil {
		w.Completed()
	}
}

// announceToDHTAndLSD announces to the DHT and the local network. A private torrent is announced to trackers only (BEP
// 27).
func (d *discovery) announceToDHTAndLSD() {
	if d.content.isPrivate() {
		return
	}
	if d.finders.dht != nil {
		d.finders.dht.add(d)
	}
	if d.finders.local != nil {
		d.finders.local.announce(d)
	}
}

// applyPrivate must be called when a torrent's info dictionary has become known. It stops announces that a private
// torrent must not make.
func (d *discovery) applyPrivate() {
	if !d.content.isPrivate() {
		return
	}
	if d.finders.dht != nil {
		d.finders.dht.remove(d)
	}
	if d.finders.own != nil {
		d.updateTrackers()
	}
}

// addTrackers adds trackers. It reports whether any of them was new.
func (d *discovery) addTrackers(trackers []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	more := newOnes(d.trackers, trackers)
	d.trackers = slices.Concat(d.trackers, more)
	return len(more) > 0
}

// setTracked sets whether the tracker in this process serves the torrent. It reports whether that has changed.
func (d *discovery) setTracked(tracked bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	changed := d.tracked != tracked
	d.tracked = tracked
	return changed
}

// trackerURLs returns the torrent's current trackers.
func (d *discovery) trackerURLs() trackerURLs {
	d.mu.Lock()
	defer d.mu.Unlock()
	foreign, named := d.finders.own.removeOwn(d.trackers)
	return trackerURLs{
		own: d.finders.own.announceURLs(named, d.tracked, d.content.isPrivate()), configured: d.finders.trackers,
		foreign: foreign,
	}
}

// updateTrackers passes the changed trackers to the announcers.
func (d *discovery) updateTrackers() {
	d.finders.ann.Update(d.announceTorrent())
	if w := d.web.Load(); w != nil {
		w.Update(d.trackerURLs().webTrackers())
	} else {
		d.startWebTorrent()
	}
}

// announceTorrent returns the torrent's description for HTTP and UDP trackers.
func (d *discovery) announceTorrent() announce.Torrent {
	return announce.Torrent{
		Infohash: d.hash, Trackers: d.trackerURLs().announceTrackers(),
		Counters: d.counters, NeedsPeers: d.needsPeers, AddPeers: d.addTrackerPeers, AddNamedPeers: d.addNamedPeers,
		Counted: func(tracker string, seeds int) { d.copies.TrackerReported(tracker, false, seeds, time.Now()) },
	}
}

// startWebTorrent starts connecting to browsers. It does nothing for a torrent without WebTorrent trackers.
func (d *discovery) startWebTorrent() {
	trackers := d.trackerURLs().webTrackers()
	if len(trackers) == 0 {
		return
	}
	d.web.Store(d.finders.web.Add(webtorrent.Spec{
		Infohash: d.hash, Trackers: trackers, Want: d.wantedOffers,
		Stats: func() (uploaded, downloaded, left int64) {
			c := d.counters()
			return c.Uploaded, c.Downloaded, c.Left
		},
		Counted: func(tracker string, seeds int) { d.copies.TrackerReported(tracker, true, seeds, time.Now()) },
	}))
}

// wantedOffers returns how many browsers the torrent wants to connect to now.
func (d *discovery) wantedOffers() int {
	if d.content.isComplete() {
		return 0
	}
	return min(maxOffers, max(0, enoughPeers-d.presence.swarmStats().Peers))
}

// counters returns the numbers that trackers are told.
func (d *discovery) counters() announce.Counters {
	sum := d.presence.traffic.sum()
	return announce.Counters{Uploaded: sum.up, Downloaded: sum.down, Left: d.content.bytesLeft()}
}

func (d *discovery) needsPeers() bool {
	return d.presence.swarmStats().Peers == 0 && !d.content.isComplete()
}

// addTrackerPeers adds the peers that a tracker at origin returned.
func (d *discovery) addTrackerPeers(origin netip.Addr, peers []netip.AddrPort) {
	d.addPeers(origin, peers, dial.Tracker)
}

// addNamedPeers adds peers that a tracker at origin, or a link, named as host:port.
func (d *discovery) addNamedPeers(ctx context.Context, origin netip.Addr, names []string) {
	d.addPeers(origin, d.finders.names.resolve(ctx, origin, names), dial.Tracker)
}

// addDHTPeers adds the peers that a DHT node returned.
func (d *discovery) addDHTPeers(v dht.PeersValues) {
	peers := make([]netip.AddrPort, 0, len(v.Peers))
	for _, p := range v.Peers {
		if ip, ok := netip.AddrFromSlice(p.IP); ok && p.Port > 0 && p.Port < 1<<16 {
			peers = append(peers, netip.AddrPortFrom(ip.Unmap(), uint16(p.Port)))
		}
	}
	d.stats.addDHTPeers(peers)
	origin, _ := netip.AddrFromSlice(v.Addr.IP)
	d.addPeers(origin, peers, dial.DHT)
}

// addLocalPeer adds a peer of the local network. It answers with an announce at most once a minute, so that the peer
// finds us without waiting.
func (d *discovery) addLocalPeer(peer netip.AddrPort) {
	d.stats.addLocalPeer(peer)
	d.addPeers(peer.Addr(), []netip.AddrPort{peer}, dial.LSD)
	now, last := time.Now().Unix(), d.lastLocalReply.Load()
	if now-last >= 60 && d.lastLocalReply.CompareAndSwap(last, now) {
		d.finders.local.announce(d)
	}
}

// addPeers adds peers that a source at origin has named.
func (d *discovery) addPeers(origin netip.Addr, peers []netip.AddrPort, source dial.Origin) {
	peers = d.finders.addresses.filterAdmitted(origin, peers)
	if swarm := d.presence.swarm.Load(); swarm != nil {
		swarm.AddFound(source, peers)
	}
}

// Trackers implements Torrent.
func (d *discovery) Trackers() []engine.Tracker {
	states := d.finders.ann.States(d.hash)
	trackers := make([]engine.Tracker, 0, len(states))
	for _, s := range states {
		trackers = append(trackers, describeTracker(s))
	}
	if w := d.web.Load(); w != nil {
		trackers = append(trackers, w.Trackers()...)
	}
	return trackers
}

// DiscoveryStatus implements Torrent.
func (d *discovery) DiscoveryStatus() []string {
	var lines []string
	if line := summarizeTrackers(d.Trackers()); line != "" {
		lines = append(lines, line)
	}
	if n := d.presence.swarmStats().Mirrors; n > 0 {
		lines = append(lines, cmp.Or(d.webSeedErrors.message(), plural(n, "web seed")+" asked"))
	}
	if d.content.isPrivate() {
		return lines
	}
	dht, local := d.stats.summary()
	if d.finders.dht != nil {
		lines = append(lines, dht)
	}
	if d.finders.local != nil {
		lines = append(lines, local)
	}
	return lines
}

// newOnes returns the items of more that are not in have, without duplicates.
func newOnes(have, more []string) []string {
	var out []string
	for _, m := range more {
		if !slices.Contains(have, m) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
