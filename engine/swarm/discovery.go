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

// finders are the ways to find peers of any torrent.
type finders struct {
	trackers  []string    // the configured ones
	own       *ownTracker // nil if there is none
	ann       *announce.Announcer
	web       *webtorrent.Client
	dht       *dhtAnnouncer // nil when it is off
	local     *neighbours   // nil when it is off
	addresses *addressFilter
	names     *peerNames
}

// discovery finds the peers of one torrent while it is in its swarm.
type discovery struct {
	hash     infohash
	by       *finders
	content  *content
	presence *presence

	mu       sync.Mutex
	trackers []string // that the torrent was named with: they are foreign
	tracked  bool     // see Spec
	web      atomic.Pointer[webtorrent.Torrent]
	finds    finds
	// mirrorFaults are of the web seeds that were asked.
	mirrorFaults mirrorFaults
	copies       *copies.Counter
	// answeredLocally is when a local announce was answered last, as Unix seconds.
	answeredLocally atomic.Int64
}

// begin announces the torrent everywhere, again and again until end.
func (d *discovery) begin() {
	d.by.ann.Add(d.announced())
	d.beginWeb()
	d.askAround()
}

func (d *discovery) end() {
	d.by.ann.Remove(d.hash)
	if w := d.web.Swap(nil); w != nil {
		w.Drop()
	}
	if d.by.dht != nil {
		d.by.dht.remove(d)
	}
}

// again announces it now.
func (d *discovery) again() {
	d.changed()
	d.askAround()
}

// changed tells trackers now what has become of the torrent.
func (d *discovery) changed() {
	d.by.ann.Now(d.hash)
	if w := d.web.Load(); w != nil {
		w.Announce()
	}
}

// finished tells trackers once that the download is complete (BEP 3).
func (d *discovery) finished() {
	d.by.ann.Complete(d.hash)
	if w := d.web.Load(); w != nil {
		w.Completed()
	}
}

// askAround asks those who need not be named. Only trackers are told of a private torrent (BEP 27).
func (d *discovery) askAround() {
	if d.content.private() {
		return
	}
	if d.by.dht != nil {
		d.by.dht.add(d)
	}
	if d.by.local != nil {
		d.by.local.announce(d)
	}
}

// keepPrivate is for a torrent whose info has become known.
func (d *discovery) keepPrivate() {
	if !d.content.private() {
		return
	}
	if d.by.dht != nil {
		d.by.dht.remove(d)
	}
	if d.by.own != nil {
		d.update()
	}
}

// nameTrackers makes more trackers known. It reports whether there was any new one among them.
func (d *discovery) nameTrackers(trackers []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	more := missing(d.trackers, trackers)
	d.trackers = slices.Concat(d.trackers, more)
	return len(more) > 0
}

// track notes whether the tracker in this process serves the torrent. It reports whether that has changed.
func (d *discovery) track(tracked bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	changed := d.tracked != tracked
	d.tracked = tracked
	return changed
}

// urls are the torrent's trackers now.
func (d *discovery) urls() trackerURLs {
	d.mu.Lock()
	defer d.mu.Unlock()
	foreign, named := d.by.own.cut(d.trackers)
	return trackerURLs{
		own: d.by.own.listed(named, d.tracked, d.content.private()), configured: d.by.trackers, foreign: foreign,
	}
}

// update announces to the trackers that the torrent has now, which are others than it had at begin.
func (d *discovery) update() {
	d.by.ann.Update(d.announced())
	if w := d.web.Load(); w != nil {
		w.Update(d.urls().web())
	} else {
		d.beginWeb()
	}
}

// announced is the torrent as HTTP and UDP trackers are told of it.
func (d *discovery) announced() announce.Torrent {
	return announce.Torrent{
		Infohash: d.hash, Trackers: d.urls().announcedTo(),
		Counters: d.counters, Lonely: d.lonely, Found: d.found, Named: d.foundNamed,
		Counted: func(tracker string, seeds int) { d.copies.Told(tracker, false, seeds, time.Now()) },
	}
}

// beginWeb begins to meet browsers. It does nothing for a torrent without WebTorrent trackers.
func (d *discovery) beginWeb() {
	trackers := d.urls().web()
	if len(trackers) == 0 {
		return
	}
	d.web.Store(d.by.web.Add(webtorrent.Spec{
		Infohash: d.hash, Trackers: trackers, Want: d.wantsWeb,
		Stats: func() (uploaded, downloaded, left int64) {
			c := d.counters()
			return c.Uploaded, c.Downloaded, c.Left
		},
		Counted: func(tracker string, seeds int) { d.copies.Told(tracker, true, seeds, time.Now()) },
	}))
}

// wantsWeb is how many browsers the torrent would like to meet now.
func (d *discovery) wantsWeb() int {
	if d.content.complete() {
		return 0
	}
	return min(mostOffers, max(0, fewPeers-d.presence.swarmStats().Peers))
}

// counters are what trackers are told.
func (d *discovery) counters() announce.Counters {
	sum := d.presence.traffic.sum()
	return announce.Counters{Uploaded: sum.up, Downloaded: sum.down, Left: d.content.left()}
}

func (d *discovery) lonely() bool { return d.presence.swarmStats().Peers == 0 && !d.content.complete() }

// found takes the peers that a tracker at origin named.
func (d *discovery) found(origin netip.Addr, peers []netip.AddrPort) {
	d.addPeers(origin, peers, dial.Tracker)
}

// foundNamed takes the peers that a tracker, or a link, at origin named by a host and a port each.
func (d *discovery) foundNamed(ctx context.Context, origin netip.Addr, names []string) {
	d.addPeers(origin, d.by.names.addresses(ctx, origin, names), dial.Tracker)
}

// foundInDHT takes the peers that a node named.
func (d *discovery) foundInDHT(v dht.PeersValues) {
	peers := make([]netip.AddrPort, 0, len(v.Peers))
	for _, p := range v.Peers {
		if ip, ok := netip.AddrFromSlice(p.IP); ok && p.Port > 0 && p.Port < 1<<16 {
			peers = append(peers, netip.AddrPortFrom(ip.Unmap(), uint16(p.Port)))
		}
	}
	d.finds.inDHT(peers)
	origin, _ := netip.AddrFromSlice(v.Addr.IP)
	d.addPeers(origin, peers, dial.DHT)
}

// foundLocally takes a peer of the local network, and answers once in a while, so that it finds us too without waiting.
func (d *discovery) foundLocally(peer netip.AddrPort) {
	d.finds.nearby(peer)
	d.addPeers(peer.Addr(), []netip.AddrPort{peer}, dial.LSD)
	if now, last := time.Now().Unix(), d.answeredLocally.Load(); now-last >= 60 && d.answeredLocally.CompareAndSwap(last, now) {
		d.by.local.announce(d)
	}
}

// addPeers makes peers known to the torrent that somebody at origin has named.
func (d *discovery) addPeers(origin netip.Addr, peers []netip.AddrPort, source dial.Origin) {
	peers = d.by.addresses.admitAll(origin, peers)
	if swarm := d.presence.peers.Load(); swarm != nil {
		swarm.AddFound(source, peers)
	}
}

// Trackers implements Torrent.
func (d *discovery) Trackers() []engine.Tracker {
	states := d.by.ann.States(d.hash)
	trackers := make([]engine.Tracker, 0, len(states))
	for _, s := range states {
		trackers = append(trackers, describeTracker(s))
	}
	if w := d.web.Load(); w != nil {
		trackers = append(trackers, w.Trackers()...)
	}
	return trackers
}

// Tried implements Torrent.
func (d *discovery) Tried() []string {
	var lines []string
	if line := triedTrackers(d.Trackers()); line != "" {
		lines = append(lines, line)
	}
	if n := d.presence.swarmStats().Mirrors; n > 0 {
		lines = append(lines, cmp.Or(d.mirrorFaults.say(), plural(n, "web seed")+" asked"))
	}
	if d.content.private() {
		return lines
	}
	dht, local := d.finds.say()
	if d.by.dht != nil {
		lines = append(lines, dht)
	}
	if d.by.local != nil {
		lines = append(lines, local)
	}
	return lines
}

// missing gives what of more is not in have.
func missing(have, more []string) []string {
	var out []string
	for _, m := range more {
		if !slices.Contains(have, m) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
