package sites

import (
	"context"
	"time"

	"wtptui/engine"
)

// Do implements engine.Engine.
func (e *Engine) Do(_ context.Context, verb engine.Verb, host string) error {
	op := "sites: " + string(verb)
	var err error
	switch verb {
	case engine.Evict:
		err = e.evict(op, host)
	case engine.Undo:
		err = e.undo(op, host)
	case engine.Remove:
		err = e.remove(op, host)
	default:
		err = e.change(op, host, verb)
	}
	if err != nil {
		return err
	}
	if err := e.save(); err != nil {
		return storeError(op, host, err)
	}
	e.publish()
	return nil
}

// change applies a verb that leaves the site where it is.
func (e *Engine) change(op, host string, verb engine.Verb) error {
	e.mu.Lock()
	s, err := e.find(op, host)
	if err != nil {
		e.mu.Unlock()
		return err
	}
	now := e.cfg.Clock.Now()
	after := func() {} // what talks to the swarm, once mu is free
	switch verb {
	case engine.Pin:
		e.pin(s)
		after = e.updating(s)
	case engine.Unpin:
		if e.isOwn(s) {
			err = &engine.Error{Op: op, Host: host, Kind: engine.Conflict, Msg: "it was published here and is kept for as long as it is a site: remove it if it is to go"}
			break
		}
		e.unpin(s, now)
		after = e.updating(s)
	case engine.Touch:
		s.row.LastOpen = now
		s.touch(now, e.cfg.CacheTTL)
	case engine.Pause, engine.Resume:
		after = e.setPaused(s, verb == engine.Pause)
	case engine.Announce:
		after = e.announce(s)
	case engine.Verify:
		after, err = e.verify(op, s)
	case engine.NoClearnet, engine.Clearnet:
		s.row.NoClearnet = verb == engine.NoClearnet
	case engine.Allow:
		after = e.allow(s)
	default:
		err = &engine.Error{Op: op, Host: host, Kind: engine.Invalid, Msg: "there is no such verb"}
	}
	e.unsaved[host] = struct{}{}
	e.changed = true
	e.mu.Unlock()
	if err != nil {
		return err
	}
	after()
	return nil
}

// pin keeps the site for ever. mu must be held, here and below.
func (e *Engine) pin(s *site) {
	if s.row.Pinned {
		return
	}
	s.row.Pinned = true
	s.row.ExpiresAt = time.Time{}
	e.unsaved[s.row.Host] = struct{}{}
	e.record(s, engine.Info, engine.Pinned, "pinned: kept and seeded for ever")
}

func (e *Engine) unpin(s *site, now time.Time) {
	if !s.row.Pinned {
		return
	}
	s.row.Pinned = false
	// What does not fit the cache and is here stays for as long as any other site: whoever pinned it has allowed its size.
	if t := s.torrent; t != nil && t.ready && !e.fitsCache(t) {
		s.row.Allowed = true
	}
	s.touch(now, e.cfg.CacheTTL)
	e.record(s, engine.Info, engine.Unpinned, "unpinned: leaves the cache "+shortTime(e.cfg.CacheTTL)+" after it was last opened")
}

func (e *Engine) setPaused(s *site, paused bool) func() {
	if s.row.Paused != paused {
		s.row.Paused = paused
		s.lonely = time.Time{}
		s.notify()
		text := "resumed"
		if paused {
			text = "paused: not in the swarm until it is resumed"
		}
		e.record(s, engine.Info, engine.Noticed, text)
	}
	return e.updating(s)
}

// updating returns what has the site's torrents do as it wants now.
func (e *Engine) updating(s *site) func() {
	held := s.torrents()
	return func() {
		for _, t := range held {
			e.update(t)
		}
	}
}

func (e *Engine) announce(s *site) func() {
	held := s.torrents()
	return func() {
		for _, t := range held {
			t.Announce()
		}
		if len(held) == 0 {
			e.lookUp(s)
		}
	}
}

func (e *Engine) verify(op string, s *site) (func(), error) {
	t := s.torrent
	if t == nil || !t.ready {
		return nil, &engine.Error{Op: op, Host: s.row.Host, Kind: engine.NotReady, Msg: "there is nothing to verify yet: its list of files has not arrived"}
	}
	e.record(s, engine.Info, engine.Noticed, "verifying all data on disk")
	return func() {
		e.goTask(func() {
			if err := t.Verify(e.ctx); err != nil && e.ctx.Err() == nil {
				e.cfg.Logger.Warn("sites: verify", "host", s.row.Host, "err", err)
			}
		})
	}, nil
}

// allow lifts all limits of the site, now and for its next versions.
func (e *Engine) allow(s *site) func() {
	if !s.row.Allowed {
		s.row.Allowed = true
		e.record(s, engine.Info, engine.Noticed, "allowed, whatever its size")
	}
	return e.updating(s)
}
