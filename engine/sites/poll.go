package sites

import (
	"reflect"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

const (
	tickInterval    = 250 * time.Millisecond // period of onTick, and the shortest time between snapshots
	statusInterval  = time.Second            // how often the swarm client's status is polled
	trackerInterval = 5 * time.Second        // how often all trackers are polled, which costs more
	countInterval   = 30 * time.Second       // how often transfer totals are written into the rows
)

// poller polls the swarm for statistics. There is one round at a time, however slow the client is.
type poller struct {
	cfg      *Config
	owner    *owner
	events   *eventLog
	torrents *torrents
	// onSiteStats is called for each site whose torrent has new statistics, as are lastCopies and rests.
	onSiteStats func(*site)
	lastCopies  *lastCopies
	rests       *rests
	// onOnline is called when the network has come back.
	onOnline func(now time.Time)

	running bool
	// When each was done last.
	statusAt, trackersAt, countedAt time.Time

	status      swarm.Status
	trackers    []engine.Tracker
	resolvers   []engine.Resolver
	homeTracker engine.HomeTracker
}

// pollRound is the queries of one round and their results.
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

// start starts a round: it polls the torrents that are due, and at longer intervals the client.
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
		// The number of waiting announces changes with the trackers' states, so both are updated together.
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
	cameOnline := !p.status.Online && r.status.Online || p.status.DHTNodes <= 0 && r.status.DHTNodes > 0
	p.status, p.trackers, p.resolvers, p.homeTracker = r.status, r.trackers, r.resolvers, r.homeTracker
	if cameOnline {
		p.onOnline(now)
	}
}

func sameStatus(a, b swarm.Status) bool {
	return a.Port == b.Port && a.PortOpen == b.PortOpen && a.DHTNodes == b.DHTNodes &&
		a.Online == b.Online && a.WebTrackers == b.WebTrackers &&
		a.Disk == b.Disk && a.AnnouncesWaiting == b.AnnouncesWaiting &&
		slices.Equal(a.Warnings, b.Warnings)
}

// nearlyEqual reports whether two sizes differ by less than one percent. Other programs write to the disk as well, and
// small changes are not worth a snapshot.
func nearlyEqual(a, b int64) bool {
	return max(a, b)-min(a, b) < max(a, b)/100
}

// handleStats handles a torrent's new statistics.
func (p *poller) handleStats(t *torrent, stats swarm.Stats, now time.Time) {
	isNewFault, before := stats.Fault != nil && t.stats.Fault == nil, t.statsAt
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
		if isNewFault {
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

// trackNoPeers updates since when an incomplete torrent of the site has had no peers; before is when it was polled
// last.
func (p *poller) trackNoPeers(s *site, since *time.Time, t *torrent, before, now time.Time) {
	switch {
	case t.complete || t.stats.Peers > 0 || s.row.Paused || t.paused:
		*since = time.Time{}
	case since.IsZero():
		*since = now
	case now.Sub(*since)/time.Minute != before.Sub(*since)/time.Minute:
		p.events.changed = true // the waiting time is shown in minutes
	}
}
