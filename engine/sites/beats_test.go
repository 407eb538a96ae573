package sites

import (
	"testing"

	"wtptui/engine/enginetest"
)

// An engine that is stuck still gives watchers its last snapshot, but does not beat.
func TestBeats(t *testing.T) {
	b := start(t)
	from := b.Beats()
	b.clock.Advance(0) // which takes some ticks
	if b.Beats() == from {
		t.Error("an engine that lives does not beat")
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	from = b.Beats()
	ch, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Receive(t, ch, "the last snapshot of an engine that is stuck")
	// What was under way may have ended.
	if n := b.Beats() - from; n > 1 {
		t.Errorf("an engine that is stuck has beaten %d times", n)
	}
}
