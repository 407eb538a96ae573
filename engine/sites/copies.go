package sites

import (
	"time"

	"wtptui/store"
)

const (
	// copiesValidFor is for how long a number of copies elsewhere counts: as long as the peers that were met do.
	copiesValidFor = 24 * time.Hour
	// copiesSaveInterval is how often that number is stored while it does not change.
	copiesSaveInterval = 6 * time.Hour
)

// copies returns how many others have all of the site, and how many of them browsers can reach; -1 if unknown. A number
// from before its torrent joined the swarm, as before a restart, counts for a day or until a tracker reports one. The
// peers met meanwhile can only raise it, since they are fewer than those of a whole day.
func (s *site) copies(now time.Time) (all, web int) {
	all, web = -1, -1
	tracked := false
	if t := s.torrent; t != nil && !t.statsAt.IsZero() {
		all, web, tracked = t.stats.Copies, t.stats.WebCopies, t.stats.Tracked >= 0
	}
	if c := s.copiesBefore; !tracked && c.Infohash != "" && c.Infohash == s.row.Infohash && !areStale(c, now) {
		all, web = max(all, c.Copies), max(web, c.WebCopies)
	}
	return all, web
}

func areStale(c store.Copies, now time.Time) bool {
	return now.Sub(c.At) >= copiesValidFor || now.Before(c.At)
}

// updateCopies stores in the row how many others have all of the site, and removes what is too old to count. It reports
// whether the row has changed. A number from before keeps its time until it is confirmed.
func (s *site) updateCopies(now time.Time) bool {
	known := s.row.Copies
	all, web := s.copies(now)
	c := store.Copies{Infohash: s.row.Infohash, Copies: all, WebCopies: web, At: s.copiesBefore.At}
	switch isConfirmed := s.torrent != nil && !s.torrent.statsAt.IsZero() && s.torrent.stats.Copies >= all; {
	case all < 0:
		c = store.Copies{}
	case isConfirmed:
		if c.At = known.At; c != known || now.Sub(c.At) >= copiesSaveInterval || now.Before(c.At) {
			c.At = now
		}
	}
	s.row.Copies = c
	return c != known
}
