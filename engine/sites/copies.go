package sites

import (
	"time"

	"wtptui/store"
)

const (
	// copiesCount is for how long it counts what was known of the copies elsewhere: the peers that were met count for as
	// long.
	copiesCount = 24 * time.Hour
	// copiesEvery is how often that is written down while it stays as it is.
	copiesEvery = 6 * time.Hour
)

// copies returns how many others have all of the site, and how many of them browsers reach; -1 for what nobody knows.
// What was known before a restart counts until somebody tells anew.
func (s *site) copies(now time.Time) (all, web int) {
	if t := s.torrent; t != nil && !t.lastAt.IsZero() && t.last.Copies >= 0 {
		return t.last.Copies, t.last.WebCopies
	}
	if c := s.row.Copies; c.Infohash != "" && c.Infohash == s.row.Infohash && !isOld(c, now) {
		return c.Copies, c.WebCopies
	}
	return -1, -1
}

func isOld(c store.Copies, now time.Time) bool {
	return now.Sub(c.At) >= copiesCount || now.Before(c.At)
}

// noteCopies puts how many others have all of the site into its row, or takes out what is too old to count, and reports
// whether it did.
func (s *site) noteCopies(now time.Time) bool {
	t, known := s.torrent, s.row.Copies
	if t == nil || t.lastAt.IsZero() || t.last.Copies < 0 {
		old := known.Infohash != "" && isOld(known, now)
		if old {
			s.row.Copies = store.Copies{}
		}
		return old
	}
	c := store.Copies{Infohash: s.row.Infohash, Copies: t.last.Copies, WebCopies: t.last.WebCopies, At: known.At}
	if c == known && now.Sub(known.At) < copiesEvery && !now.Before(known.At) {
		return false
	}
	c.At = now
	s.row.Copies = c
	return true
}
