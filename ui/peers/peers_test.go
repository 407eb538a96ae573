package peers_test

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/ui/peers"
	"wtptui/ui/theme"
)

// The meaning of the flags is shown where they are, and nowhere else.
func TestFlagsAreExplainedWhereTheyAreShown(t *testing.T) {
	th := theme.None()
	p := peers.New(&th)
	p.Set(engine.Detail{Peers: []engine.Peer{{Address: "192.0.2.1:6881"}}}, time.Unix(1_800_000_000, 0))
	for w := 40; w <= 120; w++ {
		view := p.View(w, 20)
		if shown, explained := strings.Contains(view, "Flags"), strings.Contains(view, "D we want"); shown != explained {
			t.Errorf("in %d cells: flags are shown %t, explained %t", w, shown, explained)
		}
		if strings.Contains(view, "D we want") && !strings.Contains(view, "E encrypted") {
			t.Errorf("in %d cells the meaning of the flags is cut", w)
		}
	}
}
