package sites

import (
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// The domain names another version, which is fetched beside the one that is served. Readers keep what they read, the
// next request gets the new version, and the old one is seeded for as long as others may have its record.
func TestDomainMovesAndItsReadersStay(t *testing.T) {
	b, z := startMoving(t)
	reading := b.openDomain()
	z.pointTo(hashB)
	b.expireName()
	b.waitNextComplete()
	b.clock.Advance(maxQuietWait + time.Second) // a reader who never ends does not hold it up
	b.waitFor(domain, "the second version", isServing(hashB))
	b.check("what is being read", reading.Infohash(), hashA)
	next := b.openDomain()
	b.check("what is opened now", next.Infohash(), hashB)
	next.Close(engine.Request{})
	b.check("the versions", b.versionStates(), "B current A kept")
	b.check("on disk", b.hashesOnDisk(), hashA+" "+hashB)

	b.clock.Advance(2 * ttl)
	b.check("while somebody reads it", b.hashesOnDisk(), hashA+" "+hashB)
	reading.Close(engine.Request{})
	b.clock.Advance(time.Second)
	b.check("on disk, at last", b.hashesOnDisk(), hashB)
	b.check("the versions, at last", b.versionStates(), "B current A gone")
	b.waitFor(domain, "all that was fetched is counted", func(s engine.Site) bool { return s.Downloaded == 7000 })
	if like := b.swarm.lastSpec(hashB).Similar; len(like) == 0 || like[len(like)-1] != hashA {
		t.Errorf("the new version was added without the old one: %q", like)
	}
}

// A page and its resources come from one version: the site moves when it has had no request for a moment.
func TestMoveWaitsUntilNoPageIsLoading(t *testing.T) {
	b, z := startMoving(t)
	b.openDomain().Close(engine.Request{})
	z.pointTo(hashB)
	c := b.openDomain()
	b.expireName()
	b.waitNextComplete()
	b.clock.Advance(maxQuietWait - time.Second)
	b.check("what a page that is loading gets", b.versionRead(b.openDomain()), hashA)
	c.Close(engine.Request{})
	b.clock.Advance(quietPeriod)
	b.waitFor(domain, "the second version", isServing(hashB))
}

func (b *fixture) versionRead(c engine.Content) string {
	defer c.Close(engine.Request{})
	return c.Infohash()
}

func TestVersionThatCannotBeFetchedLeavesTheOldOne(t *testing.T) {
	b, z := startMoving(t)
	z.pointTo(hashC) // nobody has it
	b.expireName()
	b.waitFor(domain, "the new one is looked for", func(s engine.Site) bool {
		return s.NextInfohash == hashC && s.Infohash == hashA
	})
	b.waitSiteState("it is known to have no peers", func(s *site) bool { return !s.next.noPeersSince.IsZero() })
	b.clock.Advance(noPeerTimeout)
	s := b.waitFor(domain, "the reason", func(s engine.Site) bool { return s.Error != "" })
	if s.State != engine.Seeding || s.ErrorKind != engine.Unavailable || !strings.Contains(s.Error, "no peers") ||
		s.Infohash != hashA {
		t.Errorf("%+v", s)
	}
	b.check("what is served", b.versionRead(b.openDomain()), hashA)
	z.pointTo(hashA) // the owner takes it back
	b.expireName()
	b.waitFor(domain, "as before", func(s engine.Site) bool { return isServing(hashA)(s) && s.Error == "" })
	b.check("the versions", b.versionStates(), "A current C gone")
	b.check("on disk", b.hashesOnDisk(), hashA)
}

// The first version never arrived. The next one replaces it as soon as it is known, even if a request waits.
func TestDeadFirstVersionIsReplacedAtOnce(t *testing.T) {
	b, z := withZone(t)
	b.swarm.seed(hashB, 3)
	z.pointTo(hashC)
	b.addSite(domain)
	b.waitFor(domain, "waiting", func(s engine.Site) bool { return s.Infohash == hashC })
	z.pointTo(hashB)
	b.expireName()
	b.check("what a request gets", b.versionRead(b.openDomain()), hashB)
	b.waitFor(domain, "the second version", isServing(hashB))
	b.clock.Advance(time.Second)
	b.check("the versions", b.versionStates(), "B current C gone")
}

// kill ends the engine without an orderly stop: what is not in the database by then is lost.
func (b *fixture) kill() {
	b.t.Helper()
	b.owner.stop()
	b.Engine.hub.Close()
	b.swarm.cutPower()
	if err := b.db.Close(); err != nil {
		b.t.Error(err)
	}
	b.openEngine()
}

func TestKillAtAnyStepOfAMoveLosesNothing(t *testing.T) {
	b, z := startMoving(t)
	b.swarm.setStalled(hashB, true)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "under way", func(s engine.Site) bool { return s.NextInfohash == hashB })
	b.swarm.setChecking(true)
	b.kill()
	b.clock.Advance(time.Second)
	b.waitFor(domain, "under way while data is hashed", func(s engine.Site) bool {
		return s.NextInfohash == hashB && s.Infohash == hashA && s.Checking
	})
	b.swarm.setChecking(false)
	b.waitFor(domain, "under way again", func(s engine.Site) bool {
		return s.NextInfohash == hashB && s.Infohash == hashA && isSeeding(s)
	})
	b.check("what is served meanwhile", b.versionRead(b.openDomain()), hashA)
	b.swarm.setStalled(hashB, false)
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
	b.clock.Advance(time.Second)
	b.kill()
	b.waitFor(domain, "still the second version", isServing(hashB))
	b.check("the versions", b.versionStates(), "B current A kept")
	b.clock.Advance(ttl)
	b.waitFor(domain, "still there", isServing(hashB))
	b.clock.Advance(time.Second)
	b.kill()
	b.waitFor(domain, "and again", isServing(hashB))
	b.check("on disk", b.hashesOnDisk(), hashB)
}

// A kill between the write that names the next version and everything else loses nothing.
func TestKillAfterTheMoveWasDecidedLosesNothing(t *testing.T) {
	b, z := startMoving(t)
	b.stop()
	db, _, err := store.Open(b.path, b.cfg.Logger)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Sites()
	if err != nil {
		t.Fatal(err)
	}
	rows[0].Next = hashB
	if err := db.PutSites(rows...); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	z.pointTo(hashB)
	b.openEngine()
	b.clock.Advance(maxQuietWait + time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
}

func TestHeldSiteStaysUntilItFollowsAgain(t *testing.T) {
	b, z := startMoving(t)
	z.pointTo(hashB)
	b.expireName()
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
	b.clock.Advance(ttl + time.Second)
	b.check("the versions", b.versionStates(), "B current A gone")

	b.switchVersion(hashA) // undo: it has to be fetched again
	b.clock.Advance(time.Second)
	s := b.waitFor(domain, "the first version again", isServing(hashA))
	if !s.Held || !s.NextCheck.IsZero() {
		t.Errorf("%+v", s)
	}
	z.mu.Lock()
	before := z.asked
	z.mu.Unlock()
	b.clock.Advance(3 * ttl)
	b.restart()
	b.clock.Advance(3 * ttl)
	b.waitFor(domain, "held over restarts", func(s engine.Site) bool { return isServing(hashA)(s) && s.Held })
	z.mu.Lock()
	if z.asked != before {
		t.Errorf("the domain of a held site was looked up %d times", z.asked-before)
	}
	z.mu.Unlock()

	b.switchVersion("")
	b.clock.Advance(time.Second)
	b.waitFor(domain, "following", func(s engine.Site) bool {
		return isServing(hashB)(s) && !s.Held && !s.NextCheck.IsZero()
	})
}

func (b *fixture) switchVersion(infohash string) {
	b.t.Helper()
	if err := b.Switch(b.t.Context(), domain, infohash); err != nil {
		b.t.Fatal(err)
	}
}

func TestRemovalTakesAllVersionsAlong(t *testing.T) {
	b, z := startMoving(t)
	z.pointTo(hashB)
	b.expireName()
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
	z.pointTo(hashC)
	b.expireName()
	b.waitFor(domain, "and one that never comes", func(s engine.Site) bool { return s.NextInfohash == hashC })
	b.doVerb(engine.Evict, domain)
	b.doVerb(engine.Undo, domain)
	b.waitFor(domain, "brought back with all", func(s engine.Site) bool {
		return s.NextInfohash == hashC && s.Infohash == hashB
	})
	b.doVerb(engine.Remove, domain)
	b.check("on disk", b.hashesOnDisk(), "")
	b.check("joined", b.joinedWhenIdle(), "")
}

func TestPausedSiteDoesNotMove(t *testing.T) {
	b, z := startMoving(t)
	b.doVerb(engine.Pause, domain)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "paused where it was", func(s engine.Site) bool {
		return s.State == engine.Paused && s.Infohash == hashA && s.NextInfohash == "" && s.NextCheck.IsZero()
	})
	b.doVerb(engine.Resume, domain)
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
}

// If no resolver answers, the site is served on, the error is reported, and the look-up is retried soon.
func TestResolverOutageLeavesTheSiteServed(t *testing.T) {
	b, z := startMoving(t)
	z.mu.Lock()
	delete(z.said, domain)
	z.mu.Unlock()
	b.expireName()
	b.waitForLookup(domain)
	b.check("what is served", b.versionRead(b.openDomain()), hashA)
	d, err := b.Detail(t.Context(), domain)
	if err != nil || d.Domain.ErrorKind != engine.Unavailable || d.Site.Error != "" || d.Site.State != engine.Seeding {
		t.Errorf("%+v, %+v, %v", d.Domain, d.Site, err)
	}
	b.clock.Advance(time.Hour)
	b.waitForLookup(domain)
	z.pointTo(hashB)
	b.clock.Advance(3 * time.Minute)
	b.waitForLookup(domain)
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
}

func TestRecordHintsReachTheSwarm(t *testing.T) {
	b, z := withZone(t)
	b.swarm.seed(hashA, 1)
	z.setAnswer(resolve.Answer{
		Infohash: hashA, Trackers: []string{"udp://t.example:1/"}, WebSeeds: []string{"https://s.example/"},
	})
	b.addSite(domain)
	b.waitFor(domain, "seeding", isSeeding)
	spec := b.swarm.lastSpec(hashA)
	b.check("trackers", strings.Join(spec.Trackers, " "), "udp://t.example:1/")
	b.check("web seeds", strings.Join(spec.WebSeeds, " "), "https://s.example/")
	z.setAnswer(resolve.Answer{Infohash: hashA, Trackers: []string{"wss://u.example/"}})
	b.expireName()
	b.waitWithoutTime("hinted", func() bool { return b.swarm.hintsOf(hashA) == "wss://u.example/" })
	b.restart()
	b.waitFor(domain, "seeding again", isSeeding)
	b.check("trackers after a restart", strings.Join(b.swarm.lastSpec(hashA).Trackers, " "), "wss://u.example/")
}

// If one of two sites of a torrent leaves it, the other one still has it.
func TestMoveAwayFromASharedTorrent(t *testing.T) {
	b, z := startMoving(t)
	b.addSite(hashA)
	b.doVerb(engine.Pin, hashA)
	z.pointTo(hashB)
	b.expireName()
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
	b.clock.Advance(2 * ttl)
	b.check("on disk", b.hashesOnDisk(), hashA+" "+hashB)
	b.waitFor(hashA, "still seeding", isSeeding)
}

func TestResolveMovesTheSite(t *testing.T) {
	b, z := startMoving(t)
	z.pointTo(hashB)
	n, err := b.Resolve(t.Context(), domain)
	if err != nil || n.Infohash != hashB || len(n.Versions) != 2 {
		t.Fatalf("%+v, %v", n, err)
	}
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
}

// The answer that a person has asked for counts, and not that of a look-up that had begun before.
func TestExplicitResolveOverridesARunningLookup(t *testing.T) {
	b, z := startMoving(t)
	late := make(chan struct{})
	release := sync.OnceFunc(func() { close(late) })
	t.Cleanup(release)
	z.mu.Lock()
	before := z.asked
	z.late = late
	z.mu.Unlock()
	b.expireName()
	b.waitWithoutTime("a look-up to be under way", func() bool {
		z.mu.Lock()
		defer z.mu.Unlock()
		return z.asked > before
	})
	z.pointTo(hashB)
	if _, err := b.Resolve(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Second)
	b.waitFor(domain, "the second version", isServing(hashB))
	release()
	b.clock.Advance(maxQuietWait + time.Second)
	b.waitFor(domain, "the second version still", isServing(hashB))
}
