package enginetest

import (
	"testing"

	"wtptui/engine"
)

// The homes of the engine in RunHomes. Both serve the same site.
const (
	firstHome  = "a.home.example"
	secondHome = "b.home.example"
)

// RunHomes runs the tests of homes. start returns a new engine with these homes, whose site is host, which is
// Harness.Fetchable.
func RunHomes(t *testing.T, start func(t *testing.T, homes []engine.Home) Harness, host string) {
	homes := []engine.Home{
		{Name: secondHome, URL: "https://" + secondHome + "/", Host: host},
		{Name: firstHome, URL: "https://" + firstHome + "/", Host: host},
	}
	for name, test := range map[string]func(*testing.T, Harness){
		"HomesShow":                 homesShow,
		"SetHomeIsIdempotent":       setHomeIsIdempotent,
		"SetHomeNeedsAKnownName":    setHomeNeedsAKnownName,
		"RemovingTakesSiteOffHomes": removingTakesSiteOffHomes,
		"PuttingBackAddsTheSite":    puttingBackAddsTheSite,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t, homes)) })
	}
}

func withoutHomes(t *testing.T, h Harness) {
	waitForSnapshot(t, h, "no homes", func(s engine.Snapshot) bool {
		st := s.Status
		return st.Homes != nil && len(st.Homes) == 0 && st.HomeTracker.URLs != nil && len(st.HomeTracker.URLs) == 0
	})
	wantKind(t, h.Engine.SetHome(t.Context(), firstHome, true), engine.NotFound)
}

func setHome(t *testing.T, h Harness, name string, on bool) {
	t.Helper()
	if err := h.Engine.SetHome(t.Context(), name, on); err != nil {
		t.Fatalf("SetHome(%q, %t): %v", name, on, err)
	}
}

// waitForHomes waits until the two homes are on or off as given.
func waitForHomes(t *testing.T, h Harness, what string, first, second bool) {
	t.Helper()
	waitForSnapshot(t, h, what, func(s engine.Snapshot) bool {
		all := s.Status.Homes
		return len(all) == 2 && all[0].Off == !first && all[1].Off == !second
	})
}

func homesShow(t *testing.T, h Harness) {
	waitForSnapshot(t, h, "homes, sorted", func(s engine.Snapshot) bool {
		all := s.Status.Homes
		return len(all) == 2 && all[0].Name == firstHome && all[1].Name == secondHome &&
			all[0].Host == h.Fetchable && all[0].URL == "https://"+firstHome+"/" && !all[0].Off && !all[1].Off
	})
	waitForSite(t, h, h.Fetchable, "public", func(s engine.Site) bool { return s.PublicURL == "https://"+firstHome+"/" })
	waitForSite(t, h, h.Fetchable, "pinned", func(s engine.Site) bool { return s.Pinned && s.ExpiresAt.IsZero() })
	roundTrip(t, waitForSnapshot(t, h, "a snapshot", func(engine.Snapshot) bool { return true }))
}

func setHomeIsIdempotent(t *testing.T, h Harness) {
	for range 2 { // Again changes nothing.
		setHome(t, h, firstHome, false)
		waitForHomes(t, h, "the first off", false, true)
		waitForSite(t, h, h.Fetchable, "public at the second", func(s engine.Site) bool {
			return s.PublicURL == "https://"+secondHome+"/"
		})
	}
	waitForSite(t, h, h.Fetchable, "still here", func(s engine.Site) bool { return s.Pinned })
	for range 2 {
		setHome(t, h, " A.home.example. ", true)
		waitForHomes(t, h, "both on", true, true)
	}
}

func setHomeNeedsAKnownName(t *testing.T, h Harness) {
	for _, name := range []string{"", "c.home.example", h.Fetchable, "\x1b[2J"} {
		wantKind(t, h.Engine.SetHome(t.Context(), name, false), engine.NotFound)
	}
	waitForHomes(t, h, "both on", true, true)
}

func removingTakesSiteOffHomes(t *testing.T, h Harness) {
	for _, verb := range []engine.Verb{engine.Evict, engine.Remove, engine.RemoveNow} {
		setHome(t, h, firstHome, true)
		setHome(t, h, secondHome, true)
		waitForSite(t, h, h.Fetchable, "here", func(s engine.Site) bool { return s.Pinned })
		do(t, h, verb, h.Fetchable)
		waitUntilGone(t, h, h.Fetchable)
		waitForHomes(t, h, string(verb), false, false)
	}
	setHome(t, h, secondHome, false)
	waitUntilGone(t, h, h.Fetchable) // Taking off what is gone does not bring it back.
}

func puttingBackAddsTheSite(t *testing.T, h Harness) {
	do(t, h, engine.Evict, h.Fetchable)
	waitUntilGone(t, h, h.Fetchable)
	setHome(t, h, firstHome, true)
	waitForSite(t, h, h.Fetchable, "pinned again", func(s engine.Site) bool { return s.Pinned })
	waitForHomes(t, h, "the first on", true, false)
	binned, err := h.Engine.Bin(t.Context())
	if err != nil || len(binned) != 0 {
		t.Fatalf("in the bin is %+v, %v", binned, err)
	}
	// What is at home stays.
	wantKind(t, h.Engine.Do(t.Context(), engine.Unpin, h.Fetchable), engine.Conflict)
	setHome(t, h, firstHome, false)
	do(t, h, engine.Unpin, h.Fetchable)
	setHome(t, h, firstHome, true)
	waitForSite(t, h, h.Fetchable, "pinned anew", func(s engine.Site) bool { return s.Pinned })
}
