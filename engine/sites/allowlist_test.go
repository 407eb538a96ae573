package sites

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"wtptui/engine"
)

func rawHash(t testing.TB, infohash string) (hash [20]byte) {
	t.Helper()
	if _, err := hex.Decode(hash[:], []byte(infohash)); err != nil {
		t.Fatal(err)
	}
	return hash
}

// wantAllowed checks which of the torrents A, B and C the tracker accepts, and that the swarm announces those that are
// joined.
func (b *bench) wantAllowed(when, want string) {
	b.t.Helper()
	b.waitIdle()
	var got []string
	for name, infohash := range map[string]string{"A": hashA, "B": hashB, "C": hashC} {
		kept := b.Homes().Keeps(rawHash(b.t, infohash))
		if kept {
			got = append(got, name)
		}
		b.wantTracked(when, infohash, kept)
	}
	if len(got) != len(want) || strings.Trim(want, strings.Join(got, "")) != "" {
		b.t.Errorf("%s the tracker is for %q, want %s", when, got, want)
	}
}

func (b *bench) wantTracked(when, infohash string, want bool) {
	b.t.Helper()
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	if t := b.world.joined[infohash]; t != nil && t.spec.Tracked != want {
		b.t.Errorf("%s %.4s is announced to it: %t", when, infohash, t.spec.Tracked)
	}
}

func TestKeepsWhatIsPinned(t *testing.T) {
	b := start(t, binOfADay)
	b.world.seed(hashA, 2)
	b.world.seed(hashB, 2)
	b.add(hashA)
	b.waitFor(hashA, "whole", seeding)
	b.wantAllowed("when it was only opened,", "")
	b.do(engine.Pin, hashA)
	b.wantAllowed("when it is pinned,", "A")
	b.do(engine.Pause, hashA)
	b.wantAllowed("when it is paused,", "A")
	b.do(engine.Resume, hashA)
	b.do(engine.Unpin, hashA)
	b.wantAllowed("when it is not pinned any more,", "")
	b.do(engine.Pin, hashA)
	b.do(engine.Evict, hashA)
	b.wantAllowed("when it was evicted,", "")
	b.do(engine.Undo, hashA)
	b.wantAllowed("when it is back,", "A")
	b.restart()
	b.wantAllowed("after a restart", "A")
	b.do(engine.Remove, hashA)
	b.wantAllowed("when it was removed,", "")
	b.do(engine.Undo, hashA)
	b.do(engine.RemoveNow, hashA)
	b.wantAllowed("when it was deleted,", "")
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashB, Pin: true}); err != nil {
		t.Fatal(err)
	}
	b.wantAllowed("when one is added pinned,", "B")
	b.add(hashC)
	b.clock.Advance(2 * b.cfg.CacheTTL)
	b.wantAllowed("when another one has expired,", "B")
	b.want("the sites", b.hosts(), hashB)
}

func TestKeepsNothingThatIsTakenOff(t *testing.T) {
	b := start(t, withHomes("a.example="+hashA, "www.a.example="+hashA, "b.example="+hashB))
	b.world.seed(hashA, 2)
	b.world.seed(hashB, 2)
	b.wantAllowed("at the start", "AB")
	b.setHome("a.example", false)
	b.wantAllowed("at home at another name", "AB")
	b.setHome("www.a.example", false)
	b.wantAllowed("taken off", "B")
	b.restart()
	b.wantAllowed("taken off, after a restart", "B")
	b.setHome("www.a.example", true)
	b.wantAllowed("put back", "AB")
	b.do(engine.Evict, hashB)
	b.wantAllowed("sent away", "A")
	b.do(engine.Undo, hashB)
	b.wantAllowed("back, with its home off,", "A")
	b.setHome("b.example", true)
	b.wantAllowed("back at home", "AB")
}

// What a person took off is off, whatever else has the same torrent.
func TestTakenOffForAllSitesOfATorrent(t *testing.T) {
	b, z := withZone(t, withHomes("home.example="+hashA))
	b.world.seed(hashA, 2)
	z.pointTo(hashA)
	b.add(domain)
	b.do(engine.Pin, domain)
	b.waitFor(domain, "whole", serves(hashA))
	b.wantAllowed("of both", "A")
	b.setHome("home.example", false)
	b.wantAllowed("of one that is off", "")
	b.do(engine.RemoveNow, hashA)
	b.wantAllowed("of the one that is left", "A")
}

func TestKeepsVersions(t *testing.T) {
	b, z := moving(t)
	b.wantAllowed("of the first version", "A")
	b.world.setStalled(hashB, true)
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "the next one on its way", func(s engine.Site) bool { return s.NextInfohash == hashB })
	b.wantAllowed("while the next one is fetched,", "AB")
	b.do(engine.Unpin, domain)
	b.wantAllowed("when neither is pinned,", "")
	b.do(engine.Pin, domain)
	b.world.setStalled(hashB, false)
	b.waitFor(domain, "the second version", serves(hashB))
	b.wantAllowed("while the first one is seeded,", "AB")
	if err := b.Switch(t.Context(), domain, hashA); err != nil {
		t.Fatal(err)
	}
	b.waitFor(domain, "the first version again", serves(hashA))
	b.wantAllowed("after going back,", "AB")
	b.clock.Advance(2 * ttl)
	b.wantAllowed("when the second one is dropped,", "A")
}

func TestKeepsWhatIsPublished(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir})
	if !b.Homes().Keeps(rawHash(t, first.Infohash)) {
		t.Error("not of the first version")
	}
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	for _, p := range []engine.Publication{first, second} {
		if !b.Homes().Keeps(rawHash(t, p.Infohash)) {
			t.Errorf("not of %s", p.Infohash)
		}
		b.waitIdle()
		b.wantTracked("published,", p.Infohash, true)
	}
}

// Announces come while all kinds of things happen.
func TestKeepsFromManyGoroutines(t *testing.T) {
	b := start(t, withHomes("a.example="+hashA))
	b.world.seed(hashA, 2)
	hash, homes, done := rawHash(t, hashA), b.Homes(), make(chan struct{})
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

// What it costs to look whether the tracker is for a torrent, with a thousand sites.
func BenchmarkKeeps(b *testing.B) {
	var list allowList
	for i := range 1000 {
		list.set(fmt.Sprintf("%040x", i), true)
	}
	hash := rawHash(b, fmt.Sprintf("%040x", 500))
	b.ReportAllocs()
	for b.Loop() {
		if !list.has(hash) {
			b.Fatal("it is not there")
		}
	}
}
