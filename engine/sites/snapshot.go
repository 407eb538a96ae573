package sites

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// stall is how long an incomplete site may be without any peer before that is called an error. It goes on trying.
const stall = 3 * time.Minute

type (
	swarmStats = swarm.Stats
	swarmSpec  = swarm.Spec
)

// publish makes a snapshot of everything and gives it to the watchers.
func (e *Engine) publish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.cfg.Clock.Now()
	snap := engine.Snapshot{At: engine.At(now), Sites: make([]engine.Site, 0, len(e.sites))}
	for _, s := range e.sites {
		snap.Sites = append(snap.Sites, e.viewAt(s, now))
	}
	slices.SortFunc(snap.Sites, func(a, b engine.Site) int { return cmp.Compare(a.Host, b.Host) })
	snap.Status = e.viewStatus()
	e.changed = false
	e.hub.Publish(snap) // under mu, so that snapshots are numbered in the order of the states they show
}

func (e *Engine) viewStatus() engine.Status {
	st := engine.Status{
		Version:     e.cfg.Version,
		DataDir:     e.cfg.DataDir,
		StartedAt:   engine.At(e.start),
		Online:      e.status.Online,
		ServeURL:    e.cfg.LocalRoot,
		PeerPort:    e.status.Port,
		PortOpen:    e.status.PortOpen,
		DHTNodes:    e.status.DHTNodes,
		WebTrackers: e.status.WebTrackers,
		CacheUsed:   e.cacheUsed(),
		CacheLimit:  e.cfg.CacheSize,
		Limits:      e.limits,
		Trackers:    append([]engine.Tracker{}, e.trackers...),
		Resolvers:   append([]engine.Resolver{}, e.resolvers...),
		Warnings:    slices.Concat([]string{}, e.cfg.Warnings, e.status.Warnings),
	}
	for _, t := range e.torrents {
		st.Peers += t.last.Peers
		st.WebPeers += t.last.WebPeers
		st.DownRate += t.down.rate()
		st.UpRate += t.up.rate()
	}
	return st
}

func sameStatus(a, b swarm.Status) bool {
	return a.Port == b.Port && a.PortOpen == b.PortOpen && a.DHTNodes == b.DHTNodes && a.Online == b.Online && a.WebTrackers == b.WebTrackers &&
		slices.Equal(a.Warnings, b.Warnings)
}

// view gives the site as watchers see it. mu must be held, here and below.
func (e *Engine) view(s *site) engine.Site { return e.viewAt(s, e.cfg.Clock.Now()) }

func (e *Engine) viewAt(s *site, now time.Time) engine.Site {
	v := engine.Site{
		Host:       s.row.Host,
		Infohash:   s.row.Infohash,
		URL:        s.url,
		LocalURL:   s.localURL,
		Title:      s.row.Title,
		Pinned:     s.row.Pinned,
		Mine:       s.row.Mine,
		NoClearnet: s.row.NoClearnet,

		NextInfohash: s.row.Next,
		NextCheck:    s.nextCheck(),
		Held:         s.row.Held,
		InUse:        s.inUse > 0,
		ExpiresAt:    engine.At(s.row.ExpiresAt),
		Size:         -1,
		Downloaded:   s.row.Downloaded,
		Uploaded:     s.row.Uploaded,
		AddedAt:      engine.At(s.row.AddedAt),
		LastOpen:     engine.At(s.row.LastOpen),
	}
	t := s.torrent
	if t != nil {
		v.Checking = t.last.Checking
		v.Completed = t.last.Completed
		v.Peers, v.Seeds, v.WebPeers, v.KnownPeers = t.last.Peers, t.last.Seeds, t.last.WebPeers, t.last.Known
		if t.ready {
			v.Size, v.Files = t.Info().Size, len(t.Info().Files)
		}
	}
	for t := range s.counted {
		v.DownRate += t.down.rate()
		v.UpRate += t.up.rate()
	}
	uncounted := s.uncounted()
	v.Downloaded += uncounted.down
	v.Uploaded += uncounted.up
	v.State = e.state(s)
	if v.State != engine.Seeding && v.State != engine.Paused || e.beingWritten(s) {
		v.Awaiting = e.awaiting(s, now)
	}
	e.viewError(&v, s, now)
	return v
}

// state says how far the site is, faults aside.
func (e *Engine) state(s *site) engine.State {
	t := s.torrent
	switch {
	case s.row.Paused:
		return engine.Paused
	case t == nil && !engine.IsInfohash(s.row.Host):
		return engine.Resolving
	case t == nil || !t.ready:
		return engine.Metadata
	case t.last.Checking || t.last.Completed < t.Info().Size || e.beingWritten(s):
		return engine.Downloading
	}
	return engine.Seeding
}

// viewError adds what is wrong, if anything is.
func (e *Engine) viewError(v *engine.Site, s *site, now time.Time) {
	fail := func(err error) {
		v.Error, v.ErrorKind = engine.Message(err), engine.KindOf(err)
	}
	t := s.torrent
	switch {
	case s.err != nil:
		fail(s.err)
		v.State = engine.Failed
	case t != nil && t.last.Fault != nil:
		fail(t.last.Fault)
		if v.State == engine.Downloading {
			v.State = engine.Failed
		}
	case !s.lonely.IsZero() && now.Sub(s.lonely) >= stall && v.State != engine.Paused:
		fail(&engine.Error{Kind: engine.Unavailable, Msg: "no peers for " + shortTime(now.Sub(s.lonely)) + ": nobody seems to seed it now, trying on"})
		v.State = engine.Failed
	case s.row.Next != "":
		e.viewNextError(v, s, now)
	}
}

// viewNextError says why the site does not get on to its next version; what it serves is as good as it was.
func (e *Engine) viewNextError(v *engine.Site, s *site, now time.Time) {
	err := s.nextErr
	switch {
	case err != nil:
	case s.next != nil && s.next.last.Fault != nil:
		err = s.next.last.Fault
	case !s.nextLonely.IsZero() && now.Sub(s.nextLonely) >= stall:
		err = &engine.Error{Kind: engine.Unavailable, Msg: "no peers for " + shortTime(now.Sub(s.nextLonely)) + ", trying on"}
	default:
		return
	}
	v.Error = "the version before is served: the new one, " + s.row.Next[:8] + "…, cannot be fetched: " + engine.Message(err)
	v.ErrorKind = engine.KindOf(err)
}

// shortTime gives a duration to a person in its largest unit.
func shortTime(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh", int(d.Hours()))
}

func peers(n int) string {
	if n == 1 {
		return "1 peer"
	}
	return fmt.Sprintf("%d peers", n)
}
