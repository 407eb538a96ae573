package sites

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// startWithRestingSite starts a fixture with a pinned site that is complete and was not read lately, and whose delays
// are the shortest.
func startWithRestingSite(t *testing.T, change ...func(*Config)) *fixture {
	t.Helper()
	b := startFixture(t, append(change, func(c *Config) { c.spread = func(time.Duration) time.Duration { return 0 } })...)
	b.setSeeders(-1, 0)
	b.swarm.seed(hashA, 3000)
	b.addSite(hashA)
	b.doVerb(engine.Pin, hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.clock.Advance(readGrace)
	return b
}

// setSeeders sets how many seeds a tracker counts, and how many have proven to be there.
func (b *fixture) setSeeders(tracked, proven int) {
	b.swarm.mu.Lock()
	b.swarm.others = swarm.Stats{Copies: tracked, WebCopies: -1, Tracked: tracked, Proven: proven}
	b.swarm.mu.Unlock()
}

func (b *fixture) findSite(host string) (site engine.Site) {
	b.t.Helper()
	b.clock.Advance(idleInterval) // twice: what is begun at one tick is told of at another
	b.clock.Advance(idleInterval)
	return b.waitFor(host, "any", func(engine.Site) bool { return true })
}

func (b *fixture) isPaused(host string) bool {
	b.waitIdle()
	b.swarm.mu.Lock()
	defer b.swarm.mu.Unlock()
	return b.swarm.joined[host].paused
}

func (b *fixture) setEnough(host string, n int) {
	b.t.Helper()
	if err := b.Assign(b.t.Context(), engine.Assignment{SetEnough: true, Enough: n}, host); err != nil {
		b.t.Fatal(err)
	}
}

func (b *fixture) checkResting(what string, want bool) {
	b.t.Helper()
	s := b.findSite(hashA)
	if s.Resting != want || s.State != engine.Seeding || b.isPaused(hashA) != want {
		b.t.Errorf("%s: resting %v in state %s, out of the swarm %v; want %v",
			what, s.Resting, s.State, b.isPaused(hashA), want)
	}
}

func TestSiteRestsWithEnoughSeeds(t *testing.T) {
	b := startWithRestingSite(t)
	b.setEnough(hashA, 3)
	b.setSeeders(50, 2)
	b.clock.Advance(2 * restAfter)
	b.checkResting("a tracker can be lied to", false)
	b.setSeeders(-1, 3)
	b.checkResting("as soon as enough have proven to be there", false)
	b.clock.Advance(restAfter)
	b.checkResting("after a while", true)
	b.clock.Advance(restAfter)
	b.checkResting("as long as that is so", true)
	b.setSeeders(-1, 2)
	b.checkResting("when the evidence has grown old", false)
	if told := b.eventsOf(hashA, engine.Noticed); !strings.HasSuffix(told,
		"rests: 3 peers proved in the last day to have all of it; "+
			"in the swarm again, to see whether 3 others have it still") {
		t.Errorf("told %q", told)
	}
	b.setSeeders(-1, 4)
	b.clock.Advance(restAfter - time.Minute) // It may have looked before the time passed.
	b.checkResting("it looks first", false)
	b.clock.Advance(restAfter)
	b.checkResting("when they were met again", true)
}

// Among seeds that see the same others, all could leave at once: a tracker that counts too few is believed.
func TestSiteRestsOnlyIfTheTrackerAgrees(t *testing.T) {
	b := startWithRestingSite(t, func(c *Config) { c.Enough = 3 })
	b.setSeeders(2, 5)
	b.findSite(hashA)
	b.clock.Advance(2 * restAfter)
	b.checkResting("the tracker counts 2", false)
	b.setSeeders(3, 5)
	b.findSite(hashA)
	b.clock.Advance(restAfter / 2)
	b.setSeeders(2, 5)
	b.findSite(hashA)
	b.setSeeders(3, 5)
	b.findSite(hashA)
	b.clock.Advance(restAfter / 2)
	b.checkResting("it begins to wait anew", false)
	b.clock.Advance(restAfter)
	b.checkResting("by the default", true)
	b.setEnough(hashA, -1)
	b.checkResting("never, for this site", false)
}

func TestSitesThatNeverRest(t *testing.T) {
	for name, prepare := range map[string]func(*fixture){
		"as long as nobody has said how many are enough": func(b *fixture) { b.setEnough(hashA, 0) },
		"an own site": func(b *fixture) {
			b.owner.do(func() { b.state.roster.here[hashA].row.Mine = true })
		},
		"while a browser reads it": func(b *fixture) {
			b.owner.do(func() { b.state.roster.here[hashA].inUse++ })
			b.t.Cleanup(func() { b.owner.do(func() { b.state.roster.here[hashA].inUse-- }) })
		},
		"while a browser fetches it": func(b *fixture) {
			b.swarm.mu.Lock()
			b.swarm.others.WebPeers = 1
			b.swarm.mu.Unlock()
		},
		"while it fetches its next version": func(b *fixture) {
			b.owner.do(func() { b.state.roster.here[hashA].row.Next = hashB })
			b.t.Cleanup(func() { b.owner.do(func() { b.state.roster.here[hashA].row.Next = "" }) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := startWithRestingSite(t)
			b.setEnough(hashA, 1)
			b.setSeeders(9, 9)
			prepare(b)
			b.findSite(hashA)
			b.clock.Advance(restAfter)
			b.checkResting(name, false)
		})
	}
}

// Resume ends the rest of a site, and a new start counts the seeds first.
func TestResumeEndsTheRest(t *testing.T) {
	b := startWithRestingSite(t)
	b.setEnough(hashA, 1)
	b.setSeeders(-1, 1)
	b.findSite(hashA)
	b.clock.Advance(restAfter)
	b.checkResting("first", true)
	b.doVerb(engine.Resume, hashA)
	b.checkResting("resumed", false)
	b.clock.Advance(restAfter)
	b.checkResting("again", true)
	b.restart()
	b.checkResting("in the next run", false)
	if s := b.findSite(hashA); s.Enough != 1 {
		t.Errorf("enough are %d", s.Enough)
	}
}

func TestLastCopyIsReported(t *testing.T) {
	const last = "this is the last copy that is known: nobody else has all of it any more"
	b := startWithRestingSite(t)
	count := func() int { return strings.Count(b.eventsOf(hashA, engine.Noticed), last) }
	steps := func(what string, want int, others int, d time.Duration) {
		t.Helper()
		b.setSeeders(others, 0)
		b.findSite(hashA)
		b.clock.Advance(d)
		b.findSite(hashA)
		if n := count(); n != want {
			t.Errorf("%s: told %d times, want %d", what, n, want)
		}
	}
	steps("others were never there", 0, 0, time.Hour)
	steps("somebody has it", 0, 1, 0)
	steps("they have gone for a moment", 0, 0, time.Minute)
	steps("somebody has it", 0, 2, 0)
	steps("nobody tells", 0, -1, time.Hour)
	steps("they have gone", 1, 0, aloneFor)
	steps("they come and go", 1, 1, time.Minute)
	steps("they come and go", 1, 0, aloneFor)
	steps("they come for long", 1, 1, sharedFor)
	b.restart()
	b.clock.Advance(readGrace)
	d, err := b.Detail(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	b.setSeeders(0, 0)
	b.findSite(hashA)
	b.clock.Advance(aloneFor)
	b.findSite(hashA)
	if n := count(); n != 1 {
		t.Errorf("told %d times after a restart, want once; %+v", n, d.Log)
	}
}
