package sites

import (
	"fmt"
	"math/rand/v2"
	"time"

	"wtptui/engine"
)

// A site rests, which is to be out of its swarm, while enough others seed it. That is decided by what was proven, since
// a tracker can be lied to: by complete peers that gave or took verified pieces in the last day. While a site rests it
// meets nobody, so that after a day at most nothing is proven any more: it joins its swarm again by itself, looks, and
// rests when enough have been met.
//
// A tracker is believed when it counts fewer than are enough, which does no harm: so those who leave first keep the
// others, who see the number fall, from leaving too.

const (
	// restAfter is how long enough others must have been met until a site rests, and restSpread how much longer that is at
	// random: of all who keep it some go first.
	restAfter  = 30 * time.Minute
	restSpread = 3 * time.Hour
	// readGrace is for how long a site counts as being read after a request has ended.
	readGrace = 10 * time.Minute
)

// rests decides which sites rest.
type rests struct {
	cfg    *Config
	events *eventLog
	own    *publications
	swarm  *membership
	// spread returns a random time, less than most.
	spread func(most time.Duration) time.Duration
}

// rest is a site's part in it.
type restState struct {
	resting bool
	// due is when the site is to rest if nothing changes; zero if it is not to.
	restAt time.Time
}

func randomTime(most time.Duration) time.Duration { return rand.N(most) }

// observe takes the newest numbers of a site's torrent.
func (r *rests) observe(s *site, now time.Time) {
	if r.swarm.torrents.allPaused {
		return // Nobody is met.
	}
	enough := r.seedersNeeded(s, now)
	if s.rest.resting {
		if enough == 0 || !r.isOnlySeeding(s) || s.torrent.stats.Proven < enough {
			r.resume(s, enough)
		}
		return
	}
	switch {
	case enough == 0 || !r.isOnlySeeding(s) || isBeingRead(s, now) || !hasSeeders(s, enough):
		s.rest.restAt = time.Time{}
	case s.rest.restAt.IsZero():
		s.rest.restAt = now.Add(restAfter + r.spread(restSpread))
	case !now.Before(s.rest.restAt):
		s.rest = restState{resting: true}
		text := fmt.Sprintf("rests: %s proved in the last day to have all of it", peers(s.torrent.stats.Proven))
		if goal := r.describeGoal(s, now); goal != "" {
			text += ", and it has reached " + goal
		}
		r.events.record(s, engine.Info, engine.Noticed, text)
		r.applyChange(s)
	}
}

// wake lets a site join its swarm again.
func (r *rests) resume(s *site, enough int) {
	s.rest = restState{}
	if !s.row.Paused {
		text := "in the swarm again"
		if enough > 0 && s.isComplete() {
			text += ", to see whether " + describeOthers(enough) + " it still"
		}
		r.events.record(s, engine.Info, engine.Noticed, text)
	}
	r.applyChange(s)
}

func describeOthers(n int) string {
	if n == 1 {
		return "another one has"
	}
	return fmt.Sprintf("%d others have", n)
}

func (r *rests) applyChange(s *site) {
	r.events.changed = true
	s.notify()
	r.swarm.reconcileAll(s)
}

// enough is how many others must seed the site for it to rest; 0 if it never does. One is enough for a site that was
// seeded for long enough.
func (r *rests) seedersNeeded(s *site, now time.Time) int {
	switch {
	case s.row.Enough < 0 || s.row.Mine || r.own.isOwn(s):
		return 0
	case r.describeGoal(s, now) != "":
		return 1
	case s.row.Enough > 0:
		return s.row.Enough
	}
	return r.cfg.Enough
}

// reached says which goal the site has reached; empty if none.
func (r *rests) describeGoal(s *site, now time.Time) string {
	goals := engine.GoalsOf(r.cfg.Goals, s.row.Labels)
	since := s.completeSince()
	if goals.IsZero() || since.IsZero() {
		return ""
	}
	ratio := 0.0
	if size := s.torrent.info.Size; size > 0 {
		ratio = float64(s.row.Uploaded+s.counted.uncounted().up) / float64(size)
	}
	return goals.Reached(ratio, now.Sub(since))
}

// completeSince is since when all of the site's version is here; zero if not all of it is.
func (s *site) completeSince() time.Time {
	if c := s.row.Complete; s.isComplete() && c.Infohash == s.torrent.infohash {
		return c.At
	}
	return time.Time{}
}

// isOnlySeeding reports whether the site has nothing to do in its swarm but to seed.
func (r *rests) isOnlySeeding(s *site) bool {
	return s.isComplete() && s.row.Next == "" && !s.row.Paused && !s.torrent.stats.Checking && s.torrent.stats.Fault == nil
}

// isBeingRead reports whether a browser reads the site, here or over WebRTC, or somebody is just being sent something.
func isBeingRead(s *site, now time.Time) bool {
	t := s.torrent
	return s.inUse > 0 || t.readers > 0 || now.Sub(s.lastUse) < readGrace || t.stats.WebPeers > 0 || t.up.rate() > 0
}

// hasSeeders reports whether so many others have proven to have all of the site, and no tracker knows better.
func hasSeeders(s *site, needed int) bool {
	last := s.torrent.stats
	return last.Proven >= needed && (last.Tracked < 0 || last.Tracked >= needed)
}
