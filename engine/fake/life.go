package fake

import (
	"time"

	"wtptui/engine"
)

// life moves sites through their states as time passes.
type life struct {
	clock   *clock
	journal *journal
	ttl     time.Duration // see Options.CacheTTL
}

// advance lets dt pass.
func (st *world) advance(dt time.Duration) {
	for _, host := range st.hosts() {
		s := st.sites[host]
		st.life.advance(s, dt)
		s.updatePeers(st.now, dt)
		s.simulateReaders(st.now, dt)
		s.lookUpWhenDue(st.now)
		putRecord(&s.Site, st.now)
		if st.life.expire(s) {
			delete(st.sites, host)
		}
	}
	st.bin.expire(st.now)
	st.homes.addRequests(dt)
	if dt > 0 {
		st.dht = min(max(st.dht+st.rng.IntN(7)-3, 120), 640)
	}
}

// advance moves one site through its states.
func (l *life) advance(s *site, dt time.Duration) {
	switch s.State {
	case engine.Resolving:
		if s.left -= dt; s.left <= 0 {
			s.enter(engine.Metadata, l.clock.now)
			l.journal.record(s, engine.Resolved, engine.Info, "resolved to %s", s.Infohash)
		}
	case engine.Metadata:
		if s.plan.Unseeded {
			s.Awaiting = "peers: none found yet"
			return
		}
		if s.left -= dt; s.left <= 0 {
			s.enter(engine.Downloading, l.clock.now)
			l.journal.record(s, engine.Described, engine.Info, "%d files, %s", s.Files, engine.Bytes(s.Size))
		}
	case engine.Downloading, engine.Seeding, engine.Found:
		if s.Checking {
			l.check(s, dt)
		} else if s.State == engine.Downloading && s.DownRate > 0 {
			l.fetch(s, dt)
		}
	}
}

// fetch adds what arrives in dt.
func (l *life) fetch(s *site, dt time.Duration) {
	s.downRest += float64(s.DownRate) * dt.Seconds()
	got := min(int64(s.downRest), s.Size-s.Completed)
	s.downRest -= float64(got)
	s.Completed += got
	s.Downloaded += got
	s.spreadCompleted()
	if s.Completed == s.Size {
		s.enter(engine.Seeding, l.clock.now)
		l.journal.record(s, engine.Completed, engine.Info, "complete: seeding")
	}
}

// check hashes at 400 MB/s, as a small machine does.
func (l *life) check(s *site, dt time.Duration) {
	s.checked += int64(400e6 * dt.Seconds())
	if s.checked < s.Size {
		return
	}
	s.Checking, s.checked, s.Awaiting = false, 0, ""
	if s.State == engine.Found {
		s.Completed, s.Awaiting = s.Size, engine.FoundAwaiting
		s.spreadCompleted()
	}
	l.journal.record(s, engine.Noticed, engine.Info, "verified: all data is as it should be")
}

// simulateReaders adds requests of those who read the site: all the time, or now and then.
func (s *site) simulateReaders(now time.Time, dt time.Duration) {
	if dt == 0 || s.State == engine.Resolving || s.State == engine.Failed || s.State == engine.Found {
		return
	}
	if s.plan.InUse && s.more.Float64() < dt.Seconds()/2.5 {
		s.addRequest(now)
	}
	if s.plan.Visited && !s.Pinned && s.ExpiresAt.Std().Sub(now) < visitedAgain {
		s.ExpiresAt = engine.At(now.Add(s.plan.ExpiresIn + time.Duration(s.more.IntN(300))*time.Second))
		s.LastOpen = engine.At(now)
		s.addRequest(now)
	}
}

// visitedAgain is when somebody opens a site that is Visited: while it still has this long to live.
const visitedAgain = 12 * time.Minute

// expire reports whether the site's time is over.
func (l *life) expire(s *site) bool {
	if s.Pinned || s.State == engine.Found {
		return false
	}
	if s.InUse {
		s.open(l.clock.now, l.ttl)
		return false
	}
	if s.ExpiresAt.Std().After(l.clock.now) {
		return false
	}
	l.journal.record(s, engine.Expired, engine.Info, "left the cache: not opened for a while")
	return true
}

// open starts the cache period over.
func (s *site) open(now time.Time, ttl time.Duration) {
	s.LastOpen = engine.At(now)
	if !s.Pinned {
		s.ExpiresAt = engine.At(now.Add(ttl))
	}
}
