package sites

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// A site whose last piece has arrived is complete when that piece was flushed to the disk, and this is reported once.
func TestSiteIsCompleteOnceFlushed(t *testing.T) {
	for name, paused := range map[string]bool{"in the swarm": false, "paused": true} {
		t.Run(name, func(t *testing.T) {
			b := startFixture(t)
			b.swarm.seed(hashA, 2)
			b.swarm.unflushed[hashA] = true
			b.addSite(hashA)
			b.waitFor(hashA, "being written", isBeingWritten)
			if paused {
				b.doVerb(engine.Pause, hashA)
				b.waitFor(hashA, "paused", func(s engine.Site) bool {
					return s.State == engine.Paused && strings.HasPrefix(s.Awaiting, "the disk")
				})
			}
			b.check("told", b.eventsOf(hashA, engine.Completed), "")
			b.swarm.mu.Lock()
			delete(b.swarm.unflushed, hashA)
			b.swarm.mu.Unlock()
			b.clock.Advance(idleInterval)
			if paused {
				b.waitFor(hashA, "on the disk", func(s engine.Site) bool { return s.State == engine.Paused && s.Awaiting == "" })
				b.doVerb(engine.Resume, hashA)
			}
			b.waitFor(hashA, "seeding", isSeeding)
			b.clock.Advance(idleInterval)
			b.check("told", b.eventsOf(hashA, engine.Completed), "complete: 2 files, 2.0 KB, seeding")
			if rows, err := b.db.Sites(); err != nil || len(rows) != 1 || rows[0].Infohash != hashA {
				t.Errorf("the database has %+v, %v", rows, err)
			}
		})
	}
}

// If a domain points to a torrent that is already complete, the site is complete when its row has the infohash.
func TestSiteIsCompleteOnceItsRowIsSaved(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	b.names.setAnswer("docs.example", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.addSite("docs.example")
	b.waitFor("docs.example", "seeding", isSeeding)
	rows, err := b.db.Sites()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		b.check("the row of "+row.Host, row.Infohash, hashA)
	}
}

// Data that is deleted at once is not flushed before.
func TestDataToDeleteIsNotFlushed(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	b.swarm.seed(hashB, 1)
	for _, host := range []string{hashA, hashB} {
		b.addSite(host)
		b.waitFor(host, "seeding", isSeeding)
	}
	b.doVerb(engine.Evict, hashA) // which can be undone
	b.check("discarded", strings.Join(b.swarm.discarded, " "), "")
	b.doVerb(engine.Remove, hashB)
	b.check("discarded", strings.Join(b.swarm.discarded, " "), hashB)
}

// eventsOf returns the site's events of a kind.
func (b *fixture) eventsOf(host string, kind engine.EventKind) string {
	b.t.Helper()
	d, err := b.Detail(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	var texts []string
	for _, ev := range d.Log {
		if ev.Kind == kind {
			texts = append(texts, ev.Text)
		}
	}
	return strings.Join(texts, "; ")
}

// Nothing is fetched before the site's row is on the disk: after a kill, the data would otherwise belong to no site.
func TestNothingIsFetchedBeforeItsRowIsSaved(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	added := make(chan struct{})
	err := b.db.Update(func(*store.Tx) error { // Nobody else can write meanwhile.
		go func() {
			defer close(added)
			b.addSite(hashA)
		}()
		for writing := false; !writing; runtime.Gosched() {
			b.owner.do(func() {
				writing = b.state.roster.here[hashA] != nil && b.state.journal.writing && b.owner.pendingReports == 1
			})
		}
		b.check("what is fetched", b.swarm.joinedHashes(), "")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-added
	b.waitFor(hashA, "seeding", isSeeding)
}
