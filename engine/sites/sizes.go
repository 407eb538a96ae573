package sites

import (
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// The limits that visitors have by default. A publisher has to know them.
const (
	// MaxFiles is the largest number of files of a site. No setting changes it.
	MaxFiles = 20_000
	// DefaultSiteSize and DefaultCacheSize are the defaults of Config.MaxSiteSize and Config.CacheSize, in bytes.
	DefaultSiteSize  = 2 << 30
	DefaultCacheSize = 5 << 30
)

// isUnlimited reports whether no size limits hold for the site: it was published here, allowed by a person, or found
// here.
func (s *site) isUnlimited() bool { return s.row.Mine || s.row.Allowed || s.row.Found }

// limitsOf returns the limits of a torrent. A torrent is unlimited if one of its sites is. All code that needs to know
// whether a limit holds for a site calls this.
func (ts *torrents) limitsOf(t *torrent) swarm.SiteLimits {
	limits := swarm.SiteLimits{Size: ts.cfg.MaxSiteSize, Files: MaxFiles, Cache: ts.cfg.CacheSize}
	for s := range t.users {
		if s.isUnlimited() {
			return swarm.SiteLimits{}
		}
		if s.row.Pinned {
			limits.Cache = 0
		}
	}
	return limits
}

// isCached reports whether the torrent counts towards the cache; see cache.shrink.
func (ts *torrents) isCached(t *torrent) bool {
	for s := range t.users {
		if s.isUnlimited() || s.row.Pinned || s.row.Found {
			return false
		}
	}
	return len(t.users) > 0 && (!t.ready || ts.fitsCache(t))
}

// fitsCache reports whether the cache could hold a torrent, which must be ready, if it were otherwise empty.
func (ts *torrents) fitsCache(t *torrent) bool {
	return ts.cfg.CacheSize <= 0 || t.info.Size <= ts.cfg.CacheSize
}

// cacheUsed returns how many bytes are in the cache.
func (ts *torrents) cacheUsed() int64 {
	var sum int64
	for _, t := range ts.byHash {
		if ts.isCached(t) {
			sum += t.stats.Completed
		}
	}
	return sum
}

// applySettings applies to the torrent what its sites want: it is paused if all of them are, has their limits and
// labels, and is announced to the homes' tracker if that accepts it. A torrent that was too large, and is not any more,
// goes on.
func (ts *torrents) applySettings(t *torrent) {
	joined, paused, limits, labels, tracked := t.joined, ts.isPaused(t), ts.limitsOf(t), t.allLabels(), ts.isTracked(t)
	var goesOn bool
	var err error
	ts.runTask(t, func() {
		joined.SetLabels(labels)
		joined.SetTracked(tracked)
		joined.SetPaused(paused)
		goesOn = joined.SetLimits(limits)
		err = joined.Err()
	}, func() {
		t.paused, t.limits, t.labels, t.tracked = paused, limits, labels, tracked
		ts.pollQueue.markActive(t)
		tooLarge := engine.KindOf(err) == engine.TooLarge
		for s := range t.users {
			if paused { // The time without peers starts when it is back.
				s.noPeersSince, s.next.noPeersSince = time.Time{}, time.Time{}
			}
			switch {
			case t == s.torrent && (tooLarge || engine.KindOf(s.err) == engine.TooLarge):
				s.err = err
				s.notify()
			case t == s.next.torrent && (tooLarge || engine.KindOf(s.next.err) == engine.TooLarge):
				s.next.err = err
			}
		}
		ts.descriptions.events.changed = true
		if goesOn {
			ts.descriptions.awaitReady(t)
		}
	})
}
