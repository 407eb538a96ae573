package ui

import (
	"testing"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// A person sets how many other seeds are enough: the window starts with the present value, refuses what is not a
// number, and the change can be undone.
func TestEnough(t *testing.T) {
	d := newDriver(t, 120, 36)
	s, _ := d.m.screen.list.Selected()
	enough := func() int { return d.mustSite(s.Host).Enough }
	d.press("K")
	d.mustShow("Enough seeds for", "default")
	d.typeText("lots")
	d.press("enter")
	d.mustShow(`"lots" is not a number of seeds`)
	d.press("esc", "K")
	d.typeText("5")
	d.press("enter")
	if got := enough(); got != 5 {
		t.Errorf("it rests at %d, want 5", got)
	}
	d.press("K")
	d.mustShow("› 5")
	d.press("esc", "u")
	if got := enough(); got != 0 {
		t.Errorf("undone, it rests at %d, want 0: as the default says", got)
	}
}

// The site's page shows when it rests, and the key works there: the site joins its swarm again.
func TestEnoughOnThePage(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Enough = 4 })
	d.selectOnMain("docs.example")
	d.press("enter")
	d.mustShow("rests once 4 others have been seeding it", "as for all sites. K changes it")
	d.press("esc")
	rests := func(s engine.Site) bool { return s.Resting }
	if n := d.countSites(rests); n != 1 {
		t.Fatalf("%d sites of the demo rest, want one", n)
	}
	d.selectOnMain("951ead31d09e4049fc1f21f137e233dd0589fcbd")
	d.press("enter")
	d.mustShow("◌ REST", "rests: 4 others seed it, and 3 are enough. K", "cannot reach it here: it rests")
	d.press("K")
	d.mustShow("Enough seeds for vim tips", "› 3")
	d.press("backspace")
	d.typeText("9")
	d.press("enter")
	d.mustShow("★ PIN", "seeds while fewer than 9 others do")
	if n := d.countSites(rests); n != 0 {
		t.Errorf("%d sites rest", n)
	}
}
