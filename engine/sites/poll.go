package sites

import (
	"reflect"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

const (
	tick       = 250 * time.Millisecond // how often time passes, and the most often a snapshot is made
	statusPoll = time.Second            // how often the swarm client is asked how it is
	trackPoll  = 5 * time.Second        // how often it is asked about all trackers, which costs more
	countEvery = 30 * time.Second       // how often transfer totals are put into the rows
)

// poll asks the swarm for its numbers. A client that is slow to answer is asked again when it has.
type poll struct {
	cfg      *Config
	owner    *owner
	news     *news
	torrents *torrents
	// whole is told of sites whose torrents have new numbers, as are lastCopies and rests.
	whole      func(*site)
	lastCopies *lastCopies
	rests      *rests
	// back is told when the network has come back.
	back func(now time.Time)

	running bool
	// When it was done last.
	statusAt, trackersAt, counted time.Time

	status      swarm.Status
	trackers    []engine.Tracker
	resolvers   []engine.Resolver
	homeTracker engine.HomeTracker
}

// round is what is asked for at a time, and the answers.
type round struct {
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
func (p *poll) begin(now time.Time) {
	if p.running {
		return
	}
	r := &round{withStatus: now.Sub(p.statusAt) >= statusPoll, torrents: p.torrents.rota.turn(now)}
	r.withTrackers = r.withStatus && now.Sub(p.trackersAt) >= trackPoll
	for _, t := range r.torrents {
		r.joined = append(r.joined, t.joined)
	}
	if len(r.torrents) == 0 && !r.withStatus {
		return
	}
	p.running = true
	p.owner.task(func() { r.ask(p.cfg) }, func() {
		p.running = false
		p.take(r, now)
	})
}

func (r *round) ask(cfg *Config) {
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

func (p *poll) take(r *round, now time.Time) {
	for i, t := range r.torrents {
		if t.joined == r.joined[i] {
			p.observe(t, r.stats[i], now)
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
	if isNearly(r.status.Disk.Free, p.status.Disk.Free) {
		r.status.Disk.Free = p.status.Disk.Free
	}
	if !sameStatus(r.status, p.status) || !slices.Equal(r.trackers, p.trackers) ||
		!slices.Equal(r.resolvers, p.resolvers) || !reflect.DeepEqual(r.homeTracker, p.homeTracker) {
		p.news.changed = true
	}
	isBack := !p.status.Online && r.status.Online || p.status.DHTNodes <= 0 && r.status.DHTNodes > 0
	p.status, p.trackers, p.resolvers, p.homeTracker = r.status, r.trackers, r.resolvers, r.homeTracker
	if isBack {
		p.back(now)
	}
}

func sameStatus(a, b swarm.Status) bool {
	return a.Port == b.Port && a.PortOpen == b.PortOpen && a.DHTNodes == b.DHTNodes &&
		a.Online == b.Online && a.WebTrackers == b.WebTrackers &&
		a.Disk == b.Disk && a.AnnouncesWaiting == b.AnnouncesWaiting &&
		slices.Equal(a.Warnings, b.Warnings)
}

// isNearly reports whether two sizes differ by less than a hundredth: others on this machine write as well, and not
// each of their files is news.
func isNearly(a, b int64) bool {
	return max(a, b)-min(a, b) < max(a, b)/100
}

// observe takes a torrent's new numbers and tells what they mean.
func (p *poll) observe(t *torrent, stats swarm.Stats, now time.Time) {
	fault, before := stats.Fault != nil && t.last.Fault == nil, t.lastAt
	if t.observe(stats, now) {
		p.news.changed = true
	}
	for s := range t.users {
		switch t {
		case s.torrent:
			p.watchLonely(s, &s.lonely, t, before, now)
		case s.next.torrent:
			p.watchLonely(s, &s.next.lonely, t, before, now)
		default:
			continue
		}
		if fault {
			p.news.record(s, engine.Problem, engine.Noticed, engine.Message(stats.Fault))
			s.notify()
		}
		p.whole(s)
		if t == s.torrent {
			p.lastCopies.observe(s, stats.Copies, now)
			p.rests.observe(s, now)
		}
	}
	if !t.working {
		t.decideClaims()
	}
}

// watchLonely notes since when an incomplete torrent of the site, which was looked at before, has had no peer.
func (p *poll) watchLonely(s *site, lonely *time.Time, t *torrent, before, now time.Time) {
	switch {
	case t.complete || t.last.Peers > 0 || s.row.Paused || t.paused:
		*lonely = time.Time{}
	case lonely.IsZero():
		*lonely = now
	case now.Sub(*lonely)/time.Minute != before.Sub(*lonely)/time.Minute:
		p.news.changed = true // the time it has waited is shown, in minutes
	}
}
