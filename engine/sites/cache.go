package sites

import (
	"time"

	"wtptui/engine"
)

// cache removes sites whose cache period is over, and those that have to make room.
type cache struct {
	cfg      *Config
	events   *eventLog
	journal  *journal
	roster   *roster
	torrents *torrents
	bin      *bin
	// cannotShrink reports whether the cache was over its size at the last check and no site could make room.
	cannotShrink bool
}

// expire removes cached sites whose time is over.
func (c *cache) expire(now time.Time) {
	isExpired := func(s *site) bool {
		return !s.row.Pinned && !s.row.Found && s.inUse == 0 && !now.Before(s.row.ExpiresAt)
	}
	for _, s := range selectSites(c.roster.here, isExpired) {
		text := "not opened for " + shortTime(c.cfg.CacheTTL) + ": left the cache" + s.describeSize()
		c.events.record(s, engine.Info, engine.Expired, text)
		c.bin.removeExpired(s, now)
	}
}

// viewedFor is for how long a site counts as being viewed after its last request, since reading a page causes no
// requests.
const viewedFor = time.Minute

// shrink keeps the cache within its size.
//
// Only torrents that are here for the cache alone count: those that no pinned, own or allowed site uses, and that fit
// the cache by themselves. A larger one is refused before it is fetched. If it is here anyway, because the cache was
// larger once, no room made by other sites would be enough for it: it leaves when its time is over.
//
// While the sum is over the size, the site that was opened longest ago leaves, of those whose leaving makes room. Sites
// that are being viewed and the one opened last never leave: of two open sites that fit only one at a time, each
// request for one would otherwise delete the other, which would then be fetched again. So while people view more than
// the cache holds, it takes the space of these sites and no more.
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

// siteToRemove returns the site that has to make room; nil if none can.
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

// isExpendable reports whether the site may leave to make room, and whether that makes any: no other site that uses its
// torrent has to stay.
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
