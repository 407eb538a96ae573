package sites

import (
	"reflect"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

const (
	tickInterval    = 250 * time.Millisecond // how often time passes, and the most often a snapshot is made
	statusInterval  = time.Second            // how often the swarm client is asked how it is
	trackerInterval = 5 * time.Second        // how often it is asked about all trackers, which costs more
	countInterval   = 30 * time.Second       // how often transfer totals are put into the rows
)

// poll asks the swarm for its numbers. A client that is slow to answer is asked again when it has.
type poller struct {
	cfg      *Config
	owner    *owner
	events   *eventLog
	torrents *torrents
	// whole is told of sites whose torrents have new numbers, as are lastCopies and rests.
	onSiteStats func(*site)
	lastCopies  *lastCopies
	rests       *rests
	// back is told when the network has come back.
	onOnline func(now time.Time)

	running bool
	// When it was done last.
	statusAt, trackersAt, countedAt time.Time

	status      swarm.Status
	trackers    []engine.Tracker
	resolvers   []engine.Resolver
	homeTracker engine.HomeTracker
}

// round is what is asked for at a time, and the answers.
type pollRound struct {
	torrents []*torrent
	joined   []swarm.Torrent
	stats    []swarm.Stats

	withStatus, withTrackers bool

	status      swarm.Status
	trackers    []engine.Tracker
	resolvers   []engine.Resolver
	homeTracker engine.HomeTracker
}

// begin asks the torrents whose turn it is, and now and then the client.
func (p *poller) start(now time.Time) {
	if p.running {
		return
	}
	r := &pollRound{withStatus: now.Sub(p.statusAt) >= statusInterval, torrents: p.torrents.pollQueue.dueTorrents(now)}
	r.withTrackers = r.withStatus && now.Sub(p.trackersAt) >= trackerInterval
	for _, t := range r.torrents {
		r.joined = append(r.joined, t.joined)
	}
	if len(r.torrents) == 0 && !r.withStatus {
		return
	}
	p.running = true
	p.owner.startTask(func() { r.query(p.cfg) }, func() {
		p.running = false
		p.applyRound(r, now)
	})
}

func (r *pollRound) query(cfg *Config) {
	r.stats = make([]swarm.Stats, len(r.joined))
	for i, t := range r.joined {
		r.stats[i] = t.Stats()
	}
	if r.withStatus {
		r.status, r.resolvers = cfg.Swarm.Status(), cfg.Resolver.Servers()
		r.homeTracker = cfg.homeTracker()
	}
	if r.withTrackers {
		r.trackers = cfg.Swarm.Trackers()
	}
}

func (p *poller) applyRound(r *pollRound, now time.Time) {
	for i, t := range r.torrents {
		if t.joined == r.joined[i] {
			p.handleStats(t, r.stats[i], now)
		}
	}
	if !r.withStatus {
		return
	}
	p.statusAt = now
	if !r.withTrackers {
		// How many announces wait changes with what trackers say.
		r.trackers, r.status.AnnouncesWaiting = p.trackers, p.status.AnnouncesWaiting
	} else {
		p.trackersAt = now
	}
	if nearlyEqual(r.status.Disk.Free, p.status.Disk.Free) {
		r.status.Disk.Free = p.status.Disk.Free
	}
	if !sameStatus(r.status, p.status) || !slices.Equal(r.trackers, p.trackers) ||
		!slices.Equal(r.resolvers, p.resolvers) || !reflect.DeepEqual(r.homeTracker, p.homeTracker) {
		p.events.changed = true
	}
	isBack := !p.status.Online && r.status.Online || p.status.DHTNodes <= 0 && r.status.DHTNodes > 0
	p.status, p.trackers, p.resolvers, p.homeTracker = r.status, r.trackers, r.resolvers, r.homeTracker
	if isBack {
		p.onOnline(now)
	}
}

func sameStatus(a, b swarm.Status) bool {
	return a.Port == b.Port && a.PortOpen == b.PortOpen && a.DHTNodes == b.DHTNodes &&
		a.Online == b.Online && a.WebTrackers == b.WebTrackers &&
		a.Disk == b.Disk && a.AnnouncesWaiting == b.AnnouncesWaiting &&
		slices.Equal(a.Warnings, b.Warnings)
}

// nearlyEqual reports whether two sizes differ by less than a hundredth: others on this machine write as well, and not
// each of their files is news.
func nearlyEqual(a, b int64) bool {
	return max(a, b)-min(a, b) < max(a, b)/100
}

// observe takes a torrent's new numbers and tells what they mean.
func (p *poller) handleStats(t *torrent, stats swarm.Stats, now time.Time) {
	fault, before := stats.Fault != nil && t.stats.Fault == nil, t.statsAt
	if t.setStats(stats, now) {
		p.events.changed = true
	}
	for s := range t.users {
		switch t {
		case s.torrent:
			p.trackNoPeers(s, &s.noPeersSince, t, before, now)
		case s.next.torrent:
			p.trackNoPeers(s, &s.next.noPeersSince, t, before, now)
		default:
			continue
		}
		if fault {
			p.events.record(s, engine.Problem, engine.Noticed, engine.Message(stats.Fault))
			s.notify()
		}
		p.onSiteStats(s)
		if t == s.torrent {
			p.lastCopies.observe(s, stats.Copies, now)
			p.rests.observe(s, now)
		}
	}
	if !t.working {
		t.retryClaims()
	}
}

// trackNoPeers notes since when an incomplete torrent of the site, which was looked at before, has had no peer.
func (p *poller) trackNoPeers(s *site, since *time.Time, t *torrent, before, now time.Time) {
	switch {
	case t.complete || t.stats.Peers > 0 || s.row.Paused || t.paused:
		*since = time.Time{}
	case since.IsZero():
		*since = now
	case now.Sub(*since)/time.Minute != before.Sub(*since)/time.Minute:
		p.events.changed = true // the time it has waited is shown, in minutes
	}
}
