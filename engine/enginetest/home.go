package enginetest

import (
	"testing"

	"wtptui/engine"
)

// The homes of an engine of RunHomes. Both serve the same site.
const (
	firstHome  = "a.home.example"
	secondHome = "b.home.example"
)

// RunHomes runs the part of the suite that is about homes; start makes a fresh engine that has the homes given, whose
// site is host, which is Harness.Fetchable.
func RunHomes(t *testing.T, start func(t *testing.T, homes []engine.Home) Harness, host string) {
	homes := []engine.Home{
		{Name: secondHome, URL: "https://" + secondHome + "/", Host: host},
		{Name: firstHome, URL: "https://" + firstHome + "/", Host: host},
	}
	for name, test := range map[string]func(*testing.T, Harness){
		"HomesShow":                homesShow,
		"SetHomeIsASwitch":         setHomeIsASwitch,
		"SetHomeNeedsAKnownName":   setHomeNeedsAKnownName,
		"SendingAwayTakesOff":      sendingAwayTakesOff,
		"PuttingBackBringsTheSite": puttingBackBringsTheSite,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t, homes)) })
	}
}

func withoutHomes(t *testing.T, h Harness) {
	until(t, h, "no homes", func(s engine.Snapshot) bool {
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

// seeHomes waits until the two homes are on or off as is said.
func seeHomes(t *testing.T, h Harness, what string, first, second bool) {
	t.Helper()
	until(t, h, what, func(s engine.Snapshot) bool {
		all := s.Status.Homes
		return len(all) == 2 && all[0].Off == !first && all[1].Off == !second
	})
}

func homesShow(t *testing.T, h Harness) {
	until(t, h, "homes, sorted", func(s engine.Snapshot) bool {
		all := s.Status.Homes
		return len(all) == 2 && all[0].Name == firstHome && all[1].Name == secondHome &&
			all[0].Host == h.Fetchable && all[0].URL == "https://"+firstHome+"/" && !all[0].Off && !all[1].Off
	})
	see(t, h, h.Fetchable, "public", func(s engine.Site) bool { return s.PublicURL == "https://"+firstHome+"/" })
	see(t, h, h.Fetchable, "pinned", func(s engine.Site) bool { return s.Pinned && s.ExpiresAt.IsZero() })
	roundTrip(t, until(t, h, "a snapshot", func(engine.Snapshot) bool { return true }))
}

func setHomeIsASwitch(t *testing.T, h Harness) {
	for range 2 { // Again changes nothing.
		setHome(t, h, firstHome, false)
		seeHomes(t, h, "the first off", false, true)
		see(t, h, h.Fetchable, "public at the second", func(s engine.Site) bool {
			return s.PublicURL == "https://"+secondHome+"/"
		})
	}
	see(t, h, h.Fetchable, "still here", func(s engine.Site) bool { return s.Pinned })
	for range 2 {
		setHome(t, h, " A.home.example. ", true)
		seeHomes(t, h, "both on", true, true)
	}
}

func setHomeNeedsAKnownName(t *testing.T, h Harness) {
	for _, name := range []string{"", "c.home.example", h.Fetchable, "\x1b[2J"} {
		wantKind(t, h.Engine.SetHome(t.Context(), name, false), engine.NotFound)
	}
	seeHomes(t, h, "both on", true, true)
}

func sendingAwayTakesOff(t *testing.T, h Harness) {
	for _, verb := range []engine.Verb{engine.Evict, engine.Remove, engine.RemoveNow} {
		setHome(t, h, firstHome, true)
		setHome(t, h, secondHome, true)
		see(t, h, h.Fetchable, "here", func(s engine.Site) bool { return s.Pinned })
		do(t, h, verb, h.Fetchable)
		absent(t, h, h.Fetchable)
		seeHomes(t, h, string(verb), false, false)
	}
	setHome(t, h, secondHome, false)
	absent(t, h, h.Fetchable) // Taking off what is gone does not bring it back.
}

func puttingBackBringsTheSite(t *testing.T, h Harness) {
	do(t, h, engine.Evict, h.Fetchable)
	absent(t, h, h.Fetchable)
	setHome(t, h, firstHome, true)
	see(t, h, h.Fetchable, "pinned again", func(s engine.Site) bool { return s.Pinned })
	seeHomes(t, h, "the first on", true, false)
	binned, err := h.Engine.Bin(t.Context())
	if err != nil || len(binned) != 0 {
		t.Fatalf("in the bin is %+v, %v", binned, err)
	}
	// What is at home stays.
	wantKind(t, h.Engine.Do(t.Context(), engine.Unpin, h.Fetchable), engine.Conflict)
	setHome(t, h, firstHome, false)
	do(t, h, engine.Unpin, h.Fetchable)
	setHome(t, h, firstHome, true)
	see(t, h, h.Fetchable, "pinned anew", func(s engine.Site) bool { return s.Pinned })
}
