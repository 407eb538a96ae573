package fleet_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/engine/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fleet of one whose machine has no name is that engine.
func TestConformance(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	fetchable, dead := strings.Repeat("a1", 20), strings.Repeat("b2", 20)
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL, Nobody: []string{dead}})
		t.Cleanup(func() { eng.Close() })
		playWhileFetching(t, eng, fetchable)
		f := fleet.New([]fleet.Member{{Engine: eng}})
		t.Cleanup(func() { f.Close() })
		return enginetest.Harness{
			Engine: f, Fetchable: fetchable, Dead: dead, CacheTTL: cacheTTL, Advance: eng.Step,
			// It outlives the engine: only its own end ends its watches.
			Stop: func() { eng.Close(); f.Close() },
		}
	})
}

// playWhileFetching lets time pass for the engine as long as one of the sites is being fetched.
func playWhileFetching(t *testing.T, eng *fake.Engine, host string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ch, err := eng.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := range ch {
			for _, site := range s.Sites {
				fetching := site.State == engine.Resolving || site.State == engine.Metadata || site.State == engine.Downloading
				if (site.Host == host || site.Host == enginetest.Domain) && fetching {
					eng.Step(250 * time.Millisecond)
				}
			}
		}
	}()
	t.Cleanup(func() { cancel(); enginetest.Receive(t, done, "the watch to end") })
}
