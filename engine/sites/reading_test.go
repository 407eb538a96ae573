package sites

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// A browser is told once of each site that a person has removed, across restarts, and not of one that only expired.
func TestBrowserIsToldOfARemovalOnce(t *testing.T) {
	b := startFixture(t)
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 1)
		b.addSite(h)
		b.waitFor(h, "seeding", isSeeding)
	}
	if b.TakeRemoved(hashA) {
		t.Error("told of a site that is here")
	}
	b.doVerb(engine.Remove, hashA)
	b.doVerb(engine.Evict, hashB)
	if b.TakeRemoved(hashB) {
		t.Error("told of an eviction that can still be undone")
	}
	b.clock.Advance(engine.UndoPeriod)
	b.check("sites", b.hosts(), hashC)
	b.clock.Advance(time.Hour)
	b.check("sites later", b.hosts(), "")
	b.restart()
	for host, want := range map[string]bool{hashA: true, hashB: true, hashC: false} {
		if b.TakeRemoved(host) != want || b.TakeRemoved(host) {
			t.Errorf("%s: told wrongly, want once: %v", host, want)
		}
	}
	b.restart()
	if b.TakeRemoved(hashA) {
		t.Error("told again after a restart")
	}
}

// A removal that could not be saved has no effect.
func TestUnsavedRemovalRemovesNothing(t *testing.T) {
	b := startFixture(t)
	b.addSite(hashA)
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Do(t.Context(), engine.Remove, hashA); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("Remove: %v", err)
	}
	b.check("sites", b.hosts(), hashA)
	if b.TakeRemoved(hashA) {
		t.Error("told of a site that is here")
	}
	if b.Engine.Close() == nil {
		t.Error("an engine that cannot save anything says nothing")
	}
	b.db = nil // there is nothing left for stop
}

func TestRemovalsAreBounded(t *testing.T) {
	b := startFixture(t)
	n := 0
	b.owner.do(func() {
		r := b.state.removals
		r.hosts = strings.Fields(strings.Repeat("x ", maxRemovals))
		r.add("new.example")
		n = len(r.hosts)
	})
	if n != maxRemovals || !b.TakeRemoved("new.example") {
		t.Errorf("%d hosts are kept", n)
	}
}

func TestTitleIsSet(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	c, err := b.Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	c.SetTitle("Night \x1b[31mRadio\u202e")
	c.SetTitle("")
	b.waitFor(hashA, "titled", func(s engine.Site) bool { return s.Title == engine.Clean("Night \x1b[31mRadio\u202e") })
	c.SetTitle(strings.Repeat("ü", 150))
	b.waitFor(hashA, "titled briefly", func(s engine.Site) bool { return s.Title == strings.Repeat("ü", 100)+"…" })
	c.Close(engine.Request{})
	b.restart()
	b.waitFor(hashA, "still titled", func(s engine.Site) bool { return strings.HasPrefix(s.Title, "ü") })
}

// The files that a page needs are raised in the order in which it needs them.
func TestUrgentFilesAreRaisedInOrder(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	c, err := b.Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(engine.Request{})
	c.Prefetch([]engine.Entry{{Name: "a.css", Index: 3}, {Name: "b.js", Index: 1}}, engine.UrgencyBlocking)
	c.Prefetch([]engine.Entry{{Name: "b.html", Index: 2}}, engine.UrgencyLink)
	b.swarm.mu.Lock()
	defer b.swarm.mu.Unlock()
	b.check("raised", strings.Join(b.swarm.raised, ", "), "[3 1] 1, [2] 7")
}

// Notes about a site are in its log, without control characters.
func TestNotesAreLoggedClean(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	c, err := b.Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(engine.Request{})
	c.RecordWarning("a part\x1b is missing")
	d, err := b.Detail(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(d.Log)) // Others may be added at any time.
	for i, l := range d.Log {
		lines[i] = string(l.Level) + " " + l.Text
	}
	if !slices.Contains(lines, "warning a part is missing") {
		t.Errorf("the log is %q", lines)
	}
}
