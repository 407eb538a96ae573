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
	err := engine.ForEachHost(hosts, func(host string) error {
		err := e.world.do(verb, host)
		done = done || err == nil
		return err
	})
	if done {
		e.publish()
	}
	return err
}

func (st *world) do(verb engine.Verb, host string) error {
	if err := engine.CheckVerb("fake: "+string(verb), verb, host, st.standing(host)); err != nil {
		return err
	}
	if b, away := st.bin.sites[host]; away {
		st.doInBin(verb, b)
		return nil
	}
	s := st.sites[host]
	switch verb {
	case engine.Pin, engine.Touch, engine.Resume:
		st.life.takeUp(s)
	default:
	}
	st.apply(verb, s)
	return nil
}

// standing returns what decides which verbs can be done to a host.
func (st *world) standing(host string) engine.VerbContext {
	binned := st.bin.has(host)
	s, here := st.sites[host]
	if !here {
		return engine.VerbContext{Binned: binned}
	}
	standing := s.VerbContext()
	standing.Home = st.homes.address(host)
	return standing
}

// takeUp makes a found site an ordinary one whose cache period starts. It does nothing to other sites.
func (l *life) takeUp(s *site) {
	if s.State != engine.Found {
		return
	}
	s.Checking = false
	s.open(l.clock.now, l.ttl)
	s.enter(engine.Seeding, l.clock.now)
	l.journal.record(s, engine.Added, engine.Info, "taken up: it was found in the data folder")
}

// apply carries out any verb but Undo. Each one does nothing when there is nothing to do.
func (st *world) apply(verb engine.Verb, s *site) {
	switch verb {
	case engine.Pin:
		if !s.Pinned {
			s.Pinned, s.ExpiresAt = true, engine.Time{}
			st.journal.record(s, engine.Pinned, engine.Info, "pinned: kept and seeded for good")
		}
		if s.plan.CacheTooSmall {
			st.life.allow(s)
		}
	case engine.Unpin:
		if s.Pinned {
			s.Pinned = false
			s.ExpiresAt = engine.At(st.now.Add(st.life.ttl))
			st.journal.record(s, engine.Unpinned, engine.Info, "unpinned: expires in %s", st.life.ttl)
		}
	case engine.Touch:
		s.open(st.now, st.life.ttl)
	case engine.Pause:
		if s.State != engine.Paused && s.State != engine.Found && s.State != engine.Failed {
			s.resume, s.State, s.Checking = s.State, engine.Paused, false
			s.updatePeers(st.now, 0)
		}
	case engine.Resume:
		s.Resting = false // Whoever resumes a site wants it in its swarm now.
		if s.State == engine.Paused {
			s.enter(s.resume, st.now)
		}
	case engine.Announce:
		for i := range s.trackers {
			s.trackers[i].Last = engine.At(st.now)
			s.trackers[i].Next = engine.At(st.now.Add(30 * time.Minute))
		}
	case engine.Verify:
		if s.Size >= 0 && s.State != engine.Failed {
			s.Checking, s.checked, s.Awaiting, s.Resting = true, 0, "the check of its data", false
		}
	case engine.Allow:
		st.life.allow(s)
	case engine.AcceptKey:
		if acceptKey(s, st.now) {
			st.journal.record(s, engine.Resolved, engine.Info, "follows the key that its domain names now")
		}
	case engine.Evict:
		st.sendAway(s, false)
		st.takeOff(s)
		st.journal.record(s, engine.Evicted, engine.Info, "evicted")
	case engine.Remove, engine.RemoveNow:
		st.takeOff(s)
		delete(st.sites, s.Host)
		if verb == engine.Remove && st.bin.period > 0 {
			st.sendAway(s, true)
		}
		st.journal.record(s, engine.Removed, engine.Info, "removed with its history")
	default: // Undo has a way of its own: see do.
		s.Flags = s.Flags.Apply(verb)
	}
}

// allow goes on with a site that was too large.
func (l *life) allow(s *site) {
	if s.ErrorKind == engine.TooLarge {
		s.Error, s.ErrorKind, s.want = "", engine.None, max(s.want, 5)
		s.enter(engine.Downloading, l.clock.now)
	}
}

func (st *world) notFound(op, host string) error {
	return engine.MissingSiteError("fake: "+op, host, st.bin.has(host))
}

// find returns the site at host. Kind NotFound if there is none.
func (st *world) find(op, host string) (*site, error) {
	s, here := st.sites[host]
	if !here {
		return nil, st.notFound(op, host)
	}
	return s, nil
}
