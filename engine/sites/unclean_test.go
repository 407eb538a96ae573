package sites

import (
	"os"
	"testing"

	"wtptui/engine"
)

// After an unclean exit nothing is trusted before it has been hashed, however often the program is ended before that.
func TestUncleanUntilAllIsVerified(t *testing.T) {
	b := start(t)
	b.world.seed(hashA, 2)
	b.add(hashA)
	b.see(hashA, "seeding", seeding)
	b.do(engine.Pin, hashA)
	b.stop()
	// The good copy is of a time when the database was open, as after a kill.
	if err := os.Rename(b.path+".backup", b.path); err != nil {
		t.Fatal(err)
	}
	b.world.hash(true)
	for range 3 {
		b.open()
		if !b.world.spec(hashA).Verify {
			t.Fatal("data that nobody has verified is trusted")
		}
		b.stop()
	}
	b.open()
	b.world.hash(false)
	b.restart()
	if b.world.spec(hashA).Verify {
		t.Error("what was verified is hashed again")
	}
}

// hash says whether data waits to be hashed.
func (w *world) hash(waits bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hashing = waits
}
