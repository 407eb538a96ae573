package main

import (
	"context"
	"io"
	"testing"
	"time"

	"wtptui/engine"
)

// TestAddWaitsForNoPausedSite: it would wait for ever.
func TestAddWaitsForNoPausedSite(t *testing.T) {
	for name, tc := range map[string]struct {
		completed int64
		want      string
	}{
		"with something missing": {4, "docs.example is paused: `wtptui resume docs.example` lets it go on"},
		"with everything":        {10, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eng := &scripted{}
			defer eng.hub.Close()
			sites := []engine.Site{{Host: "docs.example", State: engine.Paused, Size: 10, Completed: tc.completed}}
			eng.hub.Publish(engine.Snapshot{Sites: sites})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			p := program{world: world{stderr: io.Discard}}
			said := ""
			if err := p.waitFor(ctx, eng, sites); err != nil {
				said = engine.Message(err)
			}
			if said != tc.want {
				t.Errorf("said %q, want %q", said, tc.want)
			}
		})
	}
}
