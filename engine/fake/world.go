package fake

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// world is the whole state of the simulation. The Engine's mutex guards it.
type world struct {
	clock

	journal     journal
	life        life
	builder     builder
	sites       map[string]*site
	sortedHosts []string // see hosts
	bin         bin
	folders     folders
	limits      limits
	homes       homes
	dhtNodes    int
	rng         *rand.Rand
}

// newWorld returns the initial state.
func newWorld(opts Options, hub *watch.Hub) *world {
	st := &world{
		clock:    clock{start: opts.Start, now: opts.Start, stepped: make(chan struct{})},
		builder:  builder{opts},
		sites:    map[string]*site{},
		bin:      bin{opts.BinPeriod, map[string]binnedSite{}},
		folders:  folders{},
		homes:    newHomes(opts),
		rng:      rand.New(rand.NewPCG(opts.Seed, 1)),
		dhtNodes: 380,
	}
	st.journal = journal{hub: hub, clock: &st.clock}
	st.life = life{&st.clock, &st.journal, opts.CacheTTL}
	for _, sc := range opts.Scripts {
		s := st.builder.newSite(sc, st.now)
		st.sites[s.Host] = s
		if sc.Folder != "" {
			st.folders[sc.Folder] = folder{
				host:     s.Host,
				infohash: s.Infohash,
				version:  1,
				key:      sc.Key,
				publishedFrom: engine.PublishedFrom{
					Dir: sc.Folder, At: s.AddedAt, Keep: []string{}, LeaveOut: sc.LeftOut,
				},
			}
		}
	}
	st.recordPast(opts.Scripts)
	for _, h := range st.homes.view() {
		if s, there := st.sites[h.Host]; !there || !s.Pinned {
			st.addHomeSite(h)
		}
	}
	st.advance(0)
	return st
}

// recordPast records the past events of the scripts in the order of their times.
func (st *world) recordPast(scripts []Script) {
	type sitePast struct {
		PastEvent
		site *site
	}
	var all []sitePast
	for _, sc := range scripts {
		for _, p := range sc.PastEvents {
			all = append(all, sitePast{p, st.sites[sc.Host]})
		}
	}
	slices.SortStableFunc(all, func(a, b sitePast) int { return cmp.Compare(b.Ago, a.Ago) })
	now := st.now
	for _, p := range all {
		st.now = now.Add(-p.Ago)
		st.journal.record(p.site, p.Kind, p.Level, "%s", p.Text)
	}
	st.now = now
}

// hosts returns the hosts of all sites, sorted. The slice is cached: it is needed in every step and changes seldom.
func (st *world) hosts() []string {
	stale := len(st.sortedHosts) != len(st.sites)
	for _, host := range st.sortedHosts {
		if stale {
			break
		}
		_, there := st.sites[host]
		stale = !there
	}
	if stale {
		st.sortedHosts = slices.Sorted(maps.Keys(st.sites))
	}
	return st.sortedHosts
}

// snapshot returns the present state.
func (st *world) snapshot() engine.Snapshot {
	snap := engine.Snapshot{At: engine.At(st.now), Sites: make([]engine.Site, 0, len(st.sites)), Status: st.status()}
	for _, host := range st.hosts() {
		snap.Sites = append(snap.Sites, st.view(st.sites[host]))
	}
	return snap
}

func (st *world) status() engine.Status {
	view := engine.Status{
		Version:     "demo",
		DataDir:     "~/.local/share/wtptui",
		StartedAt:   engine.At(st.start),
		Online:      true,
		ServeURL:    serveURL,
		PeerPort:    42069,
		PortOpen:    true,
		DHTNodes:    st.dhtNodes,
		WebTrackers: 2,
		CacheLimit:  st.builder.opts.CacheLimit,
		Disk:        engine.Disk{Free: 412 << 30, Needed: 1 << 30},
		Bin:         st.bin.status(),
		Limits:      st.limits.all,
		Enough:      st.builder.opts.Enough,
		LabelLimits: append([]engine.Limits{}, st.limits.byLabel...),
		Schedule:    st.builder.opts.Schedule,
		Goals:       append([]engine.Goals{}, st.builder.opts.Goals...),
		Homes:       st.homes.view(),
		HomeTracker: st.homes.tracker,
		Trackers:    inventTrackers(st.now, rand.New(rand.NewPCG(st.builder.opts.Seed, 2))),
		Resolvers: []engine.Resolver{
			{URL: resolver, Last: engine.At(st.start), Took: int64(23 * time.Millisecond)},
			{URL: secondResolver, Last: engine.At(st.start), Took: int64(41 * time.Millisecond)},
		},
		Warnings: slices.Clone(st.builder.opts.Warnings),
	}
	for _, s := range st.sites {
		view.Peers += s.Peers
		view.WebPeers += s.WebPeers
		view.DownRate += s.DownRate
		view.UpRate += s.UpRate
		if !s.Pinned && s.State != engine.Found {
			view.CacheUsed += s.Completed
		}
		if (s.Pinned || s.Mine) && engine.IsDomain(s.Host) && s.State != engine.Failed {
			view.Names.Good++
		}
	}
	return view
}

// limits are the transfer limits.
type limits struct {
	all     engine.Limits
	byLabel []engine.Limits // see Status.LabelLimits
}

func (l *limits) set(next engine.Limits) {
	if next.Label == "" {
		l.all = next
		return
	}
	l.byLabel = engine.ReplaceLimits(l.byLabel, next)
}

// journal records events.
type journal struct {
	hub         *watch.Hub
	clock       *clock
	unpublished bool // whether there was an event since the last snapshot
}

// record records an event of s, or of the engine if s is nil, for watchers and for the site's own log.
func (j *journal) record(s *site, kind engine.EventKind, level engine.Level, format string, args ...any) {
	ev := engine.Event{At: engine.At(j.clock.now), Level: level, Kind: kind, Text: fmt.Sprintf(format, args...)}
	if s != nil {
		ev.Host = s.Host
	}
	ev = j.hub.Record(ev)
	if s != nil {
		s.log = append(s.log, ev)
	}
	j.unpublished = true
}
