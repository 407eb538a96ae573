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

// advance moves everything by dt.
func (st *world) advance(dt time.Duration) {
	for _, host := range st.hosts() {
		s := st.sites[host]
		st.life.advance(s, dt)
		s.updatePeers(st.now, dt)
		s.simulateReaders(st.now, dt)
		s.lookUpWhenDue(st.now)
		putRecord(&s.Site, st.now)
		if st.life.expireWhenDue(s) {
			delete(st.sites, host)
		}
	}
	st.bin.expire(st.now)
	st.homes.addRequests(dt)
	if dt > 0 {
		st.dhtNodes = min(max(st.dhtNodes+st.rng.IntN(7)-3, 120), 640)
	}
}

// advance moves one site through its states.
func (l *life) advance(s *site, dt time.Duration) {
	switch s.State {
	case engine.Resolving:
		if s.stateTimeLeft -= dt; s.stateTimeLeft <= 0 {
			s.setState(engine.Metadata, l.clock.now)
			l.journal.record(s, engine.Resolved, engine.Info, "resolved to %s", s.Infohash)
		}
	case engine.Metadata:
		if s.script.Unseeded {
			s.Awaiting = "peers: none found yet"
			return
		}
		if s.stateTimeLeft -= dt; s.stateTimeLeft <= 0 {
			s.setState(engine.Downloading, l.clock.now)
			l.journal.record(s, engine.Described, engine.Info, "%d files, %s", s.Files, engine.Bytes(s.Size))
		}
	case engine.Downloading, engine.Seeding, engine.Found:
		if s.Checking {
			l.hash(s, dt)
		} else if s.State == engine.Downloading && s.DownRate > 0 {
			l.download(s, dt)
		}
	}
}

// download adds the bytes that arrive in dt.
func (l *life) download(s *site, dt time.Duration) {
	s.downFraction += float64(s.DownRate) * dt.Seconds()
	got := min(int64(s.downFraction), s.Size-s.Completed)
	s.downFraction -= float64(got)
	s.Completed += got
	s.Downloaded += got
	s.distributeCompleted()
	if s.Completed == s.Size {
		s.setState(engine.Seeding, l.clock.now)
		l.journal.record(s, engine.Completed, engine.Info, "complete: seeding")
	}
}

// hash continues the verification of a site for dt, at 400 MB/s, the speed of a small machine.
func (l *life) hash(s *site, dt time.Duration) {
	s.hashedBytes += int64(400e6 * dt.Seconds())
	if s.hashedBytes < s.Size {
		return
	}
	s.Checking, s.hashedBytes, s.Awaiting = false, 0, ""
	if s.State == engine.Found {
		s.Completed, s.Awaiting = s.Size, engine.FoundAwaiting
		s.distributeCompleted()
	}
	l.journal.record(s, engine.Noticed, engine.Info, "verified: all data is as it should be")
}

// simulateReaders adds the requests of people who read the site: continuously if its script is InUse, now and then if
// it is Visited.
func (s *site) simulateReaders(now time.Time, dt time.Duration) {
	if dt == 0 || s.State == engine.Resolving || s.State == engine.Failed || s.State == engine.Found {
		return
	}
	if s.script.InUse && s.pageRNG.Float64() < dt.Seconds()/2.5 {
		s.addRequest(now)
	}
	if s.script.Visited && !s.Pinned && s.ExpiresAt.Std().Sub(now) < revisitBelow {
		s.ExpiresAt = engine.At(now.Add(s.script.ExpiresIn + time.Duration(s.pageRNG.IntN(300))*time.Second))
		s.LastOpen = engine.At(now)
		s.addRequest(now)
	}
}

// revisitBelow is the remaining time at which somebody opens a Visited site again.
const revisitBelow = 12 * time.Minute

// expireWhenDue reports whether the site's cache period has ended, and records the event. The period of a site in use
// starts over.
func (l *life) expireWhenDue(s *site) bool {
	if s.Pinned || s.State == engine.Found {
		return false
	}
	if s.InUse {
		s.restartCachePeriod(l.clock.now, l.ttl)
		return false
	}
	if s.ExpiresAt.Std().After(l.clock.now) {
		return false
	}
	l.journal.record(s, engine.Expired, engine.Info, "left the cache: not opened for a while")
	return true
}

// restartCachePeriod starts the cache period over, as opening the site does.
func (s *site) restartCachePeriod(now time.Time, ttl time.Duration) {
	s.LastOpen = engine.At(now)
	if !s.Pinned {
		s.ExpiresAt = engine.At(now.Add(ttl))
	}
}
