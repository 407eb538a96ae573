package sites

import (
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// The known number of copies elsewhere survives a restart, for a day, until it is counted again. It belongs to one
// version.
func TestCopiesSurviveARestart(t *testing.T) {
	b := startWithRestingSite(t)
	copies := func(what string, want int) {
		t.Helper()
		b.waitFor(hashA, what, func(s engine.Site) bool { return s.State == engine.Seeding && s.Copies == want })
	}
	copies("with nobody who tells", -1)
	b.setSeeders(3, 0)
	copies("as a tracker says", 3)

	b.stop()
	b.setSeeders(-1, 0) // Nobody tells after the start.
	b.openEngine()
	copies("as it was before", 3)
	b.setSeeders(0, 0)
	copies("as a tracker says now", 0)
	b.clock.Advance(countInterval) // It is written down, also if the program is killed.
	b.waitIdle()

	b.setSeeders(-1, 0)
	b.kill()
	copies("as it was before: none", 0)
	b.clock.Advance(copiesValidFor + time.Minute)
	copies("after a day", -1)
}

// The first peers after a restart do not make a site the last copy if it was not before. A tracker may.
func TestFirstPeersOnlyRaiseTheCountOfCopies(t *testing.T) {
	b := startWithRestingSite(t)
	says := func(copies, tracked int) {
		b.swarm.mu.Lock()
		b.swarm.others = swarm.Stats{Copies: copies, WebCopies: -1, Tracked: tracked}
		b.swarm.mu.Unlock()
	}
	copies := func(what string, want int) {
		t.Helper()
		b.waitFor(hashA, what, func(s engine.Site) bool { return s.Copies == want })
	}
	says(3, 3)
	copies("as a tracker says", 3)
	b.stop()
	says(0, -1)
	b.openEngine()
	b.clock.Advance(countInterval)
	copies("a peer was met that has not all of it", 3)
	says(4, -1)
	copies("four were met that do", 4)
	b.waitIdle() // It is written down.
	b.clock.Advance(copiesValidFor)
	says(2, -1)
	copies("a day later two of them have not been met again, nor any of those before", 2)
	says(1, 1)
	copies("as a tracker says now", 1)
}
