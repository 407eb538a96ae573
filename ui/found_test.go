package ui

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
)

const (
	foundHost  = "4a7b1d0c9e2f3a5b6c7d8e9f0a1b2c3d4e5f6071"
	otherFound = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
)

// withFoundSites adds two sites to the demo that were found in the data folder.
func withFoundSites(_ *Config, o *fake.Options) {
	o.Scripts = append(o.Scripts,
		fake.Script{Host: foundHost, Title: "Letters from the lighthouse", Size: 31_457_280, Files: 48, State: engine.Found},
		fake.Script{Host: otherFound, Title: "A box of recipes", Size: 2_097_152, Files: 12, State: engine.Found})
}

func TestFoundSitesWaitForAPerson(t *testing.T) {
	d := newDriver(t, 120, 36, withFoundSites)
	d.mustShow("⚠ 2 sites were found in the data folder and wait for you: /state:found", "[1 All 16]", "3 Cached 8")
	d.press("/")
	d.typeText("state:found")
	d.press("enter")
	d.mustShow("◇ DISK", "2 of 16", "Letters from the ", "found in the data folder: resume, pin or remove it")
	d.selectSite(foundHost)
	d.advance(time.Second)
	d.mustShow("neither served nor in the swarm until you decide: x resumes it, p pins it, R checks")
	for key, offered := range map[string]bool{
		"x resume": true, "p pin": true, "D remove": true, "d evict": false, "o open": false, "t +30m": true,
	} {
		if strings.Contains(d.line(-1), key) != offered {
			t.Errorf("%q in the footer %q, want %v", key, d.line(-1), offered)
		}
	}
	d.press("o")
	if len(d.opened) > 0 || !strings.Contains(d.toast(), "is not served yet: x resumes it") {
		t.Errorf("opened %q, toast %q", d.opened, d.toast())
	}
	d.press("d")
	if s := d.mustSite(foundHost); s.State != engine.Found ||
		!strings.Contains(d.toast(), "it was found in the data folder: resume, pin or remove it") {
		t.Errorf("d: %s, toast %q", s.State, d.toast())
	}
	d.press("D")
	d.mustShow("It was found in the data folder", "nothing else knows")
	d.mustHide("To free the space only, evict")
	d.press("esc")
}

// Each key resumes or removes a site, and the warning counts those that are left.
func TestFoundSitesAreResumed(t *testing.T) {
	for _, key := range []string{"x", "p", "t"} {
		d := newDriver(t, 120, 36, withFoundSites)
		d.selectSite(foundHost)
		d.press(key)
		if s := d.mustSite(foundHost); s.State != engine.Seeding || s.Pinned != (key == "p") {
			t.Errorf("%s: %s, pinned %v", key, s.State, s.Pinned)
		}
		d.mustShow("⚠ 1 site was found in the data folder and waits for you")
		d.selectSite(otherFound)
		d.press("D", "y")
		d.mustHide("⚠")
	}
}

// Sites in use are paused, and found sites are left as they are, and so are paused ones.
func TestPauseLeavesFoundSites(t *testing.T) {
	d := newDriver(t, 120, 36, withFoundSites)
	d.press("A", "x", "y")
	if s := d.mustSite(foundHost); s.State != engine.Found {
		t.Errorf("after pausing all it is %s", s.State)
	}
	if s := d.mustSite("wiki.pub"); s.State != engine.Paused {
		t.Errorf("another one is %s", s.State)
	}
}

func TestOpenAmongFoundSites(t *testing.T) {
	d := newDriver(t, 120, 36, withFoundSites)
	d.selectSite(foundHost)
	d.press("space")
	d.selectSite("wiki.pub")
	d.press("space", "o")
	if len(d.opened) != 1 || !strings.Contains(d.toast(), "Opening 1 site") {
		t.Errorf("opened %q, toast %q", d.opened, d.toast())
	}
}
