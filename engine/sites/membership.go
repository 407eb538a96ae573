package sites

import (
	"time"

	"wtptui/engine/swarm"
)

// What a site has of the swarm: it joins a torrent, holds it, and lets go of it again.

// join points the site to a torrent, which is added to the swarm if no other site has it. An error is left in the
// site.
func (e *Engine) join(s *site, infohash string) {
	e.membership.Lock()
	defer e.membership.Unlock()
	e.joinHeld(s, infohash)
}

// joinHeld is join with membership held.
func (e *Engine) joinHeld(s *site, infohash string) {
	e.mu.Lock()
	if e.sites[s.row.Host] != s || s.torrent != nil { // it has left meanwhile, or somebody was faster
		e.mu.Unlock()
		return
	}
	spec := e.spec(s, infohash)
	e.mu.Unlock()
	t, err := e.acquire(spec)
	e.mu.Lock()
	if err != nil {
		defer e.mu.Unlock()
		s.err = err
		s.notify()
		e.changed = true
		return
	}
	s.torrent = t
	e.hold(s, t)
	if s.row.Infohash != infohash {
		s.row.Infohash = infohash
		e.unsaved[s.row.Host] = struct{}{}
		e.schedule.saved = time.Time{} // The site is not complete before.
	}
	if t.settled() {
		e.describe(s, t)
	}
	s.notify()
	e.mu.Unlock()
	e.applyPause(t)
}

// acquire gives the torrent that spec names, which is added to the swarm if no site has it. membership must be held.
func (e *Engine) acquire(spec swarm.Spec) (*torrent, error) {
	e.mu.Lock()
	t := e.torrents[spec.Infohash]
	e.mu.Unlock()
	if t != nil {
		e.hint(t, spec.Trackers, spec.WebSeeds)
		return t, nil
	}
	return e.addTorrent(spec)
}

// hold notes that the site has the torrent, as the one that is served or another. mu must be held.
func (e *Engine) hold(s *site, t *torrent) {
	e.torrents[t.Infohash()] = t
	t.users[s] = struct{}{}
	s.hold(t)
	e.changed = true
}

// release takes a torrent away from the site. It is dropped from the swarm when no other site has it; the data stays if it is
// still wanted. membership must be held.
func (e *Engine) release(s *site, t *torrent) {
	e.mu.Lock()
	t.last = t.Stats()
	s.count()
	delete(s.counted, t)
	delete(t.users, s)
	last := len(t.users) == 0
	if last {
		delete(e.torrents, t.Infohash())
	}
	e.changed = true
	e.mu.Unlock()
	switch {
	case !last:
		e.applyPause(t)
		return
	case e.wanted(t.Infohash()):
		t.Drop()
	default:
		t.Discard()
	}
	close(t.left)
}

// leave takes all torrents of the site away: the one that is served, the next one, and those that are kept. The data
// stays. membership must be held.
func (e *Engine) leave(s *site) {
	e.mu.Lock()
	held := s.torrents()
	s.torrent, s.next, s.nextErr = nil, nil, nil
	s.lonely, s.nextLonely, s.nextDone = time.Time{}, time.Time{}, time.Time{}
	s.notify()
	e.mu.Unlock()
	for _, t := range held {
		e.release(s, t)
	}
}
