package sites

import (
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// publishedRow is the row of the site that is published: that of the site that is there, or a new one. A domain that is
// being read moves to its new version when its readers pause; everything else has it at once. mu must be held.
func (e *Engine) publishedRow(host, former, infohash string, now time.Time) (row store.Site, moves bool) {
	row = store.Site{AddedAt: now, LastOpen: now}
	s, old := e.siteOrEvicted(host), e.siteOrEvicted(former)
	if s == nil {
		s, old = old, nil
	}
	if s != nil {
		s.count()
		row = s.row
		if old != nil {
			row.Kept = e.keptOfBoth(row, old.row, now)
		}
		moves = row.Host == host && e.sites[host] == s && s.torrent != nil && !row.Paused && !engine.IsInfohash(host) && row.Infohash != infohash &&
			!e.wasInPlace(row, former)
	}
	if !moves {
		keep := e.keepFor()
		if e.wasInPlace(row, former) {
			keep = 0
		}
		row.Kept = e.keptAfter(row, infohash, now, keep)
		row.Infohash, row.Next = infohash, ""
	} else {
		row.Next = infohash
	}
	row.Host, row.Mine, row.Pinned, row.Held = host, true, true, false
	row.ExpiresAt, row.EvictedAt = time.Time{}, time.Time{}
	return row, moves
}

// keptOfBoth gives the former versions of two sites that become one: those that either keeps, and the one that the second
// has served until now. mu must be held.
func (e *Engine) keptOfBoth(row, old store.Site, now time.Time) []store.Kept {
	kept := slices.Concat(row.Kept, old.Kept)
	if old.Infohash != "" && !e.wasInPlace(old, old.Host) {
		kept = append(kept, store.Kept{Infohash: old.Infohash, Until: now.Add(e.keepFor())})
	}
	// Latest first, so that of two of the same version the one that is kept for longer stays.
	slices.SortStableFunc(kept, func(a, b store.Kept) int { return b.Until.Compare(a.Until) })
	seen := map[string]bool{row.Infohash: true}
	kept = slices.DeleteFunc(kept, func(k store.Kept) bool {
		again := seen[k.Infohash]
		seen[k.Infohash] = true
		return again
	})
	slices.Reverse(kept)
	return kept
}

// keptAfter gives the versions that are kept when another one takes the place of the row's.
func (e *Engine) keptAfter(row store.Site, infohash string, now time.Time, keep time.Duration) []store.Kept {
	kept := slices.DeleteFunc(slices.Clone(row.Kept), func(k store.Kept) bool { return k.Infohash == infohash || k.Infohash == row.Infohash })
	if row.Infohash != "" && row.Infohash != infohash {
		kept = append(kept, store.Kept{Infohash: row.Infohash, Until: now.Add(keep)})
	}
	for i := range len(kept) - e.keepVersions() {
		kept[i].Until = now
	}
	return kept
}

// rename gives the site of a published row, which may be a new one or have had another host until now. orphan is a site
// that it has taken the place of, with its former versions; the caller has to dissolve it. mu must be held.
func (e *Engine) rename(row store.Site, former string) (s, orphan *site) {
	s = e.siteOrEvicted(row.Host)
	old := e.siteOrEvicted(former)
	if old != nil {
		delete(e.sites, former)
		delete(e.evicted, former)
		delete(e.unsaved, former)
	}
	switch {
	case s == nil && old == nil:
		s = newSite(row, e.cfg.LocalRoot)
	case s == nil: // it goes on under its new host
		s = old
		s.url, s.localURL = "wtp://"+row.Host+"/", localURL(row.Host, e.cfg.LocalRoot)
	case old != nil: // the new host was a site already
		old.gone = true
		orphan = old
	}
	s.row, s.saved = row, row.Infohash
	for _, k := range row.Kept {
		if t := e.torrents[k.Infohash]; t != nil {
			e.hold(s, t)
		}
	}
	delete(e.evicted, row.Host)
	e.sites[row.Host] = s
	e.unsaved[row.Host] = struct{}{}
	e.changed = true
	return s, orphan
}

// dissolve lets go of a site that has become part of another one. membership must be held.
func (e *Engine) dissolve(s *site) {
	e.leave(s)
	for _, infohash := range append(s.hashes(), s.row.Infohash) {
		e.deleteData(infohash)
	}
}
