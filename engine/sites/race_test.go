package sites

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// Everything is done at once, while time passes. In the end the swarm has joined just what sites point to, the disk
// holds just that and what can be undone, and the rows agree.
func TestConcurrentUseLeavesAConsistentState(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.CacheSize = 6000 })
	hosts := []string{hashA, hashB, hashC, "example.org"}
	for _, h := range hosts[:3] {
		b.swarm.seed(h, 3)
	}
	b.names.setAnswer("example.org", resolve.Answer{Infohash: hashA, TTL: time.Minute})
	verbs := append(engine.Verbs(), engine.Evict, engine.Undo)
	var wg sync.WaitGroup
	for seed := range uint64(4) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(seed, 0))
			for range 150 {
				host := hosts[rnd.IntN(len(hosts))]
				switch rnd.IntN(4) {
				case 0:
					b.addSite(host)
				case 1:
					b.openAndLeave(host)
				case 2:
					b.clock.Advance(time.Duration(rnd.IntN(600)) * time.Second)
				default:
					// Which of these fail is a matter of who comes first.
					_ = b.Do(t.Context(), verbs[rnd.IntN(len(verbs))], host)
				}
			}
		})
	}
	wg.Wait()
	if _, err := b.Add(t.Context(), engine.AddRequest{Address: hashA, Pin: true}); err != nil {
		t.Fatal(err)
	}
	for _, h := range hosts[1:] {
		// Some are not here, and need not be: the others must not be pinned any more.
		_ = b.Do(t.Context(), engine.Unpin, h)
	}
	b.clock.Advance(engine.UndoPeriod)
	b.clock.Advance(b.cfg.CacheTTL)
	b.check("sites", b.hosts(), hashA)
	b.waitFor(hashA, "in the swarm", func(s engine.Site) bool { return !s.InUse })
	b.check("data", b.hashesOnDisk(), hashA)
	b.stop()
	b.openEngine()
	b.check("sites after a restart", b.hosts(), hashA)
}

// openAndLeave opens a site like a browser that goes away soon.
func (b *fixture) openAndLeave(host string) {
	ctx, cancel := context.WithTimeout(b.t.Context(), 50*time.Millisecond) // a paused site never comes
	defer cancel()
	if host == hashC {
		cancel()
	}
	if c, err := b.Open(ctx, host); err == nil {
		c.Close(engine.Request{Path: "/"})
	}
}
