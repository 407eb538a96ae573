package sites

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// withHomes configures homes as NAME=HOST.
func withHomes(pairs ...string) func(*Config) {
	return func(c *Config) {
		c.Homes = nil
		for _, pair := range pairs {
			name, host, _ := strings.Cut(pair, "=")
			c.Homes = append(c.Homes, engine.Home{Name: name, URL: "https://" + name + "/", Host: host})
		}
	}
}

func (b *fixture) setHome(name string, on bool) {
	b.t.Helper()
	if err := b.SetHome(b.t.Context(), name, on); err != nil {
		b.t.Fatal(err)
	}
}

// homeState returns what the listener knows about a home.
func (b *fixture) homeState(name string) string {
	host, on, ok := b.Homes().HomeSite(name)
	return fmt.Sprintf("%.4s on=%t ok=%t", host, on, ok)
}

// waitForHomes reads snapshots until the homes meet the condition.
func (b *fixture) waitForHomes(what string, ok func([]engine.Home) bool) []engine.Home {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	ch, err := b.Watch(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	var last []engine.Home
	for s := range ch {
		if last = s.Status.Homes; ok(last) {
			return last
		}
	}
	b.t.Fatalf("%s: not seen; last: %+v", what, last)
	return nil
}

// The site of a home that is on is here and pinned from the start. A home that was taken off stays off across restarts,
// also across one without it in the configuration.
func TestHomesAcrossRestarts(t *testing.T) {
	b := startFixture(t, withHomes("b.example="+hashB, "a.example="+hashA))
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	b.waitFor(hashA, "pinned", func(s engine.Site) bool { return s.Pinned })
	b.check("a", b.homeState("a.example"), "aaaa on=true ok=true")
	b.check("unknown", b.homeState("c.example"), " on=false ok=false")
	b.setHome("a.example", false)
	b.check("a, off", b.homeState("a.example"), "aaaa on=false ok=true")
	b.check("b", b.homeState("b.example"), "bbbb on=true ok=true")

	b.restart()
	b.check("a after a restart", b.homeState("a.example"), "aaaa on=false ok=true")
	b.waitFor(hashA, "kept all the same", func(s engine.Site) bool { return s.Pinned })

	withHomes()(&b.cfg)
	b.restart()
	b.check("not configured", b.homeState("a.example"), " on=false ok=false")
	b.waitForHomes("none", func(all []engine.Home) bool { return all != nil && len(all) == 0 })

	withHomes("a.example=" + hashA)(&b.cfg)
	b.restart()
	b.check("configured again", b.homeState("a.example"), "aaaa on=false ok=true")
	b.setHome("a.example", true)
	b.restart()
	b.check("on again", b.homeState("a.example"), "aaaa on=true ok=true")
}

// The site of a home that is on stays. That of a home that is off is like any other, and comes back when the home is
// turned on again.
func TestHomePinsItsSite(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA))
	b.swarm.seed(hashA, 2)
	if err := b.Do(t.Context(), engine.Unpin, hashA); engine.KindOf(err) != engine.Conflict {
		t.Errorf("unpinned: %v", err)
	}
	b.clock.Advance(b.cfg.CacheTTL)
	b.waitFor(hashA, "pinned", func(s engine.Site) bool { return s.Pinned })
	b.setHome("a.example", false)
	b.doVerb(engine.Unpin, hashA)
	b.restart()
	b.waitFor(hashA, "not pinned, since its home is off", func(s engine.Site) bool { return !s.Pinned })
	b.clock.Advance(b.cfg.CacheTTL)
	b.check("expired", b.hosts(), "")
	b.setHome("a.example", true)
	b.waitFor(hashA, "added and pinned", func(s engine.Site) bool { return s.Pinned })
	b.check("on", b.homeState("a.example"), "aaaa on=true ok=true")
}

// Visitors open the sites of homes, and neither restore what a person has removed nor open anything else.
func TestVisitorsRestoreNoRemovedSite(t *testing.T) {
	b := startFixture(t, withBinOfADay, withHomes("a.example="+hashA))
	b.swarm.seed(hashA, 2)
	b.waitFor(hashA, "whole", func(s engine.Site) bool { return s.State == engine.Seeding })
	c, err := b.Homes().Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	c.Close(engine.Request{})
	b.doVerb(engine.Remove, hashA)
	for _, host := range []string{hashA, hashB} {
		if _, err := b.Homes().Open(t.Context(), host); engine.KindOf(err) != engine.Unavailable {
			t.Errorf("%.4s: %v", host, err)
		}
	}
	b.check("sites", b.hosts(), "")
}

// A site that a person evicts or removes does not come back after a restart, and that is logged.
func TestRemovedSiteIsTakenOffItsHome(t *testing.T) {
	for _, verb := range []engine.Verb{engine.Evict, engine.Remove, engine.RemoveNow} {
		t.Run(string(verb), func(t *testing.T) {
			b := startFixture(t, withBinOfADay, withHomes("a.example=docs.example", "b.example="+hashB))
			b.swarm.seed(hashA, 2)
			b.names.setAnswer("docs.example", resolve.Answer{Infohash: hashA, TTL: time.Hour})
			b.doVerb(verb, "docs.example")
			b.check("off", b.homeState("a.example"), "docs on=false ok=true")
			b.check("the other", b.homeState("b.example"), "bbbb on=true ok=true")
			if text := b.recentEvents(); !strings.Contains(text, "docs.example: taken off its home https://a.example/") {
				t.Errorf("the events are:\n%s", text)
			}
			b.restart()
			b.check("off after a restart", b.homeState("a.example"), "docs on=false ok=true")
			b.check("sites", b.hosts(), hashB)
			if verb != engine.RemoveNow {
				b.doVerb(engine.Undo, "docs.example")
				b.check("the site is back, its home is not", b.homeState("a.example"), "docs on=false ok=true")
			}
			b.setHome("a.example", true)
			b.check("put back", b.homeState("a.example"), "docs on=true ok=true")
		})
	}
}

// recentEvents returns the recent events, a line each.
func (b *fixture) recentEvents() string {
	b.t.Helper()
	var text strings.Builder
	for _, ev := range b.readSnapshot().Events {
		text.WriteString(ev.Host + ": " + ev.Text + "\n")
	}
	return text.String()
}

// The counters are updated with the snapshots that are made anyway, and only requests to homes count.
func TestHomeCountsItsRequests(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA))
	b.Homes().Served("a.example", 500, true)
	b.Homes().Served("a.example", 0, false)
	b.Homes().Served("c.example", 7, false)
	all := b.waitForHomes("counted", func(all []engine.Home) bool { return all[0].Requests == 2 })
	if all[0].Bytes != 500 || all[0].WebSeed != 500 {
		t.Errorf("the homes are %+v", all)
	}
	b.restart()
	b.waitForHomes("a new run", func(all []engine.Home) bool { return all[0].Requests == 0 && all[0].Bytes == 0 })
}

// If the record of what was taken off cannot be read, no home is served.
func TestUnreadableHomesAreOff(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA))
	b.stop()
	b.openEngine(func(db *store.DB) error { return db.PutSetting(homesOffKey, []byte("{")) })
	b.check("a", b.homeState("a.example"), "aaaa on=false ok=true")
	b.setHome("a.example", true)
	b.restart()
	b.check("on again", b.homeState("a.example"), "aaaa on=true ok=true")
}

// A change that cannot be saved is reported, and holds for this run.
func TestUnsavedHomeHoldsForThisRun(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA))
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.SetHome(t.Context(), "a.example", false); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("it was written down where nothing can be: %v", err)
	}
	for range 5 { // It is tried again each time, which keeps nobody waiting.
		b.clock.Advance(saveInterval)
	}
	b.check("off all the same", b.homeState("a.example"), "aaaa on=false ok=true")
	_ = b.Engine.Close() // It cannot save anything.
	b.swarm.cutPower()
	b.db = nil
}

// Requests, verbs and switches run at once: no request waits, and in the end the last switch counts.
func TestHomesAreSafeForConcurrentUse(t *testing.T) {
	b := startFixture(t, withBinOfADay, withHomes("a.example="+hashA, "b.example="+hashB))
	b.swarm.seed(hashA, 2)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				b.Homes().HomeSite("a.example")
				b.Homes().Served("a.example", 3, false)
			}
		})
	}
	for i := range 2 {
		wg.Go(func() {
			for n := range 20 {
				_ = b.SetHome(t.Context(), []string{"a.example", "b.example"}[i], n%2 == 0)
				_ = b.Do(t.Context(), engine.Remove, hashA) // It may be away already.
			}
		})
	}
	wg.Wait()
	b.setHome("a.example", true)
	b.check("on", b.homeState("a.example"), "aaaa on=true ok=true")
	b.waitForHomes("all counted", func(all []engine.Home) bool { return all[0].Requests == 2000 && all[0].Bytes == 6000 })
	b.restart()
	b.check("on after a restart", b.homeState("a.example"), "aaaa on=true ok=true")
}
