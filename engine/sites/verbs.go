package sites

import (
	"context"
	"time"

	"wtptui/engine"
)

// Do implements engine.Engine.
func (e *Engine) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	return engine.EachHost(hosts, func(host string) error { return e.do(verb, host) })
}

func (e *Engine) do(verb engine.Verb, host string) error {
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
	case engine.Unpin:
		if e.isOwn(s) {
			err = &engine.Error{Op: op, Host: host, Kind: engine.Conflict, Msg: "it was published here and is kept for as long as it is a site: remove it if it is to go"}
			break
		}
		e.unpin(s, now)
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
	held := s.torrents()
	return func() {
		for _, t := range held {
			e.applyPause(t)
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

// allow goes on with a site that was refused for its size.
func (e *Engine) allow(s *site) func() {
	s.row.Allowed = true
	t := s.torrent
	switch {
	case t != nil && engine.KindOf(s.err) == engine.TooLarge:
		s.err = nil
	case s.next != nil && engine.KindOf(s.nextErr) == engine.TooLarge:
		t, s.nextErr = s.next, nil
	default:
		return func() {}
	}
	e.record(s, engine.Info, engine.Noticed, "its size was allowed")
	return func() {
		t.Allow()
		e.awaitReady(t)
	}
}
