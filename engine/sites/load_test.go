package sites

import (
	"fmt"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// waitForStatus waits, while time passes, until the status meets the condition.
func (b *fixture) waitForStatus(what string, ok func(engine.Status) bool) {
	b.t.Helper()
	b.waitWithoutTime(what, func() bool {
		b.clock.Advance(time.Second)
		return ok(b.readSnapshot().Status)
	})
}

// Failed look-ups of protected sites are counted.
func TestFailedLookupsOfKeptSitesAreCounted(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 3)
	b.names.setAnswer("good.example", resolve.Answer{Infohash: hashA, TTL: time.Minute, Lifetime: time.Minute})
	for _, host := range []string{"good.example", "dead.example", "visited.example"} {
		b.addSite(host)
	}
	b.doVerb(engine.Pin, "good.example")
	b.doVerb(engine.Pin, "dead.example")
	b.waitForStatus("both of the kept ones", func(st engine.Status) bool {
		return st.Names == engine.Names{Good: 1, Failing: 1}
	})
	b.names.setAnswer("good.example", resolve.Answer{Infohash: hashA, TTL: time.Minute, Stale: true})
	b.clock.Advance(2 * time.Minute)
	b.waitForStatus("the old answer", func(st engine.Status) bool { return st.Names == engine.Names{Failing: 2} })
	b.names.setAnswer("dead.example", resolve.Answer{Infohash: hashA, TTL: time.Minute, Lifetime: time.Minute})
	b.clock.Advance(maxLookupRetry + maxLookupSpread)
	b.waitForStatus("the one that is mended", func(st engine.Status) bool {
		return st.Names == engine.Names{Good: 1, Failing: 1}
	})
	b.doVerb(engine.Pause, "good.example")
	b.waitForStatus("the one that is looked up", func(st engine.Status) bool { return st.Names == engine.Names{Good: 1} })
}

// Look-ups that are due wait for others, and are counted meanwhile.
func TestQueuedLookupsAreCounted(t *testing.T) {
	b, z := withZone(t)
	for i := range maxLookups + 3 {
		b.addSite(fmt.Sprintf("%d.example", i)) // Nobody knows them.
	}
	b.waitIdle()
	late := make(chan struct{})
	z.mu.Lock()
	z.late = late
	z.mu.Unlock()
	b.clock.Advance(maxLookupRetry + maxLookupSpread)
	b.waitForStatus("three to wait", func(st engine.Status) bool { return st.Queue.LookUps == 3 })
	z.mu.Lock()
	z.late = nil
	z.mu.Unlock()
	close(late)
	b.waitForStatus("none to wait", func(st engine.Status) bool { return st.Queue.LookUps == 0 })
}

// Free space is reported, also when nothing else happens, but not each byte of it.
func TestFreeSpaceIsReportedRoughly(t *testing.T) {
	b := startFixture(t)
	for _, step := range []struct{ free, told int64 }{
		{1_000_000, 1_000_000},
		{995_000, 1_000_000},
		{990_001, 1_000_000},
		{989_000, 989_000},
		{-1, -1},
	} {
		b.swarm.mu.Lock()
		b.swarm.status.Disk = engine.Disk{Free: step.free, Needed: 1000}
		b.swarm.mu.Unlock()
		b.clock.Advance(2 * statusInterval)
		b.waitForStatus(fmt.Sprintf("%d bytes", step.told), func(st engine.Status) bool {
			return st.Disk == engine.Disk{Free: step.told, Needed: 1000}
		})
	}
}

// Queued announces are reported in the status of trackers.
func TestQueuedAnnouncesAreCounted(t *testing.T) {
	b := startFixture(t)
	for _, n := range []int{7, 0} {
		b.swarm.mu.Lock()
		b.swarm.status.AnnouncesWaiting = n
		b.swarm.mu.Unlock()
		b.clock.Advance(2 * trackerInterval)
		b.waitForStatus(fmt.Sprint(n, " to wait"), func(st engine.Status) bool { return st.Queue.Announces == n })
	}
}

func TestIsNearlyComparesWithTolerance(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want bool
	}{
		{100_000, 99_001, true},
		{99_001, 100_000, true},
		{100_000, 99_000, false},
		{50, 49, false},
		{-1, 100, false},
		{0, 0, false},
	} {
		if got := nearlyEqual(c.a, c.b); got != c.want {
			t.Errorf("%d and %d: %t", c.a, c.b, got)
		}
	}
}
