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
	// minLookupRetry is the delay after a failed look-up. It doubles with each further failure, up to maxLookupRetry.
	minLookupRetry = time.Minute
	maxLookupRetry = 2 * time.Minute
	// maxLookupSpread limits by how much look-ups are delayed so that those of many sites do not coincide.
	maxLookupSpread = 30 * time.Second
)

// maxLookups is how many names are looked up at the same time, unless a person asks for more.
const maxLookups = 8

// nameFollower looks up which torrents the domains and keys of sites point to, and makes the sites follow the answers.
type nameFollower struct {
	cfg      *Config
	owner    *owner
	events   *eventLog
	journal  *journal
	roster   *roster
	swarm    *membership
	versions *versions
	own      *publications
	// queued is the number of due look-ups that wait. health counts how those of pinned and own sites went last.
	queued int
	health engine.Names
}

// nameLookup is what is known about where a site's domain or key points.
type nameLookup struct {
	// running reports whether a look-up is under way, and latest is its number. due is when the name should be looked
	// up again, and failures the number of failed look-ups in a row.
	running  bool
	latest   int
	due      time.Time
	failures int
	// answer and err are the result of the last one; answer.Host is empty before.
	answer resolve.Answer
	err    error
}

// beginQuery starts a look-up and returns its number. The result of an earlier one that is under way will be ignored,
// since it may be older.
func (l *nameLookup) beginQuery() int {
	l.running = true
	l.latest++
	return l.latest
}

// scheduleNext sets when the name is looked up again. Stale answers count as failures.
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

// hostSpread returns a delay for something that is due in wait: up to a tenth of wait, different for each host.
func hostSpread(host string, wait time.Duration) time.Duration {
	return hostFraction(host, min(wait/10, maxLookupSpread))
}

// hostFraction returns a duration from 0 up to most that depends on the host only.
func hostFraction(host string, most time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(host)) // It never fails.
	return most * time.Duration(h.Sum32()%1000) / 1000
}

// startLookup looks up in the background which torrent the site's domain or key points to. It does nothing for an
// infohash, or while a look-up is under way.
func (n *nameFollower) startLookup(s *site) {
	if !s.name.running {
		n.restartLookup(s)
	}
}

// restartLookup is like startLookup, but also starts a look-up while another one is under way, which may have older
// data.
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

// handleLookup handles the result of a look-up.
func (n *nameFollower) handleLookup(s *site, number int, answer resolve.Answer, err error) {
	if number == s.name.latest {
		s.name.running = false
		n.handleAnswer(s, answer, err)
	}
}

// handleAnswer handles the result of a look-up or of republishing a record.
func (n *nameFollower) handleAnswer(s *site, answer resolve.Answer, err error) {
	if n.owner.ctx.Err() != nil {
		return
	}
	answer.Host = s.row.Host
	before := s.name.answer
	s.name.scheduleNext(s.row.Host, n.cfg.Clock.Now(), answer, err)
	if err != nil && s.name.due.Before(s.republish.due) {
		s.republish.due = s.name.due // Names with a key are retried by the republisher.
	}
	n.events.changed = true
	if err == nil && !n.acceptRecord(s, before, &answer) {
		return
	}
	s.name.answer, s.name.err = answer, err
	isFirst := s.torrent == nil && (s.row.Infohash == "" || s.err != nil && s.followsName()) // nothing is served yet
	switch {
	case err != nil && isFirst:
		s.err = err
		n.events.record(s, engine.Problem, engine.Noticed, engine.Message(err))
	case err == nil:
		n.applyAnswer(s, before, answer, isFirst)
	}
	s.notify()
}

// applyAnswer makes the site follow the answer.
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
	follows := s.followsName() || n.own.followsAnswer(s, answer.Infohash)
	if follows && s.torrent != nil && (answer.Infohash != s.row.Infohash || s.row.Next != "") {
		n.versions.moveTo(s, answer.Infohash)
	}
}

// followsName reports whether the site moves to what its domain or key points to: it is neither held nor published
// here.
func (s *site) followsName() bool { return !s.row.Held && !s.row.Mine }

// noteAnswer stores what the answer has besides the infohash, and records events for what is new in it.
func (n *nameFollower) noteAnswer(s *site, before, answer resolve.Answer, isFirst bool) {
	if !slices.Equal(s.row.HintTrackers, answer.Trackers) || !slices.Equal(s.row.HintWebSeeds, answer.WebSeeds) {
		s.row.HintTrackers, s.row.HintWebSeeds = slices.Clone(answer.Trackers), slices.Clone(answer.WebSeeds)
		n.journal.markDirty(s)
	}
	ttl := int64(answer.Lifetime / time.Second)
	if ttl > 0 && ttl != s.row.NameTTL && (isFirst || answer.Infohash == s.row.Infohash) {
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

// startDue looks up domains whose answers have expired, and retries those that failed. It skips sites that are paused
// or held. Domains with a key are looked up by the republisher.
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

// addHealth counts the state of a site's name, if the site is pinned or own and its name has been looked up.
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

// nextCheck returns when the name will be looked up again; zero if it will not be.
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

// isLookedUpAgain reports whether the site's name is looked up from time to time. Special-use names, which sites of
// older versions can have, are looked up once, to report that they cannot be.
func (s *site) isLookedUpAgain() bool {
	host := s.row.Host
	if s.name.answer.Host != "" && engine.CheckSpecialUse(host) != nil {
		return false
	}
	return !s.row.Held && !s.row.Paused && !engine.IsInfohash(host)
}

// viewName returns what is known about the site's name without a new look-up.
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
