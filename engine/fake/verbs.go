package fake

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// Do implements engine.Engine.
func (e *Engine) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	if err := e.usable(ctx, string(verb)); err != nil {
		return err
	}
	if !slices.Contains(engine.Verbs(), verb) && len(hosts) > 0 {
		return &engine.Error{
			Op: "fake: do", Kind: engine.Invalid,
			Msg: "there is no such verb: " + engine.Clean(string(verb)),
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	done := false
	err := engine.EachHost(hosts, func(host string) error {
		err := e.do(verb, host)
		done = done || err == nil
		return err
	})
	if done {
		e.publish()
	}
	return err
}

func (e *Engine) do(verb engine.Verb, host string) error {
	if err := engine.RefuseVerb("fake: "+string(verb), verb, host, e.standing(host)); err != nil {
		return err
	}
	if b, away := e.binned[host]; away {
		e.doInBin(verb, b)
		return nil
	}
	s := e.sites[host]
	switch verb {
	case engine.Pin, engine.Touch, engine.Resume:
		e.takeUp(s)
	default:
	}
	e.apply(verb, s)
	return nil
}

// standing says what decides which verbs can be done to a host.
func (e *Engine) standing(host string) engine.Standing {
	_, binned := e.binned[host]
	s, here := e.sites[host]
	if !here {
		return engine.Standing{Binned: binned}
	}
	return s.Standing()
}

// takeUp makes a found site an ordinary one whose cache period starts. It does nothing to other sites.
func (e *Engine) takeUp(s *site) {
	if s.State != engine.Found {
		return
	}
	s.Checking = false
	s.open(e.now, e.opts.CacheTTL)
	s.enter(engine.Seeding, e.now)
	e.record(s, engine.Added, engine.Info, "taken up: it was found in the data folder")
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
		if s.State != engine.Paused && s.State != engine.Found && s.State != engine.Failed {
			s.resume, s.State, s.Checking = s.State, engine.Paused, false
			s.mingle(e.now, 0)
		}
	case engine.Resume:
		s.Resting = false // Whoever resumes a site wants it in its swarm now.
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
			s.Checking, s.checked, s.Awaiting, s.Resting = true, 0, "checking the data", false
		}
	case engine.Allow:
		e.allow(s)
	case engine.NoClearnet, engine.Clearnet:
		s.NoClearnet = verb == engine.NoClearnet
	case engine.Evict:
		e.bin(s, false)
		e.record(s, engine.Evicted, engine.Info, "evicted")
	case engine.Remove, engine.RemoveNow:
		delete(e.sites, s.Host)
		if verb == engine.Remove && e.opts.Bin > 0 {
			e.bin(s, true)
		}
		e.record(s, engine.Removed, engine.Info, "removed with its history")
	case engine.Undo: // has a way of its own: see do
	}
}

// allow goes on with a site that was too large.
func (e *Engine) allow(s *site) {
	if s.ErrorKind == engine.TooLarge {
		s.Error, s.ErrorKind, s.want = "", engine.None, max(s.want, 5)
		s.enter(engine.Downloading, e.now)
	}
}

func (e *Engine) notFound(op, host string) error {
	_, binned := e.binned[host]
	return engine.RefuseMissing("fake: "+op, host, binned)
}
