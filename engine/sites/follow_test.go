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

// The whole way: the domain names another version, which is fetched beside the one that is served; whoever reads keeps
// what they read, the next request gets the new one, and the old one is seeded for as long as others may be told of it.
func TestDomainMovesAndItsReadersStay(t *testing.T) {
	b, z := moving(t)
	reading := b.request()
	z.say(hashB)
	b.expireName()
	b.nextIsComplete()
	b.clock.Advance(maxQuietWait + time.Second) // a reader who never ends does not hold it up
	b.see(domain, "the second version", on(hashB))
	b.want("what is being read", reading.Infohash(), hashA)
	next := b.request()
	b.want("what is opened now", next.Infohash(), hashB)
	next.Close(engine.Request{})
	b.want("the versions", b.states(), "B current A kept")
	b.want("on disk", b.onDisk(), hashA+" "+hashB)

	b.clock.Advance(2 * ttl)
	b.want("while somebody reads it", b.onDisk(), hashA+" "+hashB)
	reading.Close(engine.Request{})
	b.clock.Advance(time.Second)
	b.want("on disk, at last", b.onDisk(), hashB)
	b.want("the versions, at last", b.states(), "B current A gone")
	b.see(domain, "all that was fetched is counted", func(s engine.Site) bool { return s.Downloaded == 7000 })
	if like := b.world.spec(hashB).Like; len(like) == 0 || like[len(like)-1] != hashA {
		t.Errorf("the new version was added without the old one: %q", like)
	}
}

// A page and what belongs to it come from one version: the site moves when it has not been asked for anything for a
// moment.
func TestMoveWaitsForAQuietMoment(t *testing.T) {
	b, z := moving(t)
	b.request().Close(engine.Request{})
	z.say(hashB)
	c := b.request()
	b.expireName()
	b.nextIsComplete()
	b.clock.Advance(maxQuietWait - time.Second)
	b.want("what a page that is loading gets", b.versionOf(b.request()), hashA)
	c.Close(engine.Request{})
	b.clock.Advance(quietPeriod)
	b.see(domain, "the second version", on(hashB))
}

func (b *bench) versionOf(c engine.Content) string {
	defer c.Close(engine.Request{})
	return c.Infohash()
}

func TestVersionThatCannotBeFetchedLeavesTheOldOne(t *testing.T) {
	b, z := moving(t)
	z.say(hashC) // nobody has it
	b.expireName()
	b.see(domain, "the new one is looked for", func(s engine.Site) bool { return s.NextInfohash == hashC && s.Infohash == hashA })
	b.siteUntil("it is known to have no peers", func(s *site) bool { return !s.next.noPeersSince.IsZero() })
	b.clock.Advance(noPeerTimeout)
	s := b.see(domain, "the reason", func(s engine.Site) bool { return s.Error != "" })
	if s.State != engine.Seeding || s.ErrorKind != engine.Unavailable || !strings.Contains(s.Error, "no peers") || s.Infohash != hashA {
		t.Errorf("%+v", s)
	}
	b.want("what is served", b.versionOf(b.request()), hashA)
	z.say(hashA) // the owner takes it back
	b.expireName()
	b.see(domain, "as before", func(s engine.Site) bool { return on(hashA)(s) && s.Error == "" })
	b.want("the versions", b.states(), "A current C gone")
	b.want("on disk", b.onDisk(), hashA)
}

// The first version never came; the next one takes its place as soon as it is known, whoever waits.
func TestDeadFirstVersionIsLeftAtOnce(t *testing.T) {
	b, z := withZone(t)
	b.world.seed(hashB, 3)
	z.say(hashC)
	b.add(domain)
	b.see(domain, "waiting", func(s engine.Site) bool { return s.Infohash == hashC })
	z.say(hashB)
	b.expireName()
	b.want("what a request gets", b.versionOf(b.request()), hashB)
	b.see(domain, "the second version", on(hashB))
	b.clock.Advance(time.Second)
	b.want("the versions", b.states(), "B current C gone")
}

// kill ends the engine without a last word: what is not in the database then is lost.
func (b *bench) kill() {
	b.t.Helper()
	b.owner.stop()
	b.Engine.hub.Close()
	b.world.leave()
	if err := b.db.Close(); err != nil {
		b.t.Error(err)
	}
	b.open()
}

func TestKilledAtEachStepOfAMove(t *testing.T) {
	b, z := moving(t)
	b.world.stall(hashB, true)
	z.say(hashB)
	b.expireName()
	b.see(domain, "under way", func(s engine.Site) bool { return s.NextInfohash == hashB })
	b.world.hash(true)
	b.kill()
	b.clock.Advance(time.Second)
	b.see(domain, "under way while data is hashed", func(s engine.Site) bool { return s.NextInfohash == hashB && s.Infohash == hashA && s.Checking })
	b.world.hash(false)
	b.see(domain, "under way again", func(s engine.Site) bool { return s.NextInfohash == hashB && s.Infohash == hashA && seeding(s) })
	b.want("what is served meanwhile", b.versionOf(b.request()), hashA)
	b.world.stall(hashB, false)
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
	b.clock.Advance(time.Second)
	b.kill()
	b.see(domain, "still the second version", on(hashB))
	b.want("the versions", b.states(), "B current A kept")
	b.clock.Advance(ttl)
	b.see(domain, "still there", on(hashB))
	b.clock.Advance(time.Second)
	b.kill()
	b.see(domain, "and again", on(hashB))
	b.want("on disk", b.onDisk(), hashB)
}

// The row of a site that was killed between the write that names the next version and everything else.
func TestKilledRightAfterTheDecision(t *testing.T) {
	b, z := moving(t)
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
	z.say(hashB)
	b.open()
	b.clock.Advance(maxQuietWait + time.Second)
	b.see(domain, "the second version", on(hashB))
}

func TestHeldSiteStaysUntilItFollowsAgain(t *testing.T) {
	b, z := moving(t)
	z.say(hashB)
	b.expireName()
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
	b.clock.Advance(ttl + time.Second)
	b.want("the versions", b.states(), "B current A gone")

	b.switchTo(hashA) // undo: it has to be fetched again
	b.clock.Advance(time.Second)
	s := b.see(domain, "the first version again", on(hashA))
	if !s.Held || !s.NextCheck.IsZero() {
		t.Errorf("%+v", s)
	}
	z.mu.Lock()
	before := z.asked
	z.mu.Unlock()
	b.clock.Advance(3 * ttl)
	b.restart()
	b.clock.Advance(3 * ttl)
	b.see(domain, "held over restarts", func(s engine.Site) bool { return on(hashA)(s) && s.Held })
	z.mu.Lock()
	if z.asked != before {
		t.Errorf("the domain of a held site was looked up %d times", z.asked-before)
	}
	z.mu.Unlock()

	b.switchTo("")
	b.clock.Advance(time.Second)
	b.see(domain, "following", func(s engine.Site) bool { return on(hashB)(s) && !s.Held && !s.NextCheck.IsZero() })
}

func (b *bench) switchTo(infohash string) {
	b.t.Helper()
	if err := b.Switch(b.t.Context(), domain, infohash); err != nil {
		b.t.Fatal(err)
	}
}

func TestRemovalTakesAllVersionsAlong(t *testing.T) {
	b, z := moving(t)
	z.say(hashB)
	b.expireName()
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
	z.say(hashC)
	b.expireName()
	b.see(domain, "and one that never comes", func(s engine.Site) bool { return s.NextInfohash == hashC })
	b.do(engine.Evict, domain)
	b.do(engine.Undo, domain)
	b.see(domain, "brought back with all", func(s engine.Site) bool { return s.NextInfohash == hashC && s.Infohash == hashB })
	b.do(engine.Remove, domain)
	b.want("on disk", b.onDisk(), "")
	b.want("joined", b.inSwarm(), "")
}

func TestPausedSiteDoesNotMove(t *testing.T) {
	b, z := moving(t)
	b.do(engine.Pause, domain)
	z.say(hashB)
	b.expireName()
	b.see(domain, "paused where it was", func(s engine.Site) bool {
		return s.State == engine.Paused && s.Infohash == hashA && s.NextInfohash == "" && s.NextCheck.IsZero()
	})
	b.do(engine.Resume, domain)
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
}

// Nobody answers: what is served goes on, its domain's trouble is told, and it is asked again before long.
func TestResolverOutage(t *testing.T) {
	b, z := moving(t)
	z.mu.Lock()
	delete(z.said, domain)
	z.mu.Unlock()
	b.expireName()
	b.lookedUp(domain)
	b.want("what is served", b.versionOf(b.request()), hashA)
	d, err := b.Detail(t.Context(), domain)
	if err != nil || d.Domain.ErrorKind != engine.Unavailable || d.Site.Error != "" || d.Site.State != engine.Seeding {
		t.Errorf("%+v, %+v, %v", d.Domain, d.Site, err)
	}
	b.clock.Advance(time.Hour)
	b.lookedUp(domain)
	z.say(hashB)
	b.clock.Advance(3 * time.Minute)
	b.lookedUp(domain)
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
}

func TestHintsReachTheSwarm(t *testing.T) {
	b, z := withZone(t)
	b.world.seed(hashA, 1)
	z.answer(resolve.Answer{Infohash: hashA, Trackers: []string{"udp://t.example:1/"}, WebSeeds: []string{"https://s.example/"}})
	b.add(domain)
	b.see(domain, "seeding", seeding)
	spec := b.world.spec(hashA)
	b.want("trackers", strings.Join(spec.Trackers, " "), "udp://t.example:1/")
	b.want("web seeds", strings.Join(spec.WebSeeds, " "), "https://s.example/")
	z.answer(resolve.Answer{Infohash: hashA, Trackers: []string{"wss://u.example/"}})
	b.expireName()
	b.until("hinted", func() bool { return b.world.hintsOf(hashA) == "wss://u.example/" })
	b.restart()
	b.see(domain, "seeding again", seeding)
	b.want("trackers after a restart", strings.Join(b.world.spec(hashA).Trackers, " "), "wss://u.example/")
}

// Two sites of one torrent: what one of them leaves, the other still has.
func TestMoveAwayFromASharedTorrent(t *testing.T) {
	b, z := moving(t)
	b.add(hashA)
	b.do(engine.Pin, hashA)
	z.say(hashB)
	b.expireName()
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
	b.clock.Advance(2 * ttl)
	b.want("on disk", b.onDisk(), hashA+" "+hashB)
	b.see(hashA, "still seeding", seeding)
}

func TestResolveMovesTheSite(t *testing.T) {
	b, z := moving(t)
	z.say(hashB)
	n, err := b.Resolve(t.Context(), domain)
	if err != nil || n.Infohash != hashB || len(n.Versions) != 2 {
		t.Fatalf("%+v, %v", n, err)
	}
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
}

// What a person has asked for counts, and not what a look-up comes to know that had begun before.
func TestResolveOvertakesALookUp(t *testing.T) {
	b, z := moving(t)
	late := make(chan struct{})
	release := sync.OnceFunc(func() { close(late) })
	t.Cleanup(release)
	z.mu.Lock()
	before := z.asked
	z.late = late
	z.mu.Unlock()
	b.expireName()
	b.until("a look-up to be under way", func() bool {
		z.mu.Lock()
		defer z.mu.Unlock()
		return z.asked > before
	})
	z.say(hashB)
	if _, err := b.Resolve(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(time.Second)
	b.see(domain, "the second version", on(hashB))
	release()
	b.clock.Advance(maxQuietWait + time.Second)
	b.see(domain, "the second version still", on(hashB))
}
