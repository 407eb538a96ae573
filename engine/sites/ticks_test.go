package sites

import (
	"testing"

	"wtptui/engine/enginetest"
)

// A stuck engine still sends its last snapshot to watchers, but no heartbeats.
func TestStuckEngineDoesNotBeat(t *testing.T) {
	b := startFixture(t)
	from := b.Beats()
	b.clock.Advance(0) // which takes some ticks
	if b.Beats() == from {
		t.Error("an engine that lives does not beat")
	}

	stuck := make(chan struct{})
	defer close(stuck)
	reached := make(chan struct{})
	go b.owner.do(func() {
		close(reached)
		<-stuck
	})
	enginetest.Receive(t, reached, "the engine to be stuck")
	from = b.Beats()
	ch, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Receive(t, ch, "the last snapshot of an engine that is stuck")
	if n := b.Beats() - from; n > 0 {
		t.Errorf("an engine that is stuck has beaten %d times", n)
	}
}
