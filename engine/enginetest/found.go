package enginetest

import (
	"testing"

	"wtptui/engine"
)

// RunFound runs the tests of found sites. start returns a new engine whose only site is Harness.Found, with all of its
// data.
func RunFound(t *testing.T, start func(t *testing.T) Harness) {
	tests := map[string]func(*testing.T, Harness){
		"FoundSiteWaits":         foundSiteWaits,
		"FoundSiteIsNotEvicted":  foundSiteIsNotEvicted,
		"FoundSitesAreKept":      foundSitesAreKept,
		"FoundSiteCanBeVerified": foundSiteCanBeVerified,
		"FoundSiteCanBeRemoved":  foundSiteCanBeRemoved,
	}
	for _, verb := range []engine.Verb{engine.Resume, engine.Pin, engine.Touch} {
		tests["FoundSiteIsTakenUp/"+string(verb)] = func(t *testing.T, h Harness) { foundSiteIsTakenUp(t, h, verb) }
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

func isFound(s engine.Site) bool {
	return s.State == engine.Found && s.Error == "" && s.Awaiting != "" && s.ExpiresAt.IsZero() && s.Peers == 0
}

func foundSiteWaits(t *testing.T, h Harness) {
	waitForSite(t, h, h.Found, "found", isFound)
	for _, verb := range []engine.Verb{engine.Pause, engine.Unpin, engine.Allow} {
		do(t, h, verb, h.Found)
	}
	h.Advance(3 * h.CacheTTL)
	waitForSite(t, h, h.Found, "still found", isFound)
}

func foundSiteIsTakenUp(t *testing.T, h Harness, verb engine.Verb) {
	do(t, h, verb, h.Found)
	s := waitForSite(t, h, h.Found, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
	if s.Pinned != (verb == engine.Pin) || s.ExpiresAt.IsZero() != s.Pinned || s.Completed != s.Size || s.Awaiting != "" {
		t.Fatalf("after %s the site is %+v", verb, s)
	}
	do(t, h, verb, h.Found)
	do(t, h, engine.Announce, h.Found)
}

func foundSiteIsNotEvicted(t *testing.T, h Harness) {
	for _, verb := range []engine.Verb{engine.Evict, engine.Announce} {
		wantKind(t, h.Engine.Do(t.Context(), verb, h.Found), engine.Conflict)
	}
	waitForSite(t, h, h.Found, "still found", isFound)
	do(t, h, engine.Resume, h.Found)
	do(t, h, engine.Evict, h.Found)
	waitUntilGone(t, h, h.Found)
}

func foundSiteCanBeVerified(t *testing.T, h Harness) {
	do(t, h, engine.Verify, h.Found)
	h.Advance(h.CacheTTL)
	waitForSite(t, h, h.Found, "verified", func(s engine.Site) bool {
		return isFound(s) && !s.Checking && s.Size > 0 && s.Completed == s.Size
	})
}

func foundSiteCanBeRemoved(t *testing.T, h Harness) {
	do(t, h, engine.Remove, h.Found)
	waitUntilGone(t, h, h.Found)
	do(t, h, engine.Undo, h.Found)
	waitForSite(t, h, h.Found, "found again", isFound)
	do(t, h, engine.RemoveNow, h.Found)
	waitUntilGone(t, h, h.Found)
	wantKind(t, h.Engine.Do(t.Context(), engine.Undo, h.Found), engine.NotFound)
	wantKind(t, h.Engine.Do(t.Context(), engine.Resume, h.Found), engine.NotFound)
}
