package sites

import (
	"slices"
	"time"

	"wtptui/store"
)

// Former versions of a site: seeded on for as long as somebody may still be told of them, and then dropped.

// dropKept lets go of former versions whose time is over, but of none that is still being read from.
func (e *Engine) dropKept(now time.Time) {
	over := func(k store.Kept) bool {
		t := e.torrents[k.Infohash]
		return !now.Before(k.Until) && (t == nil || t.readers == 0)
	}
	due := func(s *site) bool {
		return slices.ContainsFunc(s.row.Kept, over) || s.next != nil && s.row.Next == "" // given up for something else
	}
	for _, s := range e.pick(e.sites, due) {
		e.drop(s, over)
	}
}

func (e *Engine) drop(s *site, over func(store.Kept) bool) {
	e.membership.Lock()
	defer e.membership.Unlock()
	e.mu.Lock()
	if e.sites[s.row.Host] != s {
		e.mu.Unlock()
		return
	}
	var gone []string
	var left []store.Kept
	for _, k := range s.row.Kept {
		if over(k) {
			gone = append(gone, k.Infohash)
		} else {
			left = append(left, k)
		}
	}
	s.row.Kept = left
	if s.next != nil && s.row.Next == "" {
		gone = append(gone, s.next.Infohash())
		s.next = nil
	}
	e.unsaved[s.row.Host] = struct{}{}
	e.changed = true
	e.mu.Unlock()
	if err := e.save(); err != nil { // The next start finds their time over and drops them again.
		e.cfg.Logger.Error("sites: save", "err", err)
	}
	for _, infohash := range gone {
		e.mu.Lock()
		t := e.torrents[infohash]
		if t != nil && (t == s.torrent || t == s.next) {
			t = nil
		}
		e.mu.Unlock()
		if t != nil {
			e.release(s, t)
		}
		e.deleteData(infohash)
	}
}

// seedOn goes on seeding a former version of the site.
func (e *Engine) seedOn(s *site, spec swarmSpec) {
	e.membership.Lock()
	defer e.membership.Unlock()
	t, err := e.acquire(spec)
	if err != nil {
		e.cfg.Logger.Warn("sites: seed a former version", "host", s.row.Host, "infohash", spec.Infohash, "err", err)
		return
	}
	e.mu.Lock()
	e.hold(s, t)
	if e.sites[s.row.Host] != s { // it has left meanwhile
		e.mu.Unlock()
		e.release(s, t)
		return
	}
	e.mu.Unlock()
	e.update(t)
}
