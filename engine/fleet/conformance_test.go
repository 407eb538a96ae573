package fleet_test

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

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
		eng := fake.New(fake.Options{CacheTTL: cacheTTL, UnseededHosts: []string{dead}})
		t.Cleanup(func() { eng.Close() })
		enginetest.StepWhileFetching(t, eng, fetchable)
		f := fleet.New([]fleet.Member{{Engine: eng}})
		t.Cleanup(func() { f.Close() })
		return enginetest.Harness{
			Engine: f, Fetchable: fetchable, Unseeded: dead, CacheTTL: cacheTTL, Advance: eng.Step,
			// It outlives the engine: only its own end ends its watches.
			Stop: func() { eng.Close(); f.Close() },
		}
	})
}
