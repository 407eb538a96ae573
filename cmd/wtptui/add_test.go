package main

import (
	"context"
	"io"
	"testing"
	"time"

	"wtptui/engine"
)

// Waiting for a paused site would never end.
func TestAddDoesNotWaitForAPausedSite(t *testing.T) {
	for name, tc := range map[string]struct {
		state     engine.State
		completed int64
		want      string
	}{
		"found":                  {engine.Found, 0, "it was found in the data folder: resume, pin or remove it"},
		"with something missing": {engine.Paused, 4, "docs.example is paused: `wtptui resume docs.example` resumes it"},
		"with everything":        {engine.Paused, 10, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eng := &scripted{}
			defer eng.hub.Close()
			sites := []engine.Site{{Host: "docs.example", State: tc.state, Size: 10, Completed: tc.completed}}
			eng.hub.Publish(engine.Snapshot{Sites: sites})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			a := addRun{environment: environment{stderr: io.Discard}}
			got := ""
			if err := a.waitFor(ctx, eng, sites); err != nil {
				got = engine.Message(err)
			}
			if got != tc.want {
				t.Errorf("said %q, want %q", got, tc.want)
			}
		})
	}
}
