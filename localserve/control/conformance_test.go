package control_test

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
)

// TestConformance runs the suite of all engines over a Client of a fake engine.
func TestConformance(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	fetchable := strings.Repeat("a1", 20)
	enginetest.Run(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL})
		t.Cleanup(func() { eng.Close() })
		enginetest.StepWhileFetching(t, eng, fetchable)
		path, _ := serve(t, eng)
		return enginetest.Harness{
			Engine:    dial(t, path),
			Fetchable: fetchable,
			Unseeded:  strings.Repeat("b2", 20),
			CacheTTL:  cacheTTL,
			Advance:   eng.Step,
			Stop:      func() { eng.Close() },
		}
	})
}

func TestConformanceOfFoundSites(t *testing.T) {
	const cacheTTL = 30 * time.Minute
	host := strings.Repeat("a1", 20)
	enginetest.RunFound(t, func(t *testing.T) enginetest.Harness {
		eng := fake.New(fake.Options{CacheTTL: cacheTTL, Scripts: []fake.Script{{Host: host, State: engine.Found}}})
		t.Cleanup(func() { eng.Close() })
		path, _ := serve(t, eng)
		return enginetest.Harness{
			Engine: dial(t, path), Found: host, CacheTTL: cacheTTL, Advance: eng.Step, Stop: func() { eng.Close() },
		}
	})
}

func TestConformanceOfHomes(t *testing.T) {
	fetchable := strings.Repeat("a1", 20)
	enginetest.RunHomes(t, func(t *testing.T, homes []engine.Home) enginetest.Harness {
		eng := fake.New(fake.Options{Homes: homes})
		t.Cleanup(func() { eng.Close() })
		path, _ := serve(t, eng)
		return enginetest.Harness{
			Engine: dial(t, path), Fetchable: fetchable, Unseeded: strings.Repeat("b2", 20), CacheTTL: 30 * time.Minute,
			Advance: eng.Step, Stop: func() { eng.Close() },
		}
	}, fetchable)
}
