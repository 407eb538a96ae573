package sites

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"wtptui/engine"
)

func parseInfohash(t testing.TB, infohash string) (hash [20]byte) {
	t.Helper()
	if _, err := hex.Decode(hash[:], []byte(infohash)); err != nil {
		t.Fatal(err)
	}
	return hash
}

// checkAccepted checks which of the torrents A, B and C the tracker accepts, and that the swarm announces those of them
// that are joined.
func (b *fixture) checkAccepted(when, want string) {
	b.t.Helper()
	b.waitIdle()
	var got []string
	for name, infohash := range map[string]string{"A": hashA, "B": hashB, "C": hashC} {
		kept := b.Homes().Keeps(parseInfohash(b.t, infohash))
		if kept {
			got = append(got, name)
		}
		b.checkTracked(when, infohash, kept)
	}
	if len(got) != len(want) || strings.Trim(want, strings.Join(got, "")) != "" {
		b.t.Errorf("%s the tracker is for %q, want %s", when, got, want)
	}
}

func (b *fixture) checkTracked(when, infohash string, want bool) {
	b.t.Helper()
	b.swarm.mu.Lock()
	defer b.swarm.mu.Unlock()
	if t := b.swarm.joined[infohash]; t != nil && t.spec.Tracked != want {
		b.t.Errorf("%s %.4s is announced to it: %t", when, infohash, t.spec.Tracked)
	}
}

func TestTrackerAcceptsPinnedSites(t *testing.T) {
	b := startFixture(t, withBinOfADay)
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	b.addSite(hashA)
	b.waitFor(hashA, "whole", isSeeding)
	b.checkAccepted("when it was only opened,", "")
	b.doVerb(engine.Pin, hashA)
	b.checkAccepted("when it is pinned,", "A")
	b.doVerb(engine.Pause, hashA)
	b.checkAccepted("when it is paused,", "A")
	b.doVerb(engine.Resume, hashA)
	b.doVerb(engine.Unpin, hashA)
	b.checkAccepted("when it is not pinned any more,", "")
	b.doVerb(engine.Pin, hashA)
	b.doVerb(engine.Evict, hashA)
	b.checkAccepted("when it was evicted,", "")
	b.doVerb(engine.Undo, hashA)
	b.checkAccepted("when it is back,", "A")
	b.restart()
	b.checkAccepted("after a restart", "A")
	b.doVerb(engine.Remove, hashA)
	b.checkAccepted("when it was removed,", "")
	b.doVerb(engine.Undo, hashA)
	b.doVerb(engine.RemoveNow, hashA)
	b.checkAccepted("when it was deleted,", "")
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashB, Pin: true}); err != nil {
		t.Fatal(err)
	}
	b.checkAccepted("when one is added pinned,", "B")
	b.addSite(hashC)
	b.clock.Advance(2 * b.cfg.CacheTTL)
	b.checkAccepted("when another one has expired,", "B")
	b.check("the sites", b.hosts(), hashB)
}

func TestTrackerRefusesSitesTakenOff(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA, "www.a.example="+hashA, "b.example="+hashB))
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	b.checkAccepted("at the start", "AB")
	b.setHome("a.example", false)
	b.checkAccepted("at home at another name", "AB")
	b.setHome("www.a.example", false)
	b.checkAccepted("taken off", "B")
	b.restart()
	b.checkAccepted("taken off, after a restart", "B")
	b.setHome("www.a.example", true)
	b.checkAccepted("put back", "AB")
	b.doVerb(engine.Evict, hashB)
	b.checkAccepted("sent away", "A")
	b.doVerb(engine.Undo, hashB)
	b.checkAccepted("back, with its home off,", "A")
	b.setHome("b.example", true)
	b.checkAccepted("back at home", "AB")
}

// A torrent that a person took off its home is refused, even if another site has the same torrent.
func TestTakenOffHoldsForAllSitesOfATorrent(t *testing.T) {
	b, z := withZone(t, withHomes("home.example="+hashA))
	b.swarm.seed(hashA, 2)
	z.pointTo(hashA)
	b.addSite(domain)
	b.doVerb(engine.Pin, domain)
	b.waitFor(domain, "whole", isServing(hashA))
	b.checkAccepted("of both", "A")
	b.setHome("home.example", false)
	b.checkAccepted("of one that is off", "")
	b.doVerb(engine.RemoveNow, hashA)
	b.checkAccepted("of the one that is left", "A")
}

func TestTrackerAcceptsKeptVersions(t *testing.T) {
	b, z := startMoving(t)
	b.checkAccepted("of the first version", "A")
	b.swarm.setStalled(hashB, true)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "the next one on its way", func(s engine.Site) bool { return s.NextInfohash == hashB })
	b.checkAccepted("while the next one is fetched,", "AB")
	b.doVerb(engine.Unpin, domain)
	b.checkAccepted("when neither is pinned,", "")
	b.doVerb(engine.Pin, domain)
	b.swarm.setStalled(hashB, false)
	b.waitFor(domain, "the second version", isServing(hashB))
	b.checkAccepted("while the first one is seeded,", "AB")
	if err := b.Switch(t.Context(), domain, hashA); err != nil {
		t.Fatal(err)
	}
	b.waitFor(domain, "the first version again", isServing(hashA))
	b.checkAccepted("after going back,", "AB")
	b.clock.Advance(2 * ttl)
	b.checkAccepted("when the second one is dropped,", "A")
}

func TestTrackerAcceptsPublishedSites(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	if !b.Homes().Keeps(parseInfohash(t, first.Infohash)) {
		t.Error("not of the first version")
	}
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	for _, p := range []engine.Publication{first, second} {
		if !b.Homes().Keeps(parseInfohash(t, p.Infohash)) {
			t.Errorf("not of %s", p.Infohash)
		}
		b.waitIdle()
		b.checkTracked("published,", p.Infohash, true)
	}
}

// Announces come while everything else changes.
func TestTrackerIsSafeForConcurrentUse(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA))
	b.swarm.seed(hashA, 2)
	hash, homes, done := parseInfohash(t, hashA), b.Homes(), make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					homes.Keeps(hash)
				}
			}
		})
	}
	for i := range 20 {
		b.setHome("a.example", i%2 == 1)
		if homes.Keeps(hash) != (i%2 == 1) {
			t.Errorf("after %d times it is not right", i)
		}
	}
	close(done)
	wg.Wait()
}

// BenchmarkTrackerAccepts measures the check of whether the tracker is for a torrent, with a thousand sites.
func BenchmarkTrackerAccepts(b *testing.B) {
	var list allowList
	for i := range 1000 {
		list.set(fmt.Sprintf("%040x", i), true)
	}
	hash := parseInfohash(b, fmt.Sprintf("%040x", 500))
	b.ReportAllocs()
	for b.Loop() {
		if !list.has(hash) {
			b.Fatal("it is not there")
		}
	}
}
