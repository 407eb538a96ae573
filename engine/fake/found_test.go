package fake

import (
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestFoundConformance(t *testing.T) {
	enginetest.RunFound(t, func(t *testing.T) enginetest.Harness {
		e := New(Options{Scripts: []Script{{Host: fetchable, Title: "vim tips", State: engine.Found}}})
		t.Cleanup(func() { _ = e.Close() })
		return enginetest.Harness{
			Engine: e, Found: fetchable, CacheTTL: 30 * time.Minute, Advance: e.Step, Stop: func() { _ = e.Close() },
		}
	})
}

func TestAddTakesUpWhatWasFound(t *testing.T) {
	e := New(Options{Scripts: []Script{{Host: fetchable, State: engine.Found}}})
	defer e.Close()
	s, err := e.Add(t.Context(), engine.AddRequest{Address: fetchable})
	if err != nil || s.State != engine.Seeding || s.ExpiresAt.IsZero() {
		t.Errorf("added: %v, %+v", err, s)
	}
}

// What nobody has taken up is not in the cache, and has no peers.
func TestFoundSiteTakesNoPart(t *testing.T) {
	e := New(Options{Scripts: []Script{{Host: fetchable, State: engine.Found, Peers: 5, KnownPeers: 9}}})
	defer e.Close()
	if err := e.Do(t.Context(), engine.Verify, fetchable); err != nil {
		t.Fatal(err)
	}
	e.Step(time.Minute)
	if st := newestSnapshot(t, e).Status; st.CacheUsed != 0 || st.Peers != 0 {
		t.Errorf("%+v", st)
	}
}
