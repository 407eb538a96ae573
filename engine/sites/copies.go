package sites

import (
	"time"

	"wtptui/store"
)

const (
	// copiesValidFor is for how long it counts what was known of the copies elsewhere: the peers that were met count for
	// as long.
	copiesValidFor = 24 * time.Hour
	// copiesSaveInterval is how often that is written down while it stays as it is.
	copiesSaveInterval = 6 * time.Hour
)

// copies returns how many others have all of the site, and how many of them browsers reach; -1 for what nobody knows.
// What was known before its torrent joined the swarm, as before a restart, counts for a day, until a tracker tells
// anew: the first peers that are met have less to say than those of a whole day, and may only raise it.
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

// updateCopies puts how many others have all of the site into its row, or takes out what is too old to count, and
// reports whether it did. What was known before keeps its time while nobody tells as much.
func (s *site) updateCopies(now time.Time) bool {
	known := s.row.Copies
	all, web := s.copies(now)
	c := store.Copies{Infohash: s.row.Infohash, Copies: all, WebCopies: web, At: s.copiesBefore.At}
	switch told := s.torrent != nil && !s.torrent.statsAt.IsZero() && s.torrent.stats.Copies >= all; {
	case all < 0:
		c = store.Copies{}
	case told:
		if c.At = known.At; c != known || now.Sub(c.At) >= copiesSaveInterval || now.Before(c.At) {
			c.At = now
		}
	}
	s.row.Copies = c
	return c != known
}
