package enginetest

import (
	"context"
	"testing"
	"time"

	"wtptui/engine"
)

// keepOpen keeps sites open until stop is called. done receives the result.
func keepOpen(t *testing.T, h Harness, hosts ...string) (stop context.CancelFunc, done <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Engine.KeepOpen(ctx, hosts...) }()
	t.Cleanup(cancel)
	return cancel, ended
}

func keptOpenDoesNotExpire(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	// Two windows show it.
	stop, done := keepOpen(t, h, h.Unseeded, h.Unseeded)
	stopOther, otherDone := keepOpen(t, h, h.Unseeded)
	waitForSite(t, h, h.Unseeded, "in use", func(s engine.Site) bool { return s.InUse })
	h.Advance(3 * h.CacheTTL)
	s := waitForSite(t, h, h.Unseeded, "still there", func(s engine.Site) bool { return s.InUse })
	now := waitForSnapshot(t, h, "now", func(engine.Snapshot) bool { return true }).At
	if s.ExpiresAt.Before(now) {
		t.Errorf("in use at %v, and expires at %v", now, s.ExpiresAt)
	}
	stopOther()
	stop()
	for _, done := range []<-chan error{done, otherDone} { // The cache period starts when the last one has ended.
		if err := Receive(t, done, "KeepOpen to end"); err != nil {
			t.Errorf("it ended with %v", err)
		}
	}
	waitForSite(t, h, h.Unseeded, "let go", func(s engine.Site) bool { return !s.InUse })
	h.Advance(h.CacheTTL * 3 / 4)
	waitForSite(t, h, h.Unseeded, "its thirty minutes", func(engine.Site) bool { return true })
	h.Advance(h.CacheTTL/4 + time.Second)
	waitUntilGone(t, h, h.Unseeded)
}

func keepOpenIgnoresUnknownHosts(t *testing.T, h Harness) {
	stop, done := keepOpen(t, h, h.Unseeded, "nobody.example")
	stop()
	if err := Receive(t, done, "KeepOpen to end"); err != nil {
		t.Errorf("of sites that are not here: %v", err)
	}
	waitUntilGone(t, h, h.Unseeded)
}

func keepOpenEndsWithTheEngine(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	_, done := keepOpen(t, h, h.Unseeded)
	waitForSite(t, h, h.Unseeded, "in use", func(s engine.Site) bool { return s.InUse })
	h.Stop()
	wantKind(t, Receive(t, done, "KeepOpen to end"), engine.Unavailable)
}
