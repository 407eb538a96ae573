package sites

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// writeStateFiles enables the writing of state files.
func (b *fixture) writeStateFiles() {
	b.t.Helper()
	b.clock.Advance(2 * stateWriteInterval)
	b.clock.Advance(2 * stateWriteInterval)
}

// loseDatabase removes the database before the next start.
func (b *fixture) loseDatabase() {
	b.t.Helper()
	b.stop()
	if err := os.Remove(b.path); err != nil {
		b.t.Fatal(err)
	}
	b.openEngine()
}

// A lost database is rebuilt from the folders, with everything that protects a site. Nothing is deleted, at this start
// or a later one.
func TestLostDatabaseIsRebuiltFromFolders(t *testing.T) {
	b, z := withZone(t)
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 2)
	}
	z.pointTo(hashA)
	b.addSite(domain)
	b.waitFor(domain, "the first version", isServing(hashA))
	for _, verb := range []engine.Verb{engine.Pin, engine.NoClearnet, engine.Allow} {
		b.doVerb(verb, domain)
	}
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "the second version", isServing(hashB))
	b.addSite(hashC)
	b.waitFor(hashC, "seeding", isSeeding)
	b.doVerb(engine.Pause, hashC)
	labelled := engine.Assignment{Label: []string{"docs", "a"}, SetEnough: true, Enough: 3}
	if err := b.Assign(t.Context(), labelled, hashC, domain); err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, map[string]string{"index.html": "one"})
	own := b.publish(engine.PublishRequest{Dir: f.dir})
	b.addSite("unresolved.example")
	b.doVerb(engine.Pin, "unresolved.example")
	b.writeStateFiles()
	before, data, versions := b.protections(), b.hashesOnDisk(), b.versionStates()
	for _, when := range []string{"at the first start", "at the next"} {
		if when == "at the first start" {
			b.loseDatabase()
		} else {
			b.restart()
		}
		b.writeStateFiles()
		b.check("what protects the sites "+when, b.protections(), before)
		b.check("data "+when, b.hashesOnDisk(), data)
		b.check("versions "+when, b.versionStates(), versions)
		b.check("the published page "+when, b.getFile(own.Host, "index.html"), "one")
	}
	b.loseDatabase()
	if !b.swarm.lastSpec(hashB).Verify {
		t.Error("data of which nobody knows what is right is not hashed")
	}
	f.write("index.html", "two!")
	if p := b.publish(engine.PublishRequest{Dir: f.dir}); p.Previous != own.Infohash {
		t.Errorf("the folder is not known as published: %+v", p)
	}
}

// protections returns what protects each site.
func (b *fixture) protections() string {
	b.t.Helper()
	rows, err := b.db.Sites()
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		out = append(out, fmt.Sprintf("%+v", withoutVolatile(row)))
	}
	return strings.Join(out, "\n")
}

// If the database is older than the folders, the folders count.
func TestFoldersOverrideAnOlderDatabase(t *testing.T) {
	b := startFixture(t)
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 2)
	}
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.writeStateFiles()
	b.stop()
	old, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	b.openEngine()
	b.doVerb(engine.Pin, hashA)
	b.addSite(hashB)
	b.waitFor(hashB, "seeding", isSeeding)
	b.doVerb(engine.Pin, hashB)
	b.addSite(hashC)
	b.waitFor(hashC, "seeding", isSeeding)
	b.doVerb(engine.Remove, hashC)
	b.writeStateFiles()
	before := b.protections()
	b.stop()
	if err := os.WriteFile(b.path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	b.openEngine()
	b.check("what protects the sites", b.protections(), before)
	b.check("data", b.hashesOnDisk(), hashA+" "+hashB)
}

func TestFoundConformance(t *testing.T) {
	enginetest.RunFound(t, func(t *testing.T) enginetest.Harness {
		b := startFixture(t, withBinOfADay)
		b.swarm.seed(hashC, 3)
		b.swarm.disk[hashC] = 3000
		b.stop()
		b.openEngine(func(db *store.DB) error {
			return db.Update(func(tx *store.Tx) error { return tx.PutInfo(hashC, []byte("info of 3")) })
		})
		h := b.harness()
		h.Found = hashC
		return h
	})
}

// Data that neither the database nor a state file knows is found, and left alone until a person decides.
func TestUnknownDataIsFoundAndLeftAlone(t *testing.T) {
	confirms := []engine.Verb{engine.Pin, engine.Resume, engine.Touch}
	for _, verb := range append(confirms, engine.Remove) {
		b := startFixture(t)
		b.swarm.seed(hashC, 5)
		b.swarm.disk[hashC] = 5000
		b.restart()
		is := func(s engine.Site) bool { return s.State == engine.Found && s.Error == "" && s.ExpiresAt.IsZero() }
		b.waitFor(hashC, "found", is)
		if !b.swarm.lastSpec(hashC).Paused {
			t.Error("it is in the swarm")
		}
		if _, err := b.Open(t.Context(), hashC); engine.KindOf(err) != engine.Conflict {
			t.Errorf("Open: %v", err)
		}
		for _, refused := range []engine.Verb{engine.Evict, engine.Announce} {
			if err := b.Do(t.Context(), refused, hashC); engine.KindOf(err) != engine.Conflict {
				t.Errorf("%s: %v", refused, err)
			}
		}
		b.clock.Advance(48 * time.Hour)
		b.restart()
		b.waitFor(hashC, "found still", is)
		b.check("data", b.hashesOnDisk(), hashC)
		b.doVerb(verb, hashC)
		if verb == engine.Remove {
			b.check("data after its removal", b.hashesOnDisk(), "")
		} else {
			b.waitFor(hashC, "taken up by "+string(verb), isSeeding)
			b.getFile(hashC, "dir/0.html")
		}
		b.restart()
		b.stop()
	}
}

// An invalid state file claims nothing, and its data stays.
func TestInvalidStateFilesClaimNothing(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"cut in half":          func(s string) string { return s[:len(s)/2] },
		"empty":                func(string) string { return "" },
		"from another machine": func(s string) string { return strings.Replace(s, `"here"`, `"there"`, 1) },
		"from a newer program": func(s string) string { return strings.Replace(s, `_state": 1`, `_state": 99`, 1) },
		"no site":              func(s string) string { return strings.ReplaceAll(s, "docs.example", "docs/example") },
	} {
		b := startFixture(t)
		b.swarm.seed(hashA, 2)
		b.names.setAnswer("docs.example", resolve.Answer{Infohash: hashA, TTL: time.Hour})
		b.addSite("docs.example")
		b.waitFor("docs.example", "seeding", isSeeding)
		b.writeStateFiles()
		b.swarm.mu.Lock()
		f := b.swarm.notes[hashA]
		f.State = []byte(change(string(f.State)))
		b.swarm.notes[hashA] = f
		b.swarm.mu.Unlock()
		b.restart()
		b.check(name+": sites that the database knows", b.hosts(), "docs.example")
		b.writeStateFiles()
		b.swarm.mu.Lock()
		if newer := strings.Contains(string(b.swarm.notes[hashA].State), "99"); newer != (name == "from a newer program") {
			t.Errorf("%s: it is %s", name, b.swarm.notes[hashA].State)
		}
		f.State = []byte(change(string(f.State)))
		b.swarm.notes[hashA] = f
		b.swarm.mu.Unlock()
		b.loseDatabase()
		b.check(name+": sites", b.hosts(), hashA)
		b.waitFor(hashA, name+": found", func(s engine.Site) bool { return s.State == engine.Found })
		b.check(name+": data", b.hashesOnDisk(), hashA)
		b.stop()
	}
}

// A site that has no infohash yet has a folder and no data. It is removed like any other.
func TestUnresolvedSiteIsRemovedLikeAnyOther(t *testing.T) {
	for name, leave := range map[string]func(*fixture){
		"removed":        func(b *fixture) { b.doVerb(engine.Remove, "unresolved.example") },
		"its time is up": func(b *fixture) { b.clock.Advance(b.cfg.CacheTTL) },
		"evicted": func(b *fixture) {
			b.doVerb(engine.Evict, "unresolved.example")
			b.clock.Advance(engine.UndoPeriod)
		},
	} {
		b := startFixture(t)
		b.addSite("unresolved.example")
		b.writeStateFiles()
		if b.swarm.notes["host-unresolved-example"].State == nil {
			t.Errorf("%s: there is no state file", name)
		}
		leave(b)
		b.writeStateFiles()
		if rows, err := b.db.Sites(); err != nil || len(rows) != 0 || len(b.swarm.notes) != 0 {
			t.Errorf("%s: there are rows %+v and state files %+v, %v", name, rows, b.swarm.notes, err)
		}
		if tombstones, err := b.db.Tombstones(); err != nil || len(tombstones) != 0 {
			t.Errorf("%s: there are tombstones %+v, %v", name, tombstones, err)
		}
		b.loseDatabase()
		b.check(name+": sites", b.hosts(), "")
		b.stop()
	}
}

// If two folders claim a host, the one with the more complete state file gets it, and the other one is found.
func TestFolderThatSaysMostGetsTheHost(t *testing.T) {
	b, z := withZone(t)
	b.swarm.seed(hashA, 2)
	b.swarm.seed(hashB, 2)
	z.pointTo(hashA)
	b.addSite(domain)
	b.doVerb(engine.Pin, domain)
	b.waitFor(domain, "the first version", isServing(hashA))
	b.writeStateFiles()
	b.swarm.mu.Lock()
	old := b.swarm.notes[hashA]
	b.swarm.mu.Unlock()
	z.pointTo(hashB)
	b.expireName()
	b.waitFor(domain, "the second version", isServing(hashB))
	b.clock.Advance(ttl)
	b.writeStateFiles()
	b.check("the first version's data", b.hashesOnDisk(), hashB)
	b.stop()
	b.swarm.mu.Lock() // somebody puts it back, from a copy
	b.swarm.notes[hashA], b.swarm.disk[hashA] = old, 2000
	b.swarm.mu.Unlock()
	b.openEngine()
	b.loseDatabase()
	b.waitFor(domain, "the second version still", isServing(hashB))
	b.waitFor(hashA, "the first one", func(s engine.Site) bool { return s.State == engine.Found })
	b.check("data", b.hashesOnDisk(), hashA+" "+hashB)
}
