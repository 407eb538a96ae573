package ui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine/fake"
)

// Where there is no room for both, the inspector is a layer over the table: q and esc leave it, and it is not there
// again in the next run or on a larger screen.
func TestInspectorInPlaceOfTheTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.json")
	for _, key := range []string{"q", "esc", "v"} {
		d := newDriver(t, 80, 24, withStateFile(file))
		d.press("v")
		d.mustShow("[Peers", "hide")
		if d.press(key); d.quit {
			t.Errorf("%s quits out of the inspector", key)
		}
		d.mustHide("hide")
		d.mustShow("▸  ")
		d.advance(time.Second)
	}
	narrow := newDriver(t, 60, 16)
	narrow.press("v")
	narrow.mustShow("[Peers] Files  Trackers  Log ", "v hide")
	d := newDriver(t, 120, 36, withStateFile(file))
	d.mustShow("hide")
	d.press("v")
	d.advance(time.Second)
	newDriver(t, 120, 36, withStateFile(file)).mustHide("hide")

	d = newDriver(t, 80, 24, withStateFile(file))
	d.press("v")
	d.advance(time.Second)
	newDriver(t, 80, 24, withStateFile(file)).mustHide("hide")
}

// Keys that are about the inspector show it first.
func TestKeysOfAHiddenInspector(t *testing.T) {
	for _, key := range []string{"tab", "]", "[", "+", "-"} {
		for _, size := range [][2]int{{80, 24}, {120, 36}} {
			d := newDriver(t, size[0], size[1])
			if size[0] == 120 {
				d.press("v")
			}
			d.mustHide("hide")
			d.press(key)
			d.mustShow("[Peers", "hide")
			if on := d.m.screen.inspector.Focused(); on != (key == "tab") {
				t.Errorf("after %s it has the keys: %v", key, on)
			}
		}
	}
	// It loses them when the screen becomes too small for it.
	d := newDriver(t, 120, 36)
	d.press("tab")
	d.resize(80, 24)
	if before := d.selected(); !d.m.screen.list.Focused || !func() bool { d.press("j"); return d.selected() != before }() {
		t.Error("keys move in an inspector that is not to be seen")
	}
	d = newDriver(t, 80, 24, noSites)
	d.press("tab", "v", "q")
	if !d.quit {
		t.Error("without a site there is something to go back from")
	}
}

// The footer has no key that does nothing.
func TestFooterOffersWhatWorks(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("enter")
	for tab, chooses := range map[string]bool{
		"1": true, "2": false, "3": true, "4": false, "5": false, "6": false,
		"7": false,
	} {
		d.press(tab)
		if strings.Contains(d.line(-1), "↵ select") {
			t.Errorf("tab %s, with nothing selected: %s", tab, d.line(-1))
		}
		d.press("j")
		if strings.Contains(d.line(-1), "↵ select") != chooses {
			t.Errorf("tab %s: %s", tab, d.line(-1))
		}
	}
	d = newDriver(t, 120, 36, noSites)
	d.press("!")
	if strings.Contains(d.line(-1), "to the site") {
		t.Errorf("an empty log: %s", d.line(-1))
	}
	d = newDriver(t, 120, 36)
	d.press("P")
	d.paste("/home/me/plain")
	d.press("enter")
	if d.mustShow("The check found nothing"); strings.Contains(d.line(-1), "leave out") {
		t.Errorf("nothing was found: %s", d.line(-1))
	}
	d.press("enter", "y")
	if d.mustShow("Published"); strings.Contains(d.line(-1), "records") || !strings.Contains(d.line(-1), "y copy") {
		t.Errorf("without a domain: %s", d.line(-1))
	}
	d = newDriver(t, 120, 36, withFailingStart)
	d.press("a")
	if !strings.Contains(d.line(-1), "esc cancel") {
		t.Errorf("without an engine: %s", d.line(-1))
	}
	d.typeText("docs.example")
	d.press("enter")
	d.mustShow("The engine could not start")
}

// An overview that is longer than the screen says so, at both ends.
func TestOverviewShowsThatThereIsMore(t *testing.T) {
	d := newDriver(t, 80, 24)
	d.selectOnMain("wiki.pub")
	d.press("enter")
	says := func(want string) {
		t.Helper()
		if got := strings.TrimSuffix(d.line(1)[strings.LastIndex(d.line(1), "  ")+2:], " "); got != want {
			t.Errorf("%q, not %q, on\n%s", got, want, d.screen())
		}
	}
	says("↓ more")
	d.press("pgdown", "G")
	says("↑ more")
	d.press("2")
	says("★ PIN")
	d.press("1")
	d.resize(200, 60)
	says("★ PIN")

	d = newDriver(t, 60, 16)
	publishUpTo("/home/me/site", "enter", "enter", "y")(d)
	says("↓ more")
}

// What is wrong with a site and what to do about it can be read whole where the site is, however long it is.
func TestErrorsCanBeReadWhole(t *testing.T) {
	const why = "no resolver answers for long.example (127.0.0.1:9: dial tcp 127.0.0.1:9: connect: connection refused): " +
		"check the network, or choose another resolver with --doh"
	for _, size := range [][2]int{{60, 16}, {80, 24}, {100, 24}, {120, 36}} {
		d := newDriver(t, size[0], size[1], func(_ *Config, o *fake.Options) {
			long := o.Scripts[slices.IndexFunc(o.Scripts, func(s fake.Script) bool { return s.Host == "nowhere.example" })]
			long.Host, long.Error = "long.example", why
			o.Scripts = append(o.Scripts, long)
		})
		d.selectSite("long.example")
		if size[0] == 60 || size[0] == 80 {
			// The advice is not what is cut off.
			if !strings.HasPrefix(d.toast(), " ✗ no resolver answers for long.example: check") {
				t.Errorf("toast %q", d.toast())
			}
			d.press("v")
		}
		if text := strings.Join(strings.Fields(d.screen()), " "); !strings.Contains(text, why) {
			t.Errorf("%v: it cannot be read:\n%s", size, d.screen())
		}
		d.press("]", "]", "tab")
		d.clickOn("udp://explodie")
		if !strings.Contains(d.screen(), "▸ udp://explodie") {
			t.Errorf("%v: a click selects another row:\n%s", size, d.screen())
		}
	}
}
