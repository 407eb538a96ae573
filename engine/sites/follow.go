package sites

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

const (
	// minLookupRetry is how long a domain that could not be looked up is left alone; the time doubles up to
	// maxLookupRetry.
	minLookupRetry = time.Minute
	maxLookupRetry = 2 * time.Minute
	// maxLookupSpread bounds by how much look-ups are put off, so that those of many sites do not come at the same time.
	maxLookupSpread = 30 * time.Second
)

// maxLookups is how many domains are looked up at the same time, unless a person asks for more.
const maxLookups = 8

// naming follows domains: it asks which torrents they point to, and takes what they answer to their sites.
type nameFollower struct {
	cfg      *Config
	owner    *owner
	events   *eventLog
	journal  *journal
	roster   *roster
	swarm    *membership
	versions *versions
	own      *publications
	// queued is how many look-ups are due and wait; health is how those of kept sites went last.
	queued int
	health engine.Names
}

// lookUp is what is known of where a site's domain points.
type nameLookup struct {
	// running says that a look-up is under way, which is the count-th; due is when the name should be looked up
	// again, and failures how often in a row that has failed.
	running  bool
	latest   int
	due      time.Time
	failures int
	// answer and err are what came of the last one; answer.Host is empty before.
	answer resolve.Answer
	err    error
}

// begin gives the number of a look-up that begins. One that is under way has lost: it may know less.
func (l *nameLookup) beginQuery() int {
	l.running = true
	l.latest++
	return l.latest
}

// schedule says when the domain is looked up again. Answers that have run out count as failures.
func (l *nameLookup) scheduleNext(host string, now time.Time, answer resolve.Answer, err error) {
	wait := max(answer.TTL, time.Second)
	if err != nil || answer.Stale {
		wait = min(minLookupRetry<<min(l.failures, 10), maxLookupRetry)
		l.failures++
	} else {
		l.failures = 0
	}
	l.due = now.Add(wait + hostSpread(host, wait))
}

// spread puts off what is due in wait by up to a tenth of that, by another time for each host.
func hostSpread(host string, wait time.Duration) time.Duration {
	return hostFraction(host, min(wait/10, maxLookupSpread))
}

// fraction returns a time from 0 to most, another one for each host and always the same.
func hostFraction(host string, most time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // It never fails.
	return most * time.Duration(h.Sum32()%1000) / 1000
}

// lookUp asks in the background which torrent the site's domain, or key, points to. It does nothing for an infohash,
// and while a look-up is under way.
func (n *nameFollower) startLookup(s *site) {
	if !s.name.running {
		n.restartLookup(s)
	}
}

// restartLookup is lookUp also while one is under way, which may know less.
func (n *nameFollower) restartLookup(s *site) {
	host := s.row.Host
	if s.deleted || engine.IsInfohash(host) {
		return
	}
	number := s.name.beginQuery()
	if s.torrent == nil && s.row.Infohash == "" {
		s.err = nil
	}
	n.events.changed = true
	n.owner.startBackground(func(ctx context.Context) {
		answer, err := n.cfg.Resolver.Resolve(ctx, host)
		if ctx.Err() == nil {
			answer = n.cfg.withSigner(answer)
			n.owner.do(func() { n.handleLookup(s, number, answer, err) })
		}
	})
}

// resolved takes the answer of a look-up.
func (n *nameFollower) handleLookup(s *site, number int, answer resolve.Answer, err error) {
	if number == s.name.latest {
		s.name.running = false
		n.handleAnswer(s, answer, err)
	}
}

// answered takes what a look-up, or keeping a record, has found out.
func (n *nameFollower) handleAnswer(s *site, answer resolve.Answer, err error) {
	if n.owner.ctx.Err() != nil {
		return
	}
	answer.Host = s.row.Host
	before := s.name.answer
	s.name.scheduleNext(s.row.Host, n.cfg.Clock.Now(), answer, err)
	if err != nil && s.name.due.Before(s.republish.due) {
		s.republish.due = s.name.due // That is how it is tried again if it has a key.
	}
	n.events.changed = true
	if err == nil && !n.acceptRecord(s, before, &answer) {
		return
	}
	s.name.answer, s.name.err = answer, err
	isFirst := s.torrent == nil && (s.row.Infohash == "" || s.err != nil && s.followsName()) // there is nothing to stay at
	switch {
	case err != nil && isFirst:
		s.err = err
		n.events.record(s, engine.Problem, engine.Noticed, engine.Message(err))
	case err == nil:
		n.applyAnswer(s, before, answer, isFirst)
	}
	s.notify()
}

// take goes where the domain points.
func (n *nameFollower) applyAnswer(s *site, before, answer resolve.Answer, isFirst bool) {
	n.noteAnswer(s, before, answer, isFirst)
	if s.row.Mine {
		n.own.noteAgreement(s.row.Host, answer)
	}
	if isFirst {
		if n.roster.isHere(s) {
			n.swarm.serve(s, answer.Infohash)
		}
		return
	}
	for _, t := range s.torrents() {
		n.swarm.addHints(t, s)
	}
	goes := s.followsName() || n.own.followsAnswer(s, answer.Infohash)
	if goes && s.torrent != nil && (answer.Infohash != s.row.Infohash || s.row.Next != "") {
		n.versions.moveTo(s, answer.Infohash)
	}
}

// follows says that the site goes where its domain points: it is not held, and not published here.
func (s *site) followsName() bool { return !s.row.Held && !s.row.Mine }

// remember keeps what the domain says beside the infohash, and tells what is new in it.
func (n *nameFollower) noteAnswer(s *site, before, answer resolve.Answer, isFirst bool) {
	if !slices.Equal(s.row.HintTrackers, answer.Trackers) || !slices.Equal(s.row.HintWebSeeds, answer.WebSeeds) {
		s.row.HintTrackers, s.row.HintWebSeeds = slices.Clone(answer.Trackers), slices.Clone(answer.WebSeeds)
		n.journal.markDirty(s)
	}
	if ttl := int64(answer.Lifetime / time.Second); ttl > 0 && ttl != s.row.NameTTL && (isFirst || answer.Infohash == s.row.Infohash) {
		s.row.NameTTL = ttl
		n.journal.markDirty(s)
	}
	who := describeAnswer(answer, n.cfg.Clock.Now())
	switch {
	case isFirst:
		n.events.record(s, engine.Info, engine.Resolved, "points to "+answer.Infohash+", "+who)
	case answer.Infohash != s.row.Infohash && answer.Infohash != before.Infohash && answer.Infohash != s.row.Next:
		text := "now points to " + answer.Infohash + ", " + who
		if !s.followsName() && !n.own.followsAnswer(s, answer.Infohash) {
			text += ": the site stays where it is"
		}
		n.events.record(s, engine.Info, engine.Resolved, text)
	}
	for _, w := range answer.Warnings {
		if !slices.Contains(before.Warnings, w) {
			n.events.record(s, engine.Warning, engine.Noticed, w)
		}
	}
}

// follow looks up again the domains whose answer has run out: those that could not be found, and those of sites that
// are kept, read or not. Sites that are paused or stay at a version are left alone, and those that a key decides are
// looked up where their records are kept.
func (n *nameFollower) startDue(now time.Time) {
	underWay := 0
	var health engine.Names
	due := selectSites(n.roster.here, func(s *site) bool {
		n.addHealth(&health, s)
		if s.hasKey() {
			return false
		}
		if s.name.running {
			underWay++
		}
		return !s.name.running && !now.Before(s.name.due) && s.isLookedUpAgain()
	})
	begins := min(len(due), max(0, maxLookups-underWay))
	for _, s := range due[:begins] {
		n.startLookup(s)
	}
	if queued := len(due) - begins; queued != n.queued || health != n.health {
		n.queued, n.health, n.events.changed = queued, health, true
	}
}

// addHealth counts how the name of a site is, if the site is kept and its name was looked up.
func (n *nameFollower) addHealth(health *engine.Names, s *site) {
	answer := s.name.answer
	switch {
	case !s.row.Pinned && !s.row.Mine || answer.Host == "" || !s.isLookedUpAgain():
	case s.name.err != nil || answer.Stale:
		health.Failing++
	case s.row.Mine && answer.Infohash != s.row.Infohash && !n.own.followsAnswer(s, answer.Infohash):
		health.Disagreeing++
	default:
		health.Good++
	}
}

// nextCheck is when the domain will be looked up again; zero when it will not be.
func (s *site) nextCheck() engine.Time {
	switch {
	case !s.isLookedUpAgain():
		return engine.Time{}
	case s.hasKey():
		return engine.At(s.republish.due)
	case s.name.running:
		return engine.Time{}
	}
	return engine.At(s.name.due)
}

// isLookedUpAgain reports whether the site's domain is looked up from time to time. Of a special-use name, which a site
// of an older version can have, it is said once that it is not.
func (s *site) isLookedUpAgain() bool {
	host := s.row.Host
	told := s.name.answer.Host != ""
	return !s.row.Held && !s.row.Paused && !engine.IsInfohash(host) && !(told && engine.RefuseSpecialUse(host) != nil)
}

// viewName is what the site's domain says, as far as that is known without asking.
func (s *site) viewName(stored engine.Name) engine.Name {
	n := stored
	if engine.IsInfohash(s.row.Host) {
		n.Host, n.Infohash, n.Versions = "", "", []engine.Version{}
		return n
	}
	if s.name.answer.Host != "" {
		n = s.name.answer.Name(s.name.err)
	}
	n.Host = s.row.Host
	if engine.IsKey(n.Host) {
		n.Key = n.Host
	}
	if n.Key != "" && s.row.Mine && n.Infohash != "" && n.Infohash != s.row.Infohash {
		n.Warnings = append(n.Warnings,
			"the key's record does not name what is served here: publish the folder again to sign it")
		return n
	}
	if s.row.Mine && n.Infohash != "" && n.Infohash != s.row.Infohash {
		n.Warnings = append(n.Warnings,
			"the domain does not name what is published here yet: change its TXT record to wtpkey="+s.row.Infohash)
	}
	return n
}
