package ui

import "testing"

// A person says while how few others seed a site it is to be seeded: the window begins with what holds, refuses what is no
// number, and what was said can be taken back.
func TestEnough(t *testing.T) {
	d := drive(t, 120, 36)
	s, _ := d.m.screen.list.Selected()
	enough := func() int { return d.mustSite(s.Host).Enough }
	d.press("K")
	d.shows("Enough seeds for", "default")
	d.write("lots")
	d.press("enter")
	d.shows(`"lots" is not a number of seeds`)
	d.press("esc", "K")
	d.write("5")
	d.press("enter")
	if got := enough(); got != 5 {
		t.Errorf("it rests at %d, want 5", got)
	}
	d.press("K")
	d.shows("› 5")
	d.press("esc", "u")
	if got := enough(); got != 0 {
		t.Errorf("taken back, it rests at %d, want 0: as the default says", got)
	}
}
