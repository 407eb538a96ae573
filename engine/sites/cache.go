package sites

import (
	"maps"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// What visitors take without being asked unless they have set something else: what a publisher has to know.
const (
	// MaxFiles is the largest number of files of a site. No setting changes it.
	MaxFiles = 20_000
	// DefaultSiteSize and DefaultCacheSize are the defaults of Config.MaxSiteSize and Config.CacheSize, in bytes.
	DefaultSiteSize  = 2 << 30
	DefaultCacheSize = 5 << 30
)

// unlimited says that no limit holds for the site: it was published here, or a person has allowed it.
func (s *site) unlimited() bool { return s.row.Mine || s.row.Allowed }

// limitsFor returns the limits of a torrent that these sites have: whatever frees one of them frees the torrent. All
// code that asks whether a limit holds for a site asks here. mu must be held.
func (e *Engine) limitsFor(users map[*site]struct{}) swarm.SiteLimits {
	limits := swarm.SiteLimits{Size: e.cfg.MaxSiteSize, Files: MaxFiles, Cache: e.cfg.CacheSize}
	for s := range users {
		if s.unlimited() {
			return swarm.SiteLimits{}
		}
		if s.row.Pinned {
			limits.Cache = 0
		}
	}
	return limits
}

// cached reports whether the torrent counts for the cache; see shrink. mu must be held.
func (e *Engine) cached(t *torrent) bool {
	for s := range t.users {
		if s.unlimited() || s.row.Pinned {
			return false
		}
	}
	return !t.ready || e.fitsCache(t)
}

// fitsCache reports whether the cache could hold a torrent, which is ready, if there were nothing else in it. mu must
// be held.
func (e *Engine) fitsCache(t *torrent) bool {
	return e.cfg.CacheSize <= 0 || t.Info().Size <= e.cfg.CacheSize
}

// SetSizes changes Config.MaxSiteSize and Config.CacheSize. Sites that were too large and no longer are go on; those
// that are here stay here.
func (e *Engine) SetSizes(maxSite, cache int64) {
	e.mu.Lock()
	e.cfg.MaxSiteSize, e.cfg.CacheSize = maxSite, cache
	joined := maps.Clone(e.torrents)
	e.mu.Unlock()
	for _, t := range joined {
		e.update(t)
	}
	e.publish()
}

// update has the torrent do what its sites, taken together, want: it is paused when all of them are, and has the limits
// that limitsFor says. It reports whether a torrent that was too large goes on; its sites are then told when it is
// ready.
func (e *Engine) update(t *torrent) (goesOn bool) {
	e.mu.Lock()
	paused := true
	for s := range t.users {
		paused = paused && s.row.Paused
	}
	limits := e.limitsFor(t.users)
	e.mu.Unlock()
	t.SetPaused(paused)
	goesOn = t.SetLimits(limits)
	e.mu.Lock()
	for s := range t.users {
		switch {
		case t == s.torrent && engine.KindOf(s.err) == engine.TooLarge:
			s.err = t.Err()
			s.notify()
		case t == s.next && engine.KindOf(s.nextErr) == engine.TooLarge:
			s.nextErr = t.Err()
		}
	}
	e.changed = true
	e.mu.Unlock()
	if goesOn {
		e.awaitReady(t)
	}
	return goesOn
}

// lookedAt is for how long a site counts as being looked at after its last request. Somebody who reads a page asks for
// nothing.
const lookedAt = time.Minute

// shrink keeps the cache within its size.
//
// What counts is what is here for the cache alone: the torrents that no pinned, own or allowed site has, and that would
// fit if there were nothing else. One that does not fit is refused before it is fetched. If it is here all the same,
// because the cache was larger once, no room that other sites could make would be enough for it: it leaves by its time.
//
// While the sum is over the size, the site that was opened longest ago leaves, of those whose leaving makes room. Never
// do those that are being looked at, nor the one that was opened last: of two sites that fit one at a time and are both
// open, each look at one would otherwise have the other deleted, and fetched again at the next look. For as long as
// people look at more than the cache holds, it takes what these sites take and nothing else.
func (e *Engine) shrink(now time.Time) {
	for {
		s := e.oldestOverSize(now)
		if s == nil {
			return
		}
		gone := false
		e.letGo(s, func() bool {
			gone = e.expendable(s, now)
			if gone {
				text := "the cache was full and this site was opened longest ago: left" + e.onDisk(s)
				e.record(s, engine.Warning, engine.Expired, text)
			}
			return gone
		})
		if !gone { // somebody has opened it meanwhile; the next step looks again
			return
		}
	}
}

// oldestOverSize returns the site that has to make room, or nil when there is room or nobody can make any.
func (e *Engine) oldestOverSize(now time.Time) *site {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cfg.CacheSize <= 0 || e.cacheUsed() <= e.cfg.CacheSize {
		return nil
	}
	var oldest, newest *site
	for _, s := range e.sites {
		if s.torrent != nil && e.cached(s.torrent) && (newest == nil || s.row.LastOpen.After(newest.row.LastOpen)) {
			newest = s
		}
	}
	for _, s := range e.sites {
		if !e.expendable(s, now) || s.torrent == newest.torrent {
			continue
		}
		if oldest == nil || s.row.LastOpen.Before(oldest.row.LastOpen) {
			oldest = s
		}
	}
	return oldest
}

// expendable reports whether the site may leave to make room, and whether that makes some: none of those that have its
// torrent too has to stay. mu must be held.
func (e *Engine) expendable(s *site, now time.Time) bool {
	t := s.torrent
	if t == nil || t.last.Completed == 0 || !e.cached(t) {
		return false
	}
	for user := range t.users {
		if user.inUse > 0 || now.Sub(user.lastUse) < lookedAt {
			return false
		}
	}
	return true
}

// cacheUsed is how many bytes are in the cache. mu must be held.
func (e *Engine) cacheUsed() int64 {
	var sum int64
	for _, t := range e.torrents {
		if e.cached(t) {
			sum += t.last.Completed
		}
	}
	return sum
}
