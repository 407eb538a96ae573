package fake

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// Do implements engine.Engine.
func (e *Engine) Do(ctx context.Context, verb engine.Verb, host string) error {
	if err := e.usable(ctx, string(verb)); err != nil {
		return err
	}
	if !slices.Contains(engine.Verbs(), verb) {
		return &engine.Error{Op: "fake: do", Host: host, Kind: engine.Invalid, Msg: "there is no such verb: " + engine.Clean(string(verb))}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if verb == engine.Undo {
		return e.undo(host)
	}
	s, ok := e.sites[host]
	if !ok {
		if _, evicted := e.graves[host]; evicted && verb == engine.Evict {
			return nil
		}
		if _, evicted := e.graves[host]; evicted && verb == engine.Remove {
			delete(e.graves, host)
			return nil
		}
		return notFound(string(verb), host)
	}
	e.apply(verb, s)
	e.publish()
	return nil
}

// apply carries out any verb but Undo. Each one does nothing when there is nothing to do.
func (e *Engine) apply(verb engine.Verb, s *site) {
	switch verb {
	case engine.Pin:
		if !s.Pinned {
			s.Pinned, s.ExpiresAt = true, engine.Time{}
			e.record(s, engine.Pinned, engine.Info, "pinned: kept and seeded for good")
		}
		if s.plan.SmallCache {
			e.allow(s)
		}
	case engine.Unpin:
		if s.Pinned {
			s.Pinned = false
			s.ExpiresAt = engine.At(e.now.Add(e.opts.CacheTTL))
			e.record(s, engine.Unpinned, engine.Info, "unpinned: expires in %s", e.opts.CacheTTL)
		}
	case engine.Touch:
		s.open(e.now, e.opts.CacheTTL)
	case engine.Pause:
		if s.State != engine.Paused && s.State != engine.Failed {
			s.resume, s.State, s.Checking = s.State, engine.Paused, false
			s.mingle(e.now, 0)
		}
	case engine.Resume:
		if s.State == engine.Paused {
			s.enter(s.resume, e.now)
		}
	case engine.Announce:
		for i := range s.trackers {
			s.trackers[i].Last = engine.At(e.now)
			s.trackers[i].Next = engine.At(e.now.Add(30 * time.Minute))
		}
	case engine.Verify:
		if s.Size >= 0 && s.State != engine.Failed {
			s.Checking, s.checked, s.Awaiting = true, 0, "checking the data"
		}
	case engine.Allow:
		e.allow(s)
	case engine.NoClearnet, engine.Clearnet:
		s.NoClearnet = verb == engine.NoClearnet
	case engine.Evict:
		delete(e.sites, s.Host)
		e.graves[s.Host] = grave{s, e.now.Add(engine.UndoPeriod)}
		e.record(s, engine.Evicted, engine.Info, "evicted")
	case engine.Remove:
		delete(e.sites, s.Host)
		e.record(s, engine.Removed, engine.Info, "removed with its history")
	case engine.Undo: // has a way of its own: see Do
	}
}

// allow goes on with a site that was too large.
func (e *Engine) allow(s *site) {
	if s.ErrorKind == engine.TooLarge {
		s.Error, s.ErrorKind, s.want = "", engine.None, max(s.want, 5)
		s.enter(engine.Downloading, e.now)
	}
}

func (e *Engine) undo(host string) error {
	g, ok := e.graves[host]
	if !ok {
		return &engine.Error{Op: "fake: undo", Host: host, Kind: engine.NotFound, Msg: "it is too late to undo that: add the site again"}
	}
	delete(e.graves, host)
	e.sites[host] = g.site
	if !g.site.Pinned && !g.site.ExpiresAt.Std().After(e.now) {
		g.site.open(e.now, e.opts.CacheTTL)
	}
	e.record(g.site, engine.Restored, engine.Info, "restored")
	e.publish()
	return nil
}

func notFound(op, host string) error {
	return &engine.Error{Op: "fake: " + op, Host: host, Kind: engine.NotFound, Msg: "there is no such site: add it first"}
}
