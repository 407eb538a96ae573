package sites

import (
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// state is everything that the engine knows. Only the owner goroutine touches it. It is made of parts with one
// responsibility each; a part holds references to the other parts that it needs.
type state struct {
	*stateAccess

	cfg    *Config
	clock  Clock
	closed bool

	events       *eventLog
	journal      *journal
	roster       *roster
	torrents     *torrents
	descriptions *descriptions
	swarm        *membership
	names        *nameFollower
	republisher  *republisher
	versions     *versions
	own          *publications
	cache        *cache
	poll         *poller
	rates        *rates
	scheduler    *scheduler
	snapshots    *snapshotter
	removals     *removals
	homes        *homes
	bin          *bin
	folders      *folders
	scrub        *scrubber

	// sitesChecked is when checkSites ran last.
	sitesChecked time.Time
}

// checkInterval returns how often the given number of sites is checked while nothing changes: once a second, and less
// often with thousands of sites, where the check would cost more than everything else in an idle engine.
func checkInterval(sites int) time.Duration {
	const perSecond = 5000
	return time.Second * time.Duration(1+sites/perSecond)
}

func newState(cfg *Config, o *owner, n *eventLog) *state {
	st := &state{cfg: cfg, clock: cfg.Clock, events: n, roster: newRoster()}
	st.journal = &journal{owner: o, db: cfg.Store, onRowWritten: st.rowWritten, dirty: map[*site]struct{}{}}
	st.own = &publications{journal: st.journal, cfg: cfg, byHost: map[string]store.Publication{}}
	st.journal.failure = &failure{log: cfg.Logger, events: n, what: "what has changed is not saved yet"}
	st.folders = newFolders(cfg, o, st.journal, st.roster, st.own)
	st.folders.failure = &failure{log: cfg.Logger, events: n, what: "the sites' folders do not say yet what they are"}
	st.own.onChanged = st.folders.markChanged
	st.descriptions = &descriptions{owner: o, journal: st.journal, events: n, onInfoSaved: st.folders.markChanged}
	st.torrents = newTorrents(cfg, o, st.journal, st.own, st.descriptions)
	st.torrents.onDeleted = st.folders.markUpToDate
	st.scrub = newScrub(cfg, o, n, st.journal, st.torrents, st.own)
	st.torrents.onLeaving = st.scrub.savePosition
	st.swarm = &membership{
		cfg: cfg, owner: o, journal: st.journal, events: n, roster: st.roster, torrents: st.torrents,
		descriptions: st.descriptions,
		unwanted:     map[string]struct{}{}, isBeingWritten: st.folders.isBeingWritten, onVerified: st.scrub.handleVerified,
	}
	st.versions = &versions{
		cfg: cfg, events: n, journal: st.journal, roster: st.roster, torrents: st.torrents, swarm: st.swarm, own: st.own,
		folders: st.folders, fetching: map[*site]struct{}{},
	}
	st.torrents.addHints = st.swarm.addHints
	st.folders.isBeingDeleted = st.swarm.isBeingDeleted
	st.names = &nameFollower{
		cfg: cfg, owner: o, events: n, journal: st.journal, roster: st.roster, swarm: st.swarm, versions: st.versions,
		own: st.own,
	}
	st.republisher = &republisher{cfg: cfg, owner: o, roster: st.roster, names: st.names}
	st.removals = &removals{journal: st.journal}
	st.homes = newHomes(cfg.Homes, st.journal, n, st.roster)
	st.torrents.isTakenOff, st.own.homeURL = st.homes.isTakenOff, st.homes.address
	st.bin = &bin{
		cfg: cfg, events: n, journal: st.journal, roster: st.roster, swarm: st.swarm, own: st.own,
		removals: st.removals, folders: st.folders,
	}
	st.cache = &cache{cfg: cfg, events: n, journal: st.journal, roster: st.roster, torrents: st.torrents, bin: st.bin}
	st.poll = &poller{
		cfg:         cfg,
		owner:       o,
		events:      n,
		torrents:    st.torrents,
		onSiteStats: st.noteComplete,
		onOnline:    st.republisher.onOnline,
	}
	st.rates = &rates{cfg: cfg, journal: st.journal}
	st.scheduler = &scheduler{cfg: cfg, events: n, rates: st.rates, torrents: st.torrents}
	st.poll.lastCopies = &lastCopies{events: n, journal: st.journal}
	st.poll.rests = &rests{cfg: cfg, events: n, own: st.own, swarm: st.swarm, spread: cfg.spread}
	st.snapshots = &snapshotter{
		cfg: cfg, start: cfg.Clock.Now(), events: n, roster: st.roster, torrents: st.torrents, poll: st.poll, bin: st.bin,
		own: st.own, rates: st.rates, times: st.scheduler, scrub: st.scrub, homes: st.homes, names: st.names,
		failures: []*failure{st.journal.failure, st.folders.failure},
	}
	return st
}

// load puts what the store remembers in place, joins the torrents and deletes what no site needs.
func (st *state) load(last storedState) {
	st.scheduler.update(st.clock.Now()) // Torrents that a schedule pauses must not join their swarms first.
	for _, row := range last.rows {
		s := newSite(row, st.cfg.LocalRoot)
		s.saved = row
		if !row.EvictedAt.IsZero() {
			st.roster.binned[row.Host] = s
			continue
		}
		s.lastUse = row.LastOpen // A reader may have the site open across the restart.
		st.roster.here[row.Host] = s
	}
	for _, s := range st.roster.here {
		st.startSite(s)
	}
	st.homes.startAll(st)
	st.swarm.markUnwanted(last.leftovers...)
}

// startSite starts a site that has just been put in place: it joins the site's torrent, or looks up its name first.
func (st *state) startSite(s *site) {
	s.republish.scheduleFirst(s.row.Host, st.clock.Now())
	if s.row.Infohash == "" {
		st.names.startLookup(s)
		return
	}
	st.swarm.serve(s, s.row.Infohash)
	st.versions.resume(s)
}

// onTick does what is due. It is called every tickInterval.
func (st *state) onTick(now time.Time) {
	st.scheduler.update(now)
	st.poll.start(now)
	st.versions.moveReady(now) // The moments in which nobody reads a site are short.
	changed := st.events.changed || !st.snapshots.lastPublished.Before(st.sitesChecked)
	if changed || now.Sub(st.sitesChecked) >= checkInterval(len(st.roster.here)) {
		st.sitesChecked = now
		st.checkSites(now, changed)
	}
	st.journal.onTick(now)
	st.folders.onTick(now)
	st.scrub.onTick(now)
	st.homes.noteServed()
	if st.events.changed {
		st.snapshots.publish()
	}
}

// checkSites checks all sites and does what is due. changed reports whether more than the time has changed since the
// last check.
func (st *state) checkSites(now time.Time, changed bool) {
	st.cache.renewInUse(now)
	st.cache.expire(now)
	if changed || st.cache.cannotShrink {
		st.cache.shrink(now)
	}
	st.bin.trim(now, st.torrents.isDiskFull())
	st.names.startDue(now)
	st.republisher.startDue(now)
	st.versions.dropExpired(now)
	st.countTotals(now)
}

// finishCall completes each call and each tick: it publishes home states, and starts deletions, writes and snapshots
// that are due.
func (st *state) finishCall() {
	st.homes.updateOn()
	st.swarm.deleteUnwanted()
	st.journal.startWriting()
	if st.events.changed && st.clock.Now().Sub(st.snapshots.lastPublished) >= tickInterval {
		st.snapshots.publish()
	}
}

// countTotals updates the rows' transfer totals and counts of copies every countInterval.
func (st *state) countTotals(now time.Time) {
	if now.Sub(st.poll.countedAt) < countInterval {
		return
	}
	st.poll.countedAt = now
	for _, s := range st.roster.here {
		counted, noted := s.countTransferred(), s.updateCopies(now)
		st.events.changed = st.events.changed || noted
		if counted || noted {
			st.journal.markDirty(s)
		}
	}
}

// rowWritten handles a row that has been written to the disk.
func (st *state) rowWritten(s *site, before store.Site) {
	st.folders.rowWritten(s.saved, before)
	st.events.changed = st.events.changed || s.saved.Pinned != before.Pinned
	st.noteComplete(s)
	if st.roster.isHere(s) {
		st.swarm.reconcileAll(s)
	}
}

// noteComplete reports, once, that all of the site is on the disk, and records since when.
func (st *state) noteComplete(s *site) {
	whole := s.isComplete()
	if whole && s.row.Complete.Infohash != s.torrent.infohash {
		s.row.Complete = store.Completion{Infohash: s.torrent.infohash, At: st.clock.Now()}
		st.journal.markDirty(s)
	}
	if whole && !s.wasComplete {
		st.events.record(s, engine.Info, engine.Completed, "complete: "+describeInfo(s.torrent.info)+", seeding")
	}
	st.events.changed = st.events.changed || whole != s.wasComplete
	s.wasComplete = whole
}
