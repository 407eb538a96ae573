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

// A site whose last piece has arrived is complete when that is on the disk, and told so once.
func TestCompleteWhenOnTheDisk(t *testing.T) {
	for name, paused := range map[string]bool{"in the swarm": false, "paused": true} {
		t.Run(name, func(t *testing.T) {
			b := start(t)
			b.world.seed(hashA, 2)
			b.world.unflushed[hashA] = true
			b.add(hashA)
			b.waitFor(hashA, "being written", beingWritten)
			if paused {
				b.do(engine.Pause, hashA)
				b.waitFor(hashA, "paused", func(s engine.Site) bool {
					return s.State == engine.Paused && strings.HasPrefix(s.Awaiting, "the disk")
				})
			}
			b.want("told", b.eventsOf(hashA, engine.Completed), "")
			b.world.mu.Lock()
			delete(b.world.unflushed, hashA)
			b.world.mu.Unlock()
			b.clock.Advance(idleInterval)
			if paused {
				b.waitFor(hashA, "on the disk", func(s engine.Site) bool { return s.State == engine.Paused && s.Awaiting == "" })
				b.do(engine.Resume, hashA)
			}
			b.waitFor(hashA, "seeding", seeding)
			b.clock.Advance(idleInterval)
			b.want("told", b.eventsOf(hashA, engine.Completed), "complete: 2 files, 2.0 KB, seeding")
			if rows, err := b.db.Sites(); err != nil || len(rows) != 1 || rows[0].Infohash != hashA {
				t.Errorf("the database has %+v, %v", rows, err)
			}
		})
	}
}

// A domain that points to a torrent that is complete already is so when its row says which one.
func TestCompleteWhenItsRowIsSaved(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 1)
	b.names.put("docs.example", resolve.Answer{Infohash: hashA, TTL: time.Hour})
	b.add(hashA)
	b.waitFor(hashA, "seeding", seeding)
	b.add("docs.example")
	b.waitFor("docs.example", "seeding", seeding)
	rows, err := b.db.Sites()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		b.want("the row of "+row.Host, row.Infohash, hashA)
	}
}

// Data that is deleted right after is not flushed before.
func TestDataToDeleteIsDiscarded(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 1)
	b.world.seed(hashB, 1)
	for _, host := range []string{hashA, hashB} {
		b.add(host)
		b.waitFor(host, "seeding", seeding)
	}
	b.do(engine.Evict, hashA) // which can be undone
	b.want("discarded", strings.Join(b.world.discarded, " "), "")
	b.do(engine.Remove, hashB)
	b.want("discarded", strings.Join(b.world.discarded, " "), hashB)
}

// eventsOf returns the site's events of a kind.
func (b *bench) eventsOf(host string, kind engine.EventKind) string {
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

// Nothing is fetched before a site's row is on the disk: should we be killed, nobody would know whose data that is.
func TestNothingIsFetchedBeforeItIsWrittenDown(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	added := make(chan struct{})
	err := b.db.Update(func(*store.Tx) error { // Nobody else can write meanwhile.
		go func() {
			defer close(added)
			b.add(hashA)
		}()
		for writing := false; !writing; runtime.Gosched() {
			b.owner.do(func() {
				writing = b.state.roster.here[hashA] != nil && b.state.journal.writing && b.owner.pendingReports == 1
			})
		}
		b.want("what is fetched", b.world.inSwarm(), "")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-added
	b.waitFor(hashA, "seeding", seeding)
}
