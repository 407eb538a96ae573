package ui

import (
	"testing"

	"wtptui/engine/fake"
)

// withKeepSeeding is a dashboard whose engine would end with it, and counts how often it is told to go on.
func withKeepSeeding(kept *int) option {
	return func(c *Config, _ *fake.Options) { c.KeepSeeding = func() { *kept++ } }
}

func TestLeavingOffersToKeepSeeding(t *testing.T) {
	const question = "Others are still fetching"
	for _, tt := range []struct {
		keys []string
		quit bool
		kept int
	}{
		{[]string{"q"}, false, 0},
		{[]string{"q", "enter"}, true, 0},
		{[]string{"q", "x"}, true, 0},
		{[]string{"q", "j", "enter"}, true, 1},
		{[]string{"q", "b"}, true, 1},
		{[]string{"q", "esc"}, false, 0},
		{[]string{"ctrl+c"}, true, 0},
		{[]string{"q", "ctrl+c"}, true, 0},
	} {
		kept := 0
		d := newDriver(t, 120, 36, withKeepSeeding(&kept))
		d.press(tt.keys...)
		if d.quit != tt.quit || kept != tt.kept {
			t.Errorf("%q: quit %t, kept %d; want %t, %d", tt.keys, d.quit, kept, tt.quit, tt.kept)
		}
		if tt.keys[len(tt.keys)-1] == "q" {
			d.mustShow(question, "Keep seeding in the background")
		}
	}
}

func TestLeavingWithoutAnOffer(t *testing.T) {
	kept := 0
	nobody := func(_ *Config, o *fake.Options) {
		for i := range o.Scripts {
			o.Scripts[i].Peers = 0
		}
	}
	if d := newDriver(t, 120, 36, withKeepSeeding(&kept), nobody); !func() bool { d.press("q"); return d.quit }() {
		t.Error("q does not quit where nobody fetches anything")
	}
	// An engine in another process goes on by itself.
	if d := newDriver(t, 120, 36); !func() bool { d.press("q"); return d.quit }() {
		t.Error("q does not quit an attached dashboard")
	}
}
