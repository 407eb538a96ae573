package sites

import (
	"hash/fnv"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

const (
	// retryName is how long a domain that could not be looked up is left alone; the time doubles up to mostRetry.
	retryName = time.Minute
	mostRetry = 2 * time.Minute
	// mostSpread bounds by how much look-ups are put off, so that those of many sites do not come at the same time.
	mostSpread = 30 * time.Second
)

// maxLookUps is how many domains are looked up at the same time, unless a person asks for more.
const maxLookUps = 8

// lookUp asks in the background which torrent the site's domain points to. It does nothing for an infohash, and while
// a look-up is under way.
func (e *Engine) lookUp(s *site) {
	e.mu.Lock()
	defer e.mu.Unlock()
	host := s.row.Host
	if s.resolving || s.gone || engine.IsInfohash(host) {
		return
	}
	n := s.beginLookUp()
	if s.torrent == nil && s.row.Infohash == "" {
		s.err = nil
	}
	e.changed = true
	e.goTask(func() {
		answer, err := e.cfg.Resolver.Resolve(e.ctx, host)
		if e.ctx.Err() == nil {
			answer.Host = host
			e.resolved(s, n, answer, err)
		}
	})
}

// beginLookUp gives the number of a look-up that begins. One that is under way has lost: it may know less. mu must be
// held.
func (s *site) beginLookUp() int {
	s.resolving = true
	s.lookUps++
	return s.lookUps
}

// resolved takes the answer of the n-th look-up.
func (e *Engine) resolved(s *site, n int, answer resolve.Answer, err error) {
	e.mu.Lock()
	if n != s.lookUps {
		e.mu.Unlock()
		return
	}
	s.resolving = false
	before := s.answer
	s.answer, s.answerErr = answer, err
	s.schedule(e.cfg.Clock.Now(), answer, err)
	isFirst := s.torrent == nil && (s.row.Infohash == "" || s.err != nil && s.follows()) // there is nothing to stay at
	if err != nil {
		e.lookUpFailed(s, err, isFirst)
	} else {
		e.takeAnswer(s, before, answer, isFirst)
	}
	goal := ""
	if err == nil && !isFirst && (s.follows() || e.movesOn(s, answer.Infohash)) && s.torrent != nil && (answer.Infohash != s.row.Infohash || s.row.Next != "") {
		goal = answer.Infohash
	}
	hinted := s.torrents()
	host, mine := s.row.Host, s.row.Mine
	s.notify()
	e.changed = true
	e.mu.Unlock()
	if mine && err == nil {
		e.noteAgreement(host, answer)
	}
	switch {
	case err == nil && isFirst:
		e.join(s, answer.Infohash)
	case err == nil:
		for _, t := range hinted {
			t.Hint(answer.Trackers, answer.WebSeeds)
		}
	}
	if goal != "" {
		e.pursue(s, goal)
	}
	e.publish()
}

// follows says that the site goes where its domain points: it is not held, and not published here.
func (s *site) follows() bool { return !s.row.Held && !s.row.Mine }

// schedule says when the domain is looked up again. Answers that have run out count as failures.
func (s *site) schedule(now time.Time, answer resolve.Answer, err error) {
	wait := max(answer.TTL, time.Second)
	if err != nil || answer.Stale {
		wait = min(retryName<<min(s.failures, 10), mostRetry)
		s.failures++
	} else {
		s.failures = 0
	}
	s.expires = now.Add(wait + spread(s.row.Host, wait))
}

// spread puts off what is due in wait by up to a tenth of that, by another time for each host.
func spread(host string, wait time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // It never fails.
	return min(wait/10, mostSpread) * time.Duration(h.Sum32()%1000) / 1000
}

// lookUpFailed notes that the domain names nothing. mu must be held, here and below.
func (e *Engine) lookUpFailed(s *site, err error, isFirst bool) {
	if isFirst {
		s.err = err
		e.record(s, engine.Problem, engine.Noticed, engine.Message(err))
	}
}

// takeAnswer keeps what the domain says beside the infohash, and tells what is new in it.
func (e *Engine) takeAnswer(s *site, before, answer resolve.Answer, isFirst bool) {
	if !slices.Equal(s.row.HintTrackers, answer.Trackers) || !slices.Equal(s.row.HintWebSeeds, answer.WebSeeds) {
		s.row.HintTrackers, s.row.HintWebSeeds = slices.Clone(answer.Trackers), slices.Clone(answer.WebSeeds)
		e.unsaved[s.row.Host] = struct{}{}
	}
	if ttl := int64(answer.Lifetime / time.Second); ttl > 0 && ttl != s.row.NameTTL && (isFirst || answer.Infohash == s.row.Infohash) {
		s.row.NameTTL = ttl
		e.unsaved[s.row.Host] = struct{}{}
	}
	switch {
	case isFirst:
		e.record(s, engine.Info, engine.Resolved, "points to "+answer.Infohash+", says "+engine.Clean(answer.Source))
	case answer.Infohash != s.row.Infohash && answer.Infohash != before.Infohash && answer.Infohash != s.row.Next:
		text := "now points to " + answer.Infohash + ", says " + engine.Clean(answer.Source)
		if !s.follows() && !e.movesOn(s, answer.Infohash) {
			text += ": the site stays where it is"
		}
		e.record(s, engine.Info, engine.Resolved, text)
	}
	for _, w := range answer.Warnings {
		if !slices.Contains(before.Warnings, w) {
			e.record(s, engine.Warning, engine.Noticed, w)
		}
	}
}

// follow looks up again the domains whose answer has run out: those that could not be found, and those of sites that
// are kept, read or not. Sites that are paused or stay at a version are left alone.
func (e *Engine) follow(now time.Time) {
	underWay := len(e.pick(e.sites, func(s *site) bool { return s.resolving }))
	due := e.pick(e.sites, func(s *site) bool {
		return !s.resolving && !s.row.Held && !s.row.Paused && !engine.IsInfohash(s.row.Host) && !now.Before(s.expires)
	})
	for _, s := range due[:min(len(due), max(0, maxLookUps-underWay))] {
		e.lookUp(s)
	}
}

// nextCheck is when the domain will be looked up again; zero when it will not be.
func (s *site) nextCheck() engine.Time {
	if s.row.Held || s.row.Paused || engine.IsInfohash(s.row.Host) || s.resolving {
		return engine.Time{}
	}
	return engine.At(s.expires)
}
