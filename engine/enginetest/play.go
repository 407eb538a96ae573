package enginetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
)

// SteppedEngine is an engine whose clock moves only by Step.
type SteppedEngine interface {
	engine.Engine
	Step(d time.Duration)
}

// StepWhileFetching moves the clock of an engine while it fetches host or Domain, and at no other time.
func StepWhileFetching(t *testing.T, eng SteppedEngine, host string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ch, err := eng.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for s := range ch {
			for _, site := range s.Sites {
				fetching := site.State == engine.Resolving || site.State == engine.Metadata || site.State == engine.Downloading
				if (site.Host == host || site.Host == Domain) && fetching {
					eng.Step(250 * time.Millisecond)
				}
			}
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
}
