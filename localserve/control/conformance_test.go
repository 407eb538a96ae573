package control_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
)

// TestConformance runs the suite of all engines over a client whose server plays a script.
func TestConformance(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	fetchable := strings.Repeat("a1", 20)
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL})
		t.Cleanup(func() { eng.Close() })
		playWhileFetching(t, eng, fetchable)
		path, _ := serve(t, eng)
		return enginetest.Harness{
			Engine:    dial(t, path),
			Fetchable: fetchable,
			Dead:      strings.Repeat("b2", 20),
			CacheTTL:  cacheTTL,
			Advance:   eng.Step,
			Stop:      func() { eng.Close() },
		}
	})
}

func TestFoundConformance(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	host := strings.Repeat("a1", 20)
	enginetest.RunFound(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL, Scripts: []fake.Script{{Host: host, State: engine.Found}}})
		t.Cleanup(func() { eng.Close() })
		path, _ := serve(t, eng)
		return enginetest.Harness{Engine: dial(t, path), Found: host, CacheTTL: cacheTTL, Advance: eng.Step, Stop: func() { eng.Close() }}
	})
}

func TestHomesConformance(t *testing.T) {
	fetchable := strings.Repeat("a1", 20)
	enginetest.RunHomes(t, func(t *testing.T, homes []engine.Home) enginetest.Harness {
		eng := fake.New(fake.Options{Homes: homes})
		t.Cleanup(func() { eng.Close() })
		path, _ := serve(t, eng)
		return enginetest.Harness{
			Engine: dial(t, path), Fetchable: fetchable, Dead: strings.Repeat("b2", 20), CacheTTL: 30 * time.Minute,
			Advance: eng.Step, Stop: func() { eng.Close() },
		}
	}, fetchable)
}

// playWhileFetching lets time pass as long as host is being fetched, and stand still at all other times.
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
