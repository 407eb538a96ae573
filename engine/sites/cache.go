package sites

import (
	"time"

	"wtptui/engine"
)

// cache lets go of sites whose time is over, and of those that have to make room.
type cache struct {
	cfg      *Config
	events   *eventLog
	journal  *journal
	roster   *roster
	torrents *torrents
	bin      *bin
	// over says that the cache was over its size when it was looked at last, and that nobody could make room.
	cannotShrink bool
}

// expire lets go of cached sites whose time is over.
func (c *cache) expire(now time.Time) {
	over := func(s *site) bool {
		return !s.row.Pinned && !s.row.Found && s.inUse == 0 && !now.Before(s.row.ExpiresAt)
	}
	for _, s := range selectSites(c.roster.here, over) {
		text := "not opened for " + shortTime(c.cfg.CacheTTL) + ": left the cache" + s.describeSize()
		c.events.record(s, engine.Info, engine.Expired, text)
		c.bin.removeExpired(s, now)
	}
}

// viewedFor is for how long a site counts as being looked at after its last request. Somebody who reads a page asks
// for nothing.
const viewedFor = time.Minute

// shrink keeps the cache within its size.
//
// What counts is what is here for the cache alone: the torrents that no pinned, own or allowed site has, and that
// would fit if there were nothing else. One that does not fit is refused before it is fetched. If it is here all the
// same, because the cache was larger once, no room that other sites could make would be enough for it: it leaves by
// its time.
//
// While the sum is over the size, the site that was opened longest ago leaves, of those whose leaving makes room.
// Never do those that are being looked at, nor the one that was opened last: of two sites that fit one at a time and
// are both open, each look at one would otherwise have the other deleted, and fetched again at the next look. For as
// long as people look at more than the cache holds, it takes what these sites take and nothing else.
func (c *cache) shrink(now time.Time) {
	for c.cannotShrink = false; c.cfg.CacheSize > 0 && c.torrents.cacheUsed() > c.cfg.CacheSize; {
		s := c.siteToRemove(now)
		if s == nil {
			c.cannotShrink = true
			return
		}
		text := "the cache was full and this site was opened longest ago: left" + s.describeSize()
		c.events.record(s, engine.Warning, engine.Expired, text)
		c.bin.removeExpired(s, now)
	}
}

// oldest gives the site that has to make room, or nil when nobody can make any.
func (c *cache) siteToRemove(now time.Time) *site {
	var oldest, newest *site
	for _, s := range c.roster.here {
		if s.torrent == nil || !c.torrents.isCached(s.torrent) {
			continue
		}
		if newest == nil || s.row.LastOpen.After(newest.row.LastOpen) {
			newest = s
		}
	}
	for _, s := range c.roster.here {
		if !c.isExpendable(s, now) || s.torrent == newest.torrent {
			continue
		}
		if oldest == nil || s.row.LastOpen.Before(oldest.row.LastOpen) {
			oldest = s
		}
	}
	return oldest
}

// isExpendable reports whether the site may leave to make room, and whether that makes some: none of those that have
// its torrent too has to stay.
func (c *cache) isExpendable(s *site, now time.Time) bool {
	t := s.torrent
	if t == nil || t.stats.Completed == 0 || !c.torrents.isCached(t) {
		return false
	}
	for user := range t.users {
		if user.inUse > 0 || now.Sub(user.lastUse) < viewedFor {
			return false
		}
	}
	return true
}
