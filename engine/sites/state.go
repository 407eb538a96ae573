package sites

import (
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// state is all that the engine knows. It belongs to the owner: nothing of it is touched by any other goroutine. Each of
// its parts has one matter and knows those that it needs.
type state struct {
	*asker

	cfg    *Config
	clock  Clock
	closed bool

	news     *news
	journal  *journal
	roster   *roster
	torrents *torrents
	told     *descriptions
	swarm    *membership
	names    *naming
	keeping  *keeping
	versions *versions
	own      *publications
	cache    *cache
	poll     *poll
	rates    *rates
	times    *timetable
	panel    *panel
	removals *removals
	homes    *homes
	bin      *bin
	folders  *folders
	scrub    *scrub

	// walked is when all sites were looked at last.
	walked time.Time
}

// walkEvery is how often all of so many sites are looked at while nothing changes: once a second, or more seldom where
// there are thousands, with whom that costs more than all else that an engine at rest does.
func walkEvery(sites int) time.Duration {
	const perSecond = 5000
	return time.Second * time.Duration(1+sites/perSecond)
}

func newState(cfg *Config, o *owner, n *news) *state {
	st := &state{cfg: cfg, clock: cfg.Clock, news: n, roster: newRoster()}
	st.journal = &journal{owner: o, db: cfg.Store, written: st.written, unsaved: map[*site]struct{}{}}
	st.own = &publications{journal: st.journal, cfg: cfg, byHost: map[string]store.Publication{}}
	st.journal.trouble = &trouble{log: cfg.Logger, news: n, what: "what has changed is not saved yet"}
	st.folders = newFolders(cfg, o, st.journal, st.roster, st.own)
	st.folders.trouble = &trouble{log: cfg.Logger, news: n, what: "the sites' folders do not say yet what they are"}
	st.own.changed = st.folders.changed
	st.told = &descriptions{owner: o, journal: st.journal, news: n, noted: st.folders.changed}
	st.torrents = newTorrents(cfg, o, st.journal, st.own, st.told)
	st.torrents.deleted = st.folders.silent
	st.scrub = newScrub(cfg, o, n, st.journal, st.torrents, st.own)
	st.torrents.leaving = st.scrub.keepPosition
	st.swarm = &membership{
		cfg: cfg, owner: o, journal: st.journal, news: n, roster: st.roster, torrents: st.torrents, told: st.told,
		unwanted: map[string]struct{}{}, isBusy: st.folders.isBusy, verified: st.scrub.verified,
	}
	st.versions = &versions{
		cfg: cfg, news: n, journal: st.journal, roster: st.roster, torrents: st.torrents, swarm: st.swarm, own: st.own,
		folders: st.folders, fetching: map[*site]struct{}{},
	}
	st.torrents.hint = st.swarm.hint
	st.folders.isLeaving = st.swarm.isLeaving
	st.names = &naming{
		cfg: cfg, owner: o, news: n, journal: st.journal, roster: st.roster, swarm: st.swarm, versions: st.versions, own: st.own,
	}
	st.keeping = &keeping{cfg: cfg, owner: o, roster: st.roster, names: st.names}
	st.removals = &removals{journal: st.journal}
	st.homes = newHomes(cfg.Homes, st.journal, n, st.roster)
	st.torrents.isTakenOff, st.own.atHome = st.homes.isTakenOff, st.homes.address
	st.bin = &bin{
		cfg: cfg, news: n, journal: st.journal, roster: st.roster, swarm: st.swarm, own: st.own,
		removals: st.removals, folders: st.folders,
	}
	st.cache = &cache{cfg: cfg, news: n, journal: st.journal, roster: st.roster, torrents: st.torrents, bin: st.bin}
	st.poll = &poll{
		cfg:      cfg,
		owner:    o,
		news:     n,
		torrents: st.torrents,
		whole:    st.noteWhole,
		back:     st.keeping.networkIsBack,
	}
	st.rates = &rates{cfg: cfg, journal: st.journal}
	st.times = &timetable{cfg: cfg, news: n, rates: st.rates, torrents: st.torrents}
	st.poll.lastCopies = &lastCopies{news: n, journal: st.journal}
	st.poll.rests = &rests{cfg: cfg, news: n, own: st.own, swarm: st.swarm, spread: cfg.spread}
	st.panel = &panel{
		cfg: cfg, start: cfg.Clock.Now(), news: n, roster: st.roster, torrents: st.torrents, poll: st.poll, bin: st.bin,
		own: st.own, rates: st.rates, times: st.times, scrub: st.scrub, homes: st.homes, names: st.names,
		troubles: []*trouble{st.journal.trouble, st.folders.trouble},
	}
	return st
}

// load puts what the store remembers in place, joins the torrents and lets go of what is left over.
func (st *state) load(last remembered) {
	st.times.pass(st.clock.Now()) // What it has paused does not join its swarm first.
	for _, row := range last.rows {
		s := newSite(row, st.cfg.LocalRoot)
		s.disk = row
		if !row.EvictedAt.IsZero() {
			st.roster.binned[row.Host] = s
			continue
		}
		s.lastUse = row.LastOpen // Whoever looks at it does so across the restart.
		st.roster.here[row.Host] = s
	}
	for _, s := range st.roster.here {
		st.enter(s)
	}
	st.homes.start(st)
	st.swarm.letGo(last.leftovers...)
}

// enter starts a site that has just been put in place: it joins its torrent, or looks its domain up first.
func (st *state) enter(s *site) {
	s.keep.begin(s.row.Host, st.clock.Now())
	if s.row.Infohash == "" {
		st.names.lookUp(s)
		return
	}
	st.swarm.point(s, s.row.Infohash)
	st.versions.resume(s)
}

// pass lets time pass. It is called every tick.
func (st *state) pass(now time.Time) {
	st.times.pass(now)
	st.poll.begin(now)
	st.versions.advance(now) // Moments in which nobody reads a site are short.
	changed := st.news.changed || !st.panel.published.Before(st.walked)
	if changed || now.Sub(st.walked) >= walkEvery(len(st.roster.here)) {
		st.walked = now
		st.walk(now, changed)
	}
	st.journal.pass(now)
	st.folders.pass(now)
	st.scrub.pass(now)
	st.homes.count()
	if st.news.changed {
		st.panel.publish()
	}
}

// walk looks at all sites and does what is due; changed says that more than the time has changed since it was done
// last.
func (st *state) walk(now time.Time, changed bool) {
	st.cache.renew(now)
	st.cache.expire(now)
	if changed || st.cache.over {
		st.cache.shrink(now)
	}
	st.bin.pass(now, st.torrents.needSpace())
	st.names.follow(now)
	st.keeping.pass(now)
	st.versions.dropKept(now)
	st.countTotals(now)
}

// after is done after whatever has been asked for.
func (st *state) after() {
	st.homes.settle()
	st.swarm.deleteUnwanted()
	st.journal.start()
	if st.news.changed && st.clock.Now().Sub(st.panel.published) >= tick {
		st.panel.publish()
	}
}

// countTotals puts what was transferred, and how many copies there are elsewhere, into the rows, now and then.
func (st *state) countTotals(now time.Time) {
	if now.Sub(st.poll.counted) < countEvery {
		return
	}
	st.poll.counted = now
	for _, s := range st.roster.here {
		counted, noted := s.count(), s.noteCopies(now)
		st.news.changed = st.news.changed || noted
		if counted || noted {
			st.journal.mark(s)
		}
	}
}

// written is told of a site whose row is on the disk.
func (st *state) written(s *site, before store.Site) {
	st.folders.written(s.disk, before)
	st.news.changed = st.news.changed || s.disk.Pinned != before.Pinned
	st.noteWhole(s)
	if st.roster.has(s) {
		st.swarm.settleAll(s)
	}
}

// noteWhole tells, once, that all of the site is on the disk, and notes since when.
func (st *state) noteWhole(s *site) {
	whole := s.isWhole()
	if whole && s.row.Complete.Infohash != s.torrent.infohash {
		s.row.Complete = store.Completion{Infohash: s.torrent.infohash, At: st.clock.Now()}
		st.journal.mark(s)
	}
	if whole && !s.whole {
		st.news.record(s, engine.Info, engine.Completed, "complete: "+describeInfo(s.torrent.info)+", seeding")
	}
	st.news.changed = st.news.changed || whole != s.whole
	s.whole = whole
}
