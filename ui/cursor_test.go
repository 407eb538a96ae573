package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// orders are orders of the table, each with a row near which actions are tried.
var orders = map[string][]string{
	"expires": {"g"}, "expires, reversed": {"S", "G", "k", "k", "k", "k", "k"}, "size": {"s", "z"}, "name": {"s", "s"},
	"state":    {"s", "t", "j", "j", "j"},
	"a filter": {"/", "s", "i", "t", "e", "enter"}, "a view": {"3", "g"}, "the end": {
		"s", "s", "G", "k", "k", "k", "k", "k", "k",
	},
	"scrolled": {"ctrl+f", "ctrl+f"},
}

// An action and a movement, three times: they concern three different sites, and the cursor is on none of them.
func TestRepeatedActionActsOnTheNextSite(t *testing.T) {
	for name, keys := range orders {
		for action, has := range map[string]func(before, now engine.Site) bool{
			"p": func(before, now engine.Site) bool { return before.Pinned != now.Pinned },
			"t": func(before, now engine.Site) bool { return !before.ExpiresAt.Equal(now.ExpiresAt) },
			"d": func(_, now engine.Site) bool { return now.Host == "" },
			"x": func(before, now engine.Site) bool { return before.State != now.State },
		} {
			t.Run(name+", "+action, func(t *testing.T) {
				d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = sixtyCachedSites() })
				d.press(keys...)
				before := slices.Clone(d.m.conn.snap.Sites)
				var met []string
				for range 3 {
					met = append(met, d.selected())
					d.press(action)
					line := d.cursorLine()
					d.press("j")
					if got := d.cursorLine(); got != line+1 && got < 20 {
						t.Errorf("a step leads from line %d to %d", line, got)
					}
				}
				var changed []string
				for _, s := range before {
					now, _ := d.site(s.Host)
					if has(s, now) {
						changed = append(changed, s.Host)
					}
				}
				slices.Sort(met)
				if len(slices.Compact(met)) != 3 || !slices.Equal(met, changed) {
					t.Errorf("on %v %s changed %v\n%s", met, action, changed, d.screen())
				}
			})
		}
	}
}

// The cursor keeps its line whether the snapshot comes before the action's result or after it, or in several steps.
func TestCursorWaitsForLateSnapshots(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = sixtyCachedSites() })
	d.press("j", "j")
	first, feed := d.selected(), d.feed
	d.feed = nil // nothing is delivered
	d.press("p")
	if d.selected() != first {
		t.Fatal("the cursor moved before the row did")
	}
	line := d.cursorLine()
	d.feed = feed
	d.drainSnapshots()
	if d.selected() == first || d.cursorLine() != line {
		t.Errorf("the cursor is on %s, line %d, and was on line %d", d.selected(), d.cursorLine(), line)
	}
	d.feed = nil
	second := d.selected()
	d.press("p", "k") // somebody is faster than the engine: what was selected by hand stays selected
	third := d.selected()
	d.feed = feed
	d.drainSnapshots()
	if d.selected() != third || third == second {
		t.Errorf("%s is selected, not %s", d.selected(), third)
	}
}

// When marked rows leave, the cursor stays on its site, or goes to the next row if its site is one of them.
func TestCursorStaysWhileMarkedRowsGo(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = sixtyCachedSites() })
	d.press("space", "space", "space")
	host := d.selected()
	d.press("p")
	if d.selected() != host {
		t.Errorf("the cursor went from %s to %s", host, d.selected())
	}
	d.press("esc", "space", "space", "k")
	marked := d.selected()
	d.press("d")
	if _, there := d.site(marked); there || d.selected() == host || d.selected() == marked {
		t.Errorf("%s is selected:\n%s", d.selected(), d.screen())
	}
}

// A change counts as the effect of the person's own action only for a while.
func TestCursorFollowsWhatOthersMove(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = sixtyCachedSites() })
	host := d.selected()
	if err := d.engine.Do(t.Context(), engine.Pin, host); err != nil {
		t.Fatal(err)
	}
	d.drainSnapshots()
	if d.selected() != host {
		t.Errorf("the cursor left %s, which somebody else has pinned", host)
	}
}

func TestRowThatMovedAwayStandsOut(t *testing.T) {
	d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) { o.Scripts = sixtyCachedSites()[:12] })
	host := d.selected()
	d.press("p")
	stands := func() bool {
		for line := range strings.SplitSeq(d.m.display.frame.draw(), "\n") {
			if strings.Contains(line, host) && strings.Contains(line, string(d.m.screen.theme.Moved)) {
				return true
			}
		}
		return false
	}
	if !stands() {
		t.Errorf("%s does not stand out:\n%s", host, d.screen())
	}
	d.advance(3 * time.Second)
	if stands() {
		t.Errorf("%s still stands out", host)
	}
}

// sixtyCachedSites returns sixty sites that are all cached and complete.
func sixtyCachedSites() []fake.Script {
	var out []fake.Script
	for _, s := range fake.ManySites(200) {
		if !s.Pinned && !s.Mine && s.State != engine.Downloading && strings.HasPrefix(s.Host, "site") && len(out) < 60 {
			s.ExpiresIn += 5 * time.Minute
			out = append(out, s)
		}
	}
	return out
}

// cursorLine returns the line of the screen on which the cursor is; -1 for none.
func (d *driver) cursorLine() int {
	return slices.IndexFunc(strings.Split(d.screen(), "\n"), func(l string) bool { return strings.HasPrefix(l, "▸") })
}
