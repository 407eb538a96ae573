package sites

import (
	"time"

	"wtptui/engine"
)

// evict takes the site out of the swarm at once; its data stays for the undo period. Kind Conflict for a site that was
// published here: its data may be all there is of it.
func (e *Engine) evict(op, host string) error {
	if s, copies := e.ownSite(host); s != nil {
		return &engine.Error{Op: op, Host: host, Kind: engine.Conflict, Msg: "it was published here, and evicting would delete your copy: " + copies + ". Remove the site if it is to go for good"}
	}
	e.membership.Lock()
	defer e.membership.Unlock()
	e.mu.Lock()
	s, err := e.find(op, host)
	if err != nil {
		e.mu.Unlock()
		return err
	}
	e.record(s, engine.Info, engine.Evicted, "evicted"+e.onDisk(s))
	s.row.EvictedAt = e.cfg.Clock.Now()
	delete(e.sites, host)
	e.evicted[host] = s
	e.unsaved[host] = struct{}{}
	e.mu.Unlock()
	e.leave(s)
	return nil
}

// onDisk says how much data the site has, as the tail of a sentence. mu must be held.
func (e *Engine) onDisk(s *site) string {
	if s.torrent == nil || s.torrent.last.Completed == 0 {
		return ""
	}
	return " (" + engine.Bytes(s.torrent.last.Completed) + ")"
}

// undo brings an evicted site back.
func (e *Engine) undo(op, host string) error {
	e.mu.Lock()
	s := e.evicted[host]
	if s == nil {
		e.mu.Unlock()
		return &engine.Error{Op: op, Host: host, Kind: engine.NotFound, Msg: "there is no eviction to undo any more: add the site again"}
	}
	e.restore(s)
	e.mu.Unlock()
	e.enter(s)
	return nil
}

// restore puts an evicted site back in place; the caller enters it. It stays for a minute at least, whatever was left
// of its time. mu must be held.
func (e *Engine) restore(s *site) {
	host := s.row.Host
	delete(e.evicted, host)
	e.sites[host] = s
	s.row.EvictedAt = time.Time{}
	if soonest := e.cfg.Clock.Now().Add(min(time.Minute, e.cfg.CacheTTL)); !s.row.Pinned && s.row.ExpiresAt.Before(soonest) {
		s.row.ExpiresAt = soonest
	}
	e.unsaved[host] = struct{}{}
	e.record(s, engine.Info, engine.Restored, "brought back")
}

// remove takes the site away with its data and history.
func (e *Engine) remove(op, host string) error {
	e.mu.Lock()
	s, err := e.find(op, host)
	if err != nil && e.evicted[host] != nil && !e.closed {
		s, err = e.evicted[host], nil
	}
	e.mu.Unlock()
	if err != nil {
		return err
	}
	level, copies := engine.Info, ""
	if own, there := e.ownSite(host); own != nil {
		level, copies = engine.Warning, "; it was published here: "+there
	}
	if err := e.removals.add(host); err != nil {
		return storeError(op, host, err)
	}
	return e.delete(s, e.cfg.Store.Forget, func() bool {
		e.record(s, level, engine.Removed, "removed with its history"+e.onDisk(s)+copies)
		return true
	})
}

// expire lets go of cached sites whose time is over.
func (e *Engine) expire(now time.Time) {
	over := func(s *site) bool {
		return !s.row.Pinned && s.inUse == 0 && s.row.EvictedAt.IsZero() && !now.Before(s.row.ExpiresAt)
	}
	for _, s := range e.pick(e.sites, over) {
		e.letGo(s, func() bool {
			if !over(s) {
				return false
			}
			e.record(s, engine.Info, engine.Expired, "not opened for "+shortTime(e.cfg.CacheTTL)+": left the cache"+e.onDisk(s))
			return true
		})
	}
}

// pick gives the sites of a group that a condition holds for.
func (e *Engine) pick(group map[string]*site, condition func(*site) bool) []*site {
	e.mu.Lock()
	defer e.mu.Unlock()
	var picked []*site
	for _, s := range group {
		if condition(s) {
			picked = append(picked, s)
		}
	}
	return picked
}

// finishEvictions deletes what can no longer be brought back.
func (e *Engine) finishEvictions(now time.Time) {
	over := func(s *site) bool {
		return !s.row.EvictedAt.IsZero() && now.Sub(s.row.EvictedAt) >= engine.UndoPeriod
	}
	for _, s := range e.pick(e.evicted, over) {
		if err := e.removals.add(s.row.Host); err != nil {
			e.cfg.Logger.Warn("sites: remember an eviction for its browser", "host", s.row.Host, "err", err)
		}
		e.letGo(s, func() bool { return over(s) })
	}
}

// letGo deletes a site whose time has come; its history stays. The loop has nobody to return an error to: a row that
// could not be deleted is found again by the next start.
func (e *Engine) letGo(s *site, still func() bool) {
	if err := e.delete(s, e.cfg.Store.DeleteSite, still); err != nil {
		e.cfg.Logger.Error("sites: delete a site's record", "host", s.row.Host, "err", err)
	}
}

// delete takes a site out of everything, if still, asked with mu held, says that it is to go. The row goes before the
// data: should we be killed on the way, the next start finds data without a row and deletes it.
func (e *Engine) delete(s *site, forget func(host string) error, still func() bool) error {
	e.membership.Lock()
	defer e.membership.Unlock()
	e.writing.Lock()
	e.mu.Lock()
	host := s.row.Host
	if e.siteOrEvicted(host) != s || !still() {
		e.mu.Unlock()
		e.writing.Unlock()
		return nil
	}
	hashes := append(s.hashes(), s.row.Infohash)
	delete(e.sites, host)
	delete(e.evicted, host)
	delete(e.unsaved, host)
	delete(e.published, host)
	s.gone = true
	e.changed = true
	e.mu.Unlock()
	err := forget(host)
	e.writing.Unlock()
	e.leave(s)
	for _, infohash := range hashes {
		e.deleteData(infohash)
	}
	return err
}
