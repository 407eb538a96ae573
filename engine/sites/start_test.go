package sites

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/store"
)

// After a kill between the removal of a row and that of the data, the next start finishes the deletion, and does not
// bring the site back.
func TestKillDuringDeletionIsFinished(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 2)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Pin, hashA)
	b.writeStateFiles()
	b.swarm.mu.Lock()
	notes := b.swarm.notes[hashA]
	b.swarm.mu.Unlock()
	b.doVerb(engine.Remove, hashA)
	b.kill()
	b.check("sites", b.hosts(), "")
	b.stop()
	b.swarm.mu.Lock() // as if the kill had come before the deletion
	b.swarm.notes[hashA], b.swarm.disk[hashA] = notes, 2000
	b.swarm.mu.Unlock()
	b.openEngine(func(db *store.DB) error {
		return db.Update(func(tx *store.Tx) error {
			return tx.PutTombstone(store.Tombstone{Host: hashA, Rev: 1 << 40, Infohashes: []string{hashA}})
		})
	})
	b.check("sites after a kill", b.hosts(), "")
	b.check("data after a kill", b.hashesOnDisk(), "")
	b.restart()
	b.writeStateFiles()
	if tombstones, err := b.db.Tombstones(); err != nil || len(tombstones) != 0 {
		t.Errorf("tombstones %+v, %v", tombstones, err)
	}
}

// After a kill when the published data is in place, and before a row names it, the next start does not find it as an
// unknown site.
func TestKillDuringPublishingLeavesNoUnknownSite(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	former := b.publish(engine.PublishRequest{Dir: f.dir})
	var database []byte
	b.swarm.committed = func() {
		var err error
		if database, err = os.ReadFile(b.path); err != nil {
			t.Error(err)
		}
	}
	f.write("index.html", "two!")
	next := b.publish(engine.PublishRequest{Dir: f.dir})
	b.waitIdle()
	if tombstones, err := b.db.Tombstones(); err != nil || len(tombstones) != 1 || tombstones[0].Host != former.Host {
		t.Errorf("tombstones %+v, %v", tombstones, err)
	}
	b.stop()
	b.swarm.mu.Lock()
	delete(b.swarm.notes, next.Infohash)
	delete(b.swarm.notes, former.Infohash)
	b.swarm.mu.Unlock()
	if err := os.WriteFile(b.path, database, 0o600); err != nil {
		t.Fatal(err)
	}
	b.openEngine()
	b.check("sites", b.hosts(), former.Host)
	b.waitIdle()
	b.check("data", b.hashesOnDisk(), former.Infohash)
	b.writeStateFiles()
	if tombstones, err := b.db.Tombstones(); err != nil || len(tombstones) != 0 {
		t.Errorf("tombstones %+v, %v", tombstones, err)
	}
	b.swarm.committed = nil
	b.check("the version that is published again", b.publish(engine.PublishRequest{Dir: f.dir}).Infohash, next.Infohash)
	b.check("its page", b.getFile(next.Host, "index.html"), "two!")
}

// earlyClock is a clock that has ticked before it is read.
type earlyClock struct{ *testClock }

func (c earlyClock) Ticks(d time.Duration) (<-chan time.Time, func()) {
	ticks, stop := c.testClock.Ticks(d)
	early, ended := make(chan time.Time, 1), make(chan struct{})
	early <- c.Now()
	go func() {
		for {
			select {
			case now := <-ticks:
				select {
				case early <- now:
				case <-ended:
					return
				}
			case <-ended:
				return
			}
		}
	}()
	return early, func() { close(ended); stop() }
}

// Time that passes while the engine starts does not expire the sites that are not loaded yet.
func TestTimePassesWhileStarting(t *testing.T) {
	for range 10 {
		b := startFixture(t)
		b.cfg.Clock = earlyClock{b.clock}
		b.swarm.seed(hashA, 2)
		b.addSite(hashA)
		b.addSite("unresolved.example")
		b.doVerb(engine.Pin, "unresolved.example")
		b.waitFor(hashA, "seeding", isSeeding)
		b.writeStateFiles()
		before := b.protections()
		b.stop()
		for name, f := range b.swarm.notes { // both are to be written again
			f.State = nil
			b.swarm.notes[name] = f
		}
		b.openEngine()
		b.writeStateFiles()
		b.loseDatabase()
		b.check("what protects the sites", b.protections(), before)
		b.stop()
	}
}

// tombstoneCounter is a fakeSwarm that counts the tombstones that there are when data is deleted.
type tombstoneCounter struct {
	*fakeSwarm
	fixture    *fixture
	tombstones []int
}

func (g *tombstoneCounter) Delete(infohash string) error {
	tombstones, err := g.fixture.db.Tombstones()
	g.tombstones = append(g.tombstones, len(tombstones))
	return errors.Join(err, g.fakeSwarm.Delete(infohash))
}

// A tombstone stays until the data is deleted, also while the engine starts.
func TestTombstoneStaysUntilTheDataIsDeleted(t *testing.T) {
	for range 10 {
		b := startFixture(t)
		g := &tombstoneCounter{fakeSwarm: b.swarm, fixture: b}
		b.cfg.Clock, b.cfg.Swarm = earlyClock{b.clock}, g
		b.swarm.seed(hashA, 2)
		b.addSite(hashA)
		b.waitFor(hashA, "seeding", isSeeding)
		b.writeStateFiles()
		b.stop()
		b.openEngine(func(db *store.DB) error { // as a kill leaves it that comes before the deletion
			return db.Update(func(tx *store.Tx) error {
				tombstone := store.Tombstone{
					Host: hashA, Rev: 1 << 40, Infohashes: []string{hashA},
				}
				return errors.Join(tx.DeleteSite(hashA), tx.PutTombstone(tombstone))
			})
		})
		b.writeStateFiles()
		b.check("data", b.hashesOnDisk(), "")
		if tombstones, err := b.db.Tombstones(); err != nil || len(tombstones) != 0 || !slices.Equal(g.tombstones, []int{1}) {
			t.Errorf("%d tombstones at the deletion, then %+v, %v", g.tombstones, tombstones, err)
		}
		b.stop()
	}
}
