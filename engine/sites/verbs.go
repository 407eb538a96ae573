package sites

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// Do implements engine.Engine.
func (e *Engine) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	op := "sites: " + string(verb)
	if !slices.Contains(engine.Verbs(), verb) {
		return &engine.Error{Op: op, Kind: engine.Invalid, Msg: "there is no such verb: " + engine.Clean(string(verb))}
	}
	if ctx.Err() != nil {
		return canceledError(ctx, op, "")
	}
	hosts = uniqueHosts(hosts)
	d := &verbCall{op: op, verb: verb, now: e.cfg.Clock.Now()}
	if verb == engine.Evict || verb == engine.Remove || verb == engine.RemoveNow {
		d.copies = e.describeOwnCopies(hosts)
	}
	written := make(chan error, 1)
	var failed error
	err := e.withState(op, "", func(st *state) error {
		events := st.events.collect(func() {
			failed = engine.ForEachHost(hosts, func(host string) error { return d.apply(st, host) })
		})
		if len(d.swarmCalls) > 0 {
			e.owner.startTask(d.runSwarmCalls, func() {})
		}
		st.homes.flush(func(err error) {
			if err == nil {
				err = d.removeErr
			}
			if err == nil {
				st.events.emit(events...)
			}
			written <- err
		})
		return nil
	})
	if err != nil {
		return err
	}
	if err := awaitWrite(ctx, op, "", written); err != nil {
		return err
	}
	return cmp.Or(failed, e.acceptKeys(op, e.cfg.Resolver, d.accepted))
}

// uniqueHosts returns each host once, in order.
func uniqueHosts(hosts []string) []string {
	seen := make(map[string]bool, len(hosts))
	out := make([]string, 0, len(hosts))
	for _, h := range hosts {
		if !seen[h] {
			seen[h] = true
			out = append(out, h)
		}
	}
	return out
}

// verbCall is one verb for some sites.
type verbCall struct {
	op   string
	verb engine.Verb
	now  time.Time
	// copies says how many copies others have of sites that were published here, as text by host.
	copies map[string]string
	// swarmCalls are calls to the swarm that are made outside of the owner.
	swarmCalls []func()
	// accepted are keys that a person has accepted.
	accepted []acceptedKey
	// removeErr is why a site's row could not be deleted.
	removeErr error
}

func (d *verbCall) runSwarmCalls() {
	for _, f := range d.swarmCalls {
		f()
	}
}

// apply applies the verb to one site.
func (d *verbCall) apply(st *state, host string) error {
	if err := engine.CheckVerb(d.op, d.verb, host, d.verbContext(st, host)); err != nil {
		return err
	}
	if d.verb == engine.Evict || d.verb == engine.Remove || d.verb == engine.RemoveNow {
		st.homes.takeOff(st.roster.findAnywhere(host))
	}
	if s := st.roster.binned[host]; s != nil {
		d.applyInBin(st, s, host)
		return nil
	}
	s := st.roster.here[host]
	st.events.changed = true
	if d.verb != engine.Remove && d.verb != engine.RemoveNow {
		st.journal.markDirty(s)
	}
	switch d.verb {
	case engine.Pin, engine.Touch, engine.Resume:
		st.adoptFound(s)
	default:
	}
	switch d.verb {
	case engine.Evict:
		d.evict(st, s)
	case engine.Remove, engine.RemoveNow:
		d.remove(st, s)
	case engine.Pin:
		st.pin(s)
	case engine.Unpin:
		d.unpin(st, s)
	case engine.Touch:
		s.row.LastOpen = d.now
		s.touch(d.now, st.cfg.CacheTTL)
		st.names.refreshExpired(s)
	case engine.AcceptKey:
		if key := s.name.answer.NextKey; key != "" {
			d.accepted = append(d.accepted, acceptedKey{host, key})
		}
	case engine.Pause, engine.Resume:
		d.pause(st, s)
	case engine.Announce:
		d.announce(st, s)
	case engine.Verify:
		d.verify(st, s)
	case engine.Allow:
		d.allow(st, s)
	default:
		s.row.Flags = store.Flags(engine.Flags(s.row.Flags).Apply(d.verb))
	}
	return nil
}

// verbContext returns what decides whether the verb can be applied to a host.
func (d *verbCall) verbContext(st *state, host string) engine.VerbContext {
	s := st.roster.here[host]
	if s == nil {
		return engine.VerbContext{Binned: st.roster.binned[host] != nil}
	}
	return engine.VerbContext{
		Here: true, Found: s.row.Found, Own: st.own.isOwn(s), Copies: d.copies[host],
		Listed: s.torrent != nil && s.torrent.ready, Home: st.homes.address(host),
	}
}

// applyInBin applies the verb to a site that is in the bin.
func (d *verbCall) applyInBin(st *state, s *site, host string) {
	switch {
	case d.verb == engine.Undo:
		st.removals.remove(host)
		st.bin.restore(s, d.now)
		st.startSite(s)
	case d.verb == engine.Evict:
	case d.verb == engine.RemoveNow || d.verb == engine.Remove && st.cfg.Bin == 0:
		d.removeNow(st, s)
	case d.verb == engine.Remove:
		s.row.Removed = true
		st.removals.add(host)
		st.journal.markDirty(s)
	}
}

func (d *verbCall) evict(st *state, s *site) {
	text := "evicted" + s.describeSize() + ": it can come back for " + shortTime(st.bin.period(false))
	st.events.record(s, engine.Info, engine.Evicted, text)
	st.bin.put(s, d.now, false)
}

// remove moves the site with its history into the bin, or deletes it at once.
func (d *verbCall) remove(st *state, s *site) {
	level, copies := engine.Info, ""
	if st.own.isOwn(s) {
		level, copies = engine.Warning, "; it was published here: "+d.copies[s.row.Host]
	}
	text := "removed with its history" + s.describeSize() + copies
	if d.verb == engine.RemoveNow || st.cfg.Bin == 0 {
		st.events.record(s, level, engine.Removed, text)
		d.removeNow(st, s)
		return
	}
	st.events.record(s, level, engine.Removed, text+": it can come back for "+shortTime(st.bin.period(true)))
	st.bin.put(s, d.now, true)
	st.removals.add(s.row.Host)
}

func (d *verbCall) removeNow(st *state, s *site) {
	st.events.changed = true
	st.bin.deleteNow(s, func(err error) { d.removeErr = cmp.Or(d.removeErr, err) })
}

// adoptFound makes a found site a normal one.
func (st *state) adoptFound(s *site) {
	if !s.row.Found {
		return
	}
	s.row.Found, s.row.Paused, s.row.LastOpen = false, false, st.clock.Now()
	s.touch(s.row.LastOpen, st.cfg.CacheTTL)
	st.journal.markDirty(s)
	st.swarm.reconcileAll(s)
	s.notify()
	st.events.record(s, engine.Info, engine.Restored, "taken up again")
}

// pin pins the site.
func (st *state) pin(s *site) {
	if s.row.Pinned {
		return
	}
	s.row.Pinned = true
	s.row.ExpiresAt = time.Time{}
	st.journal.markDirty(s)
	st.swarm.reconcileAll(s)
	st.events.record(s, engine.Info, engine.Pinned, "pinned: kept and seeded for ever")
}

func (d *verbCall) unpin(st *state, s *site) {
	if !s.row.Pinned {
		return
	}
	s.row.Pinned = false
	// A site that does not fit the cache stays for the cache period: whoever pinned it has allowed its size.
	if t := s.torrent; t != nil && t.ready && !st.torrents.fitsCache(t) {
		s.row.Allowed = true
	}
	st.swarm.reconcileAll(s)
	s.touch(d.now, st.cfg.CacheTTL)
	text := "unpinned: leaves the cache " + shortTime(st.cfg.CacheTTL) + " after it was last opened"
	st.events.record(s, engine.Info, engine.Unpinned, text)
}

func (d *verbCall) pause(st *state, s *site) {
	s.rest = restState{} // Whoever resumes a resting site wants it in its swarm now.
	if paused := d.verb == engine.Pause; s.row.Paused != paused {
		s.row.Paused = paused
		s.noPeersSince = time.Time{}
		s.notify()
		text := "resumed"
		if paused {
			text = "paused: not in the swarm until it is resumed"
		}
		st.events.record(s, engine.Info, engine.Noticed, text)
	}
	st.swarm.reconcileAll(s)
}

func (d *verbCall) announce(st *state, s *site) {
	used := s.torrents()
	for _, t := range used {
		st.torrents.retry(t)
		if t.joined != nil {
			d.swarmCalls = append(d.swarmCalls, t.joined.Announce)
		}
	}
	if len(used) == 0 {
		st.names.startLookup(s)
	}
}

func (d *verbCall) verify(st *state, s *site) {
	st.events.record(s, engine.Info, engine.Noticed, "verifying all data on disk")
	st.swarm.verify(s.torrent)
}

// allow lifts all limits of the site, now and for its next versions.
func (d *verbCall) allow(st *state, s *site) {
	if !s.row.Allowed {
		s.row.Allowed = true
		st.events.record(s, engine.Info, engine.Noticed, "allowed, whatever its size")
	}
	st.swarm.reconcileAll(s)
}
