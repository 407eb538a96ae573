package ui

import (
	"fmt"
	"strings"
	"testing"

	"wtptui/engine/fake"
)

// In every list but the table of sites / searches, n and N go from match to match, and Esc ends the search before
// anything else.
func TestSearchEverywhere(t *testing.T) {
	page := func(tab string) func(*driver) {
		return func(d *driver) {
			d.selectOnMain("wiki.pub")
			d.press("enter", tab)
		}
	}
	open := func(key string) func(*driver) { return func(d *driver) { d.press(key) } }
	for name, c := range map[string]struct {
		open        func(*driver)
		text, stays string
	}{
		"overview":  {page("1"), "dns", "[Overview]"},
		"peers":     {page("2"), "webtorrent", "[Peers"},
		"files":     {page("3"), "page", "[Files"},
		"trackers":  {page("4"), "working", "[Trackers"},
		"requests":  {page("6"), "docs", "[Requests"},
		"log":       {page("7"), "e", "[Log]"},
		"events":    {open("!"), "e", "What has happened"},
		"help":      {open("?"), "copy", "╭─ Keys"},
		"settings":  {open(","), "terminal", "╭─ Settings"},
		"inspector": {func(d *driver) { d.selectOnMain("wiki.pub"); d.press("tab") }, "webtorrent", "[Peers"},
		"bin":       {func(d *driver) { d.selectOnMain("docs.example"); d.press("d", "b") }, "docs", "bring back"},
	} {
		for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 60}} {
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				d := newDriver(t, size[0], size[1])
				c.open(d)
				d.screen()
				d.press("/")
				d.mustShow("text to look for")
				d.typeText(c.text)
				d.mustShow("/"+c.text, "keep")
				if !strings.Contains(d.toast(), " of ") {
					t.Errorf("it says %q", d.toast())
				}
				if frame := d.m.display.frame.draw(); !strings.Contains(frame, string(d.m.screen.theme.Match)) {
					t.Errorf("no match stands out on\n%s", d.screen())
				}
				d.press("enter", "n", "N")
				if !strings.Contains(d.m.screen.searchHint(), " of ") {
					t.Errorf("after n and N it says %q", d.m.screen.searchHint())
				}
				d.press("esc")
				d.mustShow(c.stays)
				if s := d.m.screen.activeSearch(); s == nil || s.Active() {
					t.Error("Esc has not ended the search")
				}
				d.press("n")
				d.mustShow("Nothing has been searched for here: / searches")
			})
		}
	}
}

// Text that is typed into a search has no other effect, and a paste goes there too.
func TestSearchTextTriggersNoAction(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("wiki.pub")
	before := d.mustSite("wiki.pub")
	d.press("enter", "2", "/")
	d.typeText("dpxDBqun1")
	d.paste("wtp://docs.example/")
	d.mustShow("/dpxDBqun1wtp://docs.example/", "no match")
	d.press("esc")
	if s := d.mustSite("wiki.pub"); s.Pinned != before.Pinned || s.State != before.State ||
		s.NoClearnet != before.NoClearnet {
		t.Errorf("the site is %+v", s)
	}
	d.mustShow("[Peers")
	if d.quit {
		t.Error("q in a search has quit")
	}
}

// On the table of sites / is the filter, also while the inspector is visible.
func TestFilterStaysOnTheTable(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("/")
	d.typeText("wiki")
	d.mustShow("1 of 14")
	if d.m.screen.activeSearch() != nil {
		t.Error("the table is searched")
	}
}

func TestEventsShowOnlyWhatWentWrong(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("wiki.pub")
	d.press("p", "!")
	d.mustShow("unpinned", "Wiki mirror (wiki.pub)")
	d.press("e")
	d.mustHide("unpinned")
	d.mustShow("only")
	d.press("e")
	d.mustShow("unpinned")
}

func TestPaletteFindsEverything(t *testing.T) {
	find := func(t *testing.T, text string, opts ...option) *driver {
		d := newDriver(t, 120, 36, opts...)
		d.press(":")
		d.typeText(text)
		return d
	}
	d := find(t, "wiki mi")
	d.mustShow("▸ Wiki mirror", "wiki.pub", "site")
	if d.press("enter"); d.selected() != "wiki.pub" {
		t.Errorf("it went to %s", d.selected())
	}
	d = find(t, "951ead")
	if d.press("enter"); !strings.HasPrefix(d.selected(), "951ead") {
		t.Errorf("it went to %s", d.selected())
	}
	d = find(t, "light")
	d.mustShow("▸ Theme: light", "theme")
	if d.press("enter"); d.m.screen.theme.Name != "light" {
		t.Errorf("the theme is %s", d.m.screen.theme.Name)
	}
	d.mustShow("Theme: light")
	d = find(t, "mouse: off")
	if d.press("enter"); d.m.display.appearance.mouse {
		t.Error("the mouse is on")
	}
	d = find(t, "pinned sites")
	d.mustShow("▸ pinned sites", "view 2")
	d.press("enter")
	d.mustShow("[2 Pinned 6]")
	for text, view := range map[string][2]string{
		"endangered": {"view E", "[E Endangered 2"}, "with an err": {"view e", "[e Errors 2"},
	} {
		d = find(t, text)
		d.mustShow("sites", view[0])
		d.press("enter")
		d.mustShow(view[1])
	}
	d = find(t, "undo")
	d.mustShow("not now: there is nothing to undo")
	d.press("enter")
	d.mustShow("╭─ Actions")
	d = newDriver(t, 120, 36, noSites)
	d.press(":")
	d.typeText("evict")
	d.mustShow("not now: no site is selected")
	// From a page it goes to another site, and what is only on the page is found there.
	d = newDriver(t, 120, 36)
	d.selectOnMain("docs.example")
	d.press("enter", ":")
	d.typeText("trackers")
	d.press("enter")
	d.mustShow("[Trackers")
	d.press(":")
	d.typeText("wiki")
	d.press("enter")
	if d.m.screen.page != nil || d.selected() != "wiki.pub" {
		t.Errorf("it went to %s", d.selected())
	}
}

func TestPaletteFindsSavedViewsAndSitesOutsideTheView(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = fake.ManySites(100) })
	d.press("5")
	host := d.m.conn.snap.Sites[40].Host
	d.press(":")
	d.typeText(host)
	d.press("enter")
	if d.selected() != host {
		t.Errorf("it went to %q, not %q", d.selected(), host)
	}
	d.press("/")
	d.typeText("peers>3")
	d.press("enter", "W", "enter", "ctrl+u")
	d.typeText("busy")
	d.press("enter", "1", ":")
	d.typeText("busy")
	d.mustShow("▸ busy", "peers>3", "view 6")
	d.press("enter")
	if d.m.screen.list.Filter() != "peers>3" {
		t.Errorf("the filter is %q", d.m.screen.list.Filter())
	}
}

// searchHint returns the hint of the active search.
func (sc *screen) searchHint() string {
	if s := sc.activeSearch(); s != nil {
		return s.HintText(sc.keys)
	}
	return ""
}
