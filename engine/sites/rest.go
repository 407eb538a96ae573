package sites

import (
	"fmt"
	"math/rand/v2"
	"time"

	"wtptui/engine"
)

// A resting site is out of its swarm because enough others seed it. That is decided by proven seeders, since a tracker
// can lie: complete peers that sent or received verified pieces in the last day. A resting site meets no peers, so
// after a day at most nothing is proven any more. Then it joins its swarm again, and rests once enough seeders have
// been met.
//
// A tracker is trusted when it counts fewer seeders than needed, which does no harm. So the first ones that rest keep
// the others, which see the number fall, from resting too.

const (
	// restAfter is how long enough seeders must have been met before a site rests. A random time up to restSpread is
	// added, so that not all of them leave at once.
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
	// spread returns a random time less than most.
	spread func(most time.Duration) time.Duration
}

// restState is whether a site rests.
type restState struct {
	resting bool
	// restAt is when the site will rest if nothing changes; zero if it will not.
	restAt time.Time
}

func randomTime(most time.Duration) time.Duration { return rand.N(most) }

// observe handles the newest statistics of a site's torrent.
func (r *rests) observe(s *site, now time.Time) {
	if r.swarm.torrents.allPaused {
		return // No peers are met.
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

// resume makes a site join its swarm again.
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

// seedersNeeded returns how many others must seed the site for it to rest; 0 if it never rests. One is enough for a
// site that has reached a seeding goal.
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

// describeGoal returns the seeding goal that the site has reached, as text; empty if none.
func (r *rests) describeGoal(s *site, now time.Time) string {
	goals := engine.GoalsForLabels(r.cfg.Goals, s.row.Labels)
	since := s.completeSince()
	if goals.IsZero() || since.IsZero() {
		return ""
	}
	ratio := 0.0
	if size := s.torrent.info.Size; size > 0 {
		ratio = float64(s.row.Uploaded+s.counted.uncounted().up) / float64(size)
	}
	return goals.DescribeReached(ratio, now.Sub(since))
}

// completeSince returns since when the site's version is complete; zero if it is not.
func (s *site) completeSince() time.Time {
	if c := s.row.Complete; s.isComplete() && c.Infohash == s.torrent.infohash {
		return c.At
	}
	return time.Time{}
}

// isOnlySeeding reports whether the site does nothing in its swarm but seed.
func (r *rests) isOnlySeeding(s *site) bool {
	return s.isComplete() && s.row.Next == "" && !s.row.Paused && !s.torrent.stats.Checking && s.torrent.stats.Fault == nil
}

// isBeingRead reports whether a browser reads the site, here or over WebRTC, or something is being sent to a peer.
func isBeingRead(s *site, now time.Time) bool {
	t := s.torrent
	return s.inUse > 0 || t.readers > 0 || now.Sub(s.lastUse) < readGrace || t.stats.WebPeers > 0 || t.up.rate() > 0
}

// hasSeeders reports whether enough others have proven to have all of the site, and no tracker counts fewer.
func hasSeeders(s *site, needed int) bool {
	last := s.torrent.stats
	return last.Proven >= needed && (last.Tracked < 0 || last.Tracked >= needed)
}
