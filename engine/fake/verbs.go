package fake

import (
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// Do implements engine.Engine.
func (e *Engine) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	if err := e.checkUsable(ctx, string(verb)); err != nil {
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
	err := engine.ForEachHost(hosts, func(host string) error {
		err := e.world.doVerb(verb, host)
		done = done || err == nil
		return err
	})
	if done {
		e.publish()
	}
	return err
}

func (st *world) doVerb(verb engine.Verb, host string) error {
	if err := engine.CheckVerb("fake: "+string(verb), verb, host, st.verbContext(host)); err != nil {
		return err
	}
	if b, away := st.bin.sites[host]; away {
		st.applyInBin(verb, b)
		return nil
	}
	s := st.sites[host]
	switch verb {
	case engine.Pin, engine.Touch, engine.Resume:
		st.life.adoptFound(s)
	default:
	}
	st.apply(verb, s)
	return nil
}

// verbContext returns what decides which verbs can be applied to a host.
func (st *world) verbContext(host string) engine.VerbContext {
	binned := st.bin.has(host)
	s, here := st.sites[host]
	if !here {
		return engine.VerbContext{Binned: binned}
	}
	c := s.VerbContext()
	c.Home = st.homes.address(host)
	return c
}

// adoptFound turns a found site into an ordinary one, whose cache period starts. It does nothing to other sites.
func (l *life) adoptFound(s *site) {
	if s.State != engine.Found {
		return
	}
	s.Checking = false
	s.restartCachePeriod(l.clock.now, l.ttl)
	s.setState(engine.Seeding, l.clock.now)
	l.journal.record(s, engine.Added, engine.Info, "taken up: it was found in the data folder")
}

// apply applies any verb but Undo. It does nothing if the verb changes nothing.
func (st *world) apply(verb engine.Verb, s *site) {
	switch verb {
	case engine.Pin:
		if !s.Pinned {
			s.Pinned, s.ExpiresAt = true, engine.Time{}
			st.journal.record(s, engine.Pinned, engine.Info, "pinned: kept and seeded for good")
		}
		if s.script.CacheTooSmall {
			st.life.allow(s)
		}
	case engine.Unpin:
		if s.Pinned {
			s.Pinned = false
			s.ExpiresAt = engine.At(st.now.Add(st.life.ttl))
			st.journal.record(s, engine.Unpinned, engine.Info, "unpinned: expires in %s", st.life.ttl)
		}
	case engine.Touch:
		s.restartCachePeriod(st.now, st.life.ttl)
	case engine.Pause:
		if s.State != engine.Paused && s.State != engine.Found && s.State != engine.Failed {
			s.resumeState, s.State, s.Checking = s.State, engine.Paused, false
			s.updatePeers(st.now, 0)
		}
	case engine.Resume:
		s.Resting = false // Resume joins the swarm now.
		if s.State == engine.Paused {
			s.setState(s.resumeState, st.now)
		}
	case engine.Announce:
		for i := range s.trackers {
			s.trackers[i].Last = engine.At(st.now)
			s.trackers[i].Next = engine.At(st.now.Add(30 * time.Minute))
		}
	case engine.Verify:
		if s.Size >= 0 && s.State != engine.Failed {
			s.Checking, s.hashedBytes, s.Awaiting, s.Resting = true, 0, "the check of its data", false
		}
	case engine.Allow:
		st.life.allow(s)
	case engine.AcceptKey:
		if acceptKey(s, st.now) {
			st.journal.record(s, engine.Resolved, engine.Info, "follows the key that its domain names now")
		}
	case engine.Evict:
		st.moveToBin(s, false)
		st.takeOffHomes(s)
		st.journal.record(s, engine.Evicted, engine.Info, "evicted")
	case engine.Remove, engine.RemoveNow:
		st.takeOffHomes(s)
		delete(st.sites, s.Host)
		if verb == engine.Remove && st.bin.period > 0 {
			st.moveToBin(s, true)
		}
		st.journal.record(s, engine.Removed, engine.Info, "removed with its history")
	default: // Undo is applied by applyInBin.
		s.Flags = s.Flags.Apply(verb)
	}
}

// allow starts the download of a site that was too large.
func (l *life) allow(s *site) {
	if s.ErrorKind == engine.TooLarge {
		s.Error, s.ErrorKind, s.maxPeers = "", engine.None, max(s.maxPeers, 5)
		s.setState(engine.Downloading, l.clock.now)
	}
}

func (st *world) notFoundError(op, host string) error {
	return engine.MissingSiteError("fake: "+op, host, st.bin.has(host))
}

// findSite returns the site at host. Kind NotFound if there is none.
func (st *world) findSite(op, host string) (*site, error) {
	s, here := st.sites[host]
	if !here {
		return nil, st.notFoundError(op, host)
	}
	return s, nil
}
