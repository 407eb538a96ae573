package sites

import (
	"maps"
	"slices"
	"time"

	"wtptui/engine"
)

const (
	tick       = 250 * time.Millisecond // how often time passes, and the most often a snapshot is made
	idlePoll   = 2 * time.Second        // how often a torrent that does nothing is asked for its numbers
	statusPoll = time.Second            // how often the swarm client is asked how it is
	trackPoll  = 5 * time.Second        // how often it is asked about all trackers, which costs more
	saveEvery  = 2 * time.Second        // how long a deadline or total may stay unsaved
	countEvery = 30 * time.Second       // how often transfer totals are put into the rows
	backupEach = time.Hour              // how often the database's good copy is renewed
)

// schedule remembers when the loop last did what it does less often than every tick.
type schedule struct {
	status, trackers, saved, counted, backup time.Time
}

// loop lets time pass until Close.
func (e *Engine) loop(ticks <-chan time.Time) {
	e.schedule.backup = e.start
	for {
		select {
		case <-e.ctx.Done():
			return
		case now := <-ticks:
			e.step(now)
			e.beats.add()
		}
	}
}

// step does everything that is due.
func (e *Engine) step(now time.Time) {
	e.poll(now)
	e.expire(now)
	e.shrink()
	e.finishEvictions(now)
	e.follow(now)
	e.advance(now)
	e.dropKept(now)
	e.persist(now)
	if e.takeChanged() {
		e.publish()
	}
}

// poll asks the torrents for their numbers: each tick those that do something, the others every idlePoll.
func (e *Engine) poll(now time.Time) {
	e.mu.Lock()
	var due []*torrent
	for _, t := range e.torrents {
		if t.busy() || now.Sub(t.lastAt) >= idlePoll {
			due = append(due, t)
		}
	}
	askStatus := now.Sub(e.schedule.status) >= statusPoll
	askTrackers := now.Sub(e.schedule.trackers) >= trackPoll
	e.mu.Unlock()
	for _, t := range due {
		stats := t.Stats()
		e.mu.Lock()
		e.observe(t, stats, now)
		e.mu.Unlock()
	}
	if !askStatus {
		return
	}
	status, resolvers := e.cfg.Swarm.Status(), e.cfg.Resolver.Servers()
	trackers := e.trackers
	if askTrackers {
		trackers = e.cfg.Swarm.Trackers()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.schedule.status = now
	if askTrackers {
		e.schedule.trackers = now
	}
	e.changed = e.changed || !sameStatus(status, e.status) || !slices.Equal(trackers, e.trackers) || !slices.Equal(resolvers, e.resolvers)
	e.status, e.trackers, e.resolvers = status, trackers, resolvers
}

// busy says that the torrent's numbers are likely to change soon.
func (t *torrent) busy() bool {
	return !t.complete || t.last.Checking || t.last.Peers > 0 || t.down.rate() != 0 || t.up.rate() != 0
}

// observe takes a torrent's new numbers and tells what they mean. mu must be held.
func (e *Engine) observe(t *torrent, stats swarmStats, now time.Time) {
	if stats != t.last {
		e.changed = true
	}
	downRate, upRate := t.down.rate(), t.up.rate()
	t.down.add(now, stats.Downloaded)
	t.up.add(now, stats.Uploaded)
	if t.down.rate() != downRate || t.up.rate() != upRate {
		e.changed = true
	}
	fault := stats.Fault != nil && t.last.Fault == nil
	kept := t.ready && !stats.Checking && stats.Kept == t.Info().Size
	if kept && t.last.Kept < stats.Kept {
		e.schedule.saved = time.Time{} // What else has to be on the disk before it is complete is written in this tick.
	}
	t.last, t.lastAt = stats, now
	finished := kept && (t.complete || e.allWritten(t))
	for s := range t.users {
		switch t {
		case s.torrent:
			e.watchLonely(s, &s.lonely, stats, finished, now)
		case s.next:
			e.watchLonely(s, &s.nextLonely, stats, finished, now)
		default:
			continue
		}
		if fault {
			e.record(s, engine.Problem, engine.Noticed, engine.Message(stats.Fault))
			s.notify()
		}
		if finished && !t.complete && t == s.torrent {
			e.record(s, engine.Info, engine.Completed, "complete: "+describeInfo(t.Info())+", seeding")
		}
	}
	t.complete = finished
}

// allWritten reports whether the torrent's list of files and the rows of the sites that serve it are on the disk. mu must be
// held, here and below.
func (e *Engine) allWritten(t *torrent) bool {
	for s := range t.users {
		if s.torrent == t && s.saved != t.Infohash() {
			return false
		}
	}
	_, unkept := e.unkept[t]
	return !unkept
}

// beingWritten says that all of the site is here, and has not reached the disk yet.
func (e *Engine) beingWritten(s *site) bool {
	t := s.torrent
	if t == nil || !t.ready || t.last.Checking || t.last.Completed < t.Info().Size {
		return false
	}
	_, unkept := e.unkept[t]
	return unkept || t.last.Kept < t.last.Completed || s.saved != t.Infohash()
}

// watchLonely notes since when an incomplete torrent of the site has had no peer.
func (e *Engine) watchLonely(s *site, lonely *time.Time, stats swarmStats, finished bool, now time.Time) {
	switch {
	case finished || stats.Peers > 0 || s.row.Paused:
		*lonely = time.Time{}
	case lonely.IsZero():
		*lonely = now
	default:
		// The time it has waited is shown, in minutes.
		e.changed = e.changed || now.Sub(*lonely)/time.Minute != now.Add(-tick).Sub(*lonely)/time.Minute
	}
}

// persist writes rows that have changed, now and then the totals, and the good copy of the database.
func (e *Engine) persist(now time.Time) {
	e.mu.Lock()
	if now.Sub(e.schedule.counted) >= countEvery {
		e.schedule.counted = now
		for host, s := range e.sites {
			if s.count() {
				e.unsaved[host] = struct{}{}
			}
		}
	}
	due := len(e.unsaved)+len(e.unkept) > 0 && now.Sub(e.schedule.saved) >= saveEvery
	if due {
		e.schedule.saved = now
	}
	unkept := slices.Collect(maps.Keys(e.unkept))
	backup := now.Sub(e.schedule.backup) >= backupEach
	if backup {
		e.schedule.backup = now
	}
	e.mu.Unlock()
	if due {
		if err := e.save(); err != nil {
			e.cfg.Logger.Error("sites: save", "err", err)
		}
		for _, t := range unkept {
			e.keepInfo(t)
		}
	}
	if backup {
		if err := e.cfg.Store.Backup(); err != nil {
			e.cfg.Logger.Warn("sites: back the database up", "err", err)
		}
	}
}

func (e *Engine) takeChanged() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	changed := e.changed
	e.changed = false
	return changed
}
