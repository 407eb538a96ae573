package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

// keyCheck is what a person sees when a key works.
type keyCheck struct {
	// before is pressed first, on the demo's sites or on a hundred others.
	before []string
	many   bool
	// shows and hides are what the screen must and must not have afterwards; ok checks anything else. old is the state
	// before the key.
	shows, hides string
	ok           func(d *driver, old observation) bool
}

// observation is the state that is compared with the one before.
type observation struct {
	selected, screen string
	row              int
}

func (d *driver) observe() observation { return observation{d.selected(), d.screen(), d.cursorRow()} }

// cursorRow is the place of the selected site among the rows.
func (d *driver) cursorRow() int {
	lines := strings.Split(d.screen(), "\n")
	return slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "▸") })
}

func cursorMoved(up bool) func(*driver, observation) bool {
	return func(d *driver, old observation) bool {
		order := func(host string) int {
			return slices.IndexFunc(d.m.conn.snap.Sites, func(s engine.Site) bool { return s.Host == host })
		}
		a, b := order(old.selected), order(d.selected())
		return a != b && (b < a) == up
	}
}

func sortedBy(text string) keyCheck { return keyCheck{shows: "sort: " + text} }

// keyChecks has every key that a person can press on the main screen and in its windows, by scope and action.
func keyChecks() map[keys.Scope]map[keys.Action]keyCheck {
	bySite := []string{"s", "s", "g"}
	far := []string{"s", "s", "G"}
	return map[keys.Scope]map[keys.Action]keyCheck{
		keys.Move: {
			keys.Up:     {many: true, before: far, ok: cursorMoved(true)},
			keys.Down:   {many: true, before: bySite, ok: cursorMoved(false)},
			keys.Top:    {many: true, before: far, ok: cursorMoved(true)},
			keys.Bottom: {many: true, before: bySite, ok: cursorMoved(false)},
			keys.HalfUp: {many: true, before: far, ok: cursorMoved(true)}, keys.HalfDown: {
				many: true, before: bySite, ok: cursorMoved(false),
			},
			keys.PageUp: {many: true, before: far, ok: cursorMoved(true)}, keys.PageDown: {
				many: true, before: bySite, ok: cursorMoved(false),
			},
		},
		keys.Main:   mainChecks(),
		keys.Verbs:  verbChecks(),
		keys.Global: globalChecks(),
		keys.Always: {
			keys.Quit:    {ok: func(d *driver, _ observation) bool { return d.quit }},
			keys.Suspend: {ok: func(d *driver, _ observation) bool { return d.suspended }},
			keys.Redraw:  {ok: func(d *driver, _ observation) bool { return d.redrawn }},
		},
		keys.Filter: {
			keys.Accept: {
				before: []string{"/", "w", "i", "k", "i"}, shows: "/wiki",
				ok: func(d *driver, _ observation) bool { return d.m.screen.filter.input == nil },
			},
			keys.Cancel: {before: []string{"/", "w", "i", "k", "i"}, hides: "/wiki", shows: "docs.example"},
			keys.Up: {before: []string{"down", "down", "/"}, ok: func(d *driver, old observation) bool {
				return d.cursorRow() == old.row-1
			}},
			keys.Down: {before: []string{"/"}, ok: func(d *driver, old observation) bool { return d.cursorRow() == old.row+1 }},
		},
		keys.Search:     findChecks(),
		keys.SearchText: searchingChecks(),
		keys.Prompt: {
			keys.Accept: {before: []string{"a", "x", ".", "e", "u"}, shows: "Added x.eu"},
			keys.Cancel: {before: []string{"a", "x"}, hides: "Add a site"},
		},
		keys.Entry: {
			keys.Accept: {before: []string{"L", "d", "5", "K"}, shows: "Limits: download 5.0 KB/s"},
			keys.Cancel: {before: []string{"L", "d", "5"}, hides: "Download limit"},
		},
		keys.Confirm: {
			keys.Switch: {before: []string{"D"}, shows: "▸ Remove"},
			keys.Accept: {before: []string{"D", "tab"}, shows: "Removed Example Docs (docs.example)"},
			keys.Yes:    {before: []string{"D"}, shows: "Removed Example Docs (docs.example)"},
			keys.No:     {before: []string{"D", "tab"}, hides: "Remove"},
		},
		keys.Notice: {
			keys.CopyURL: {
				before: []string{"O"},
				ok:     func(d *driver, _ observation) bool { return d.clipboard == "http://docs-example.localhost:7780/" },
			},
			keys.Cancel: {before: []string{"O"}, hides: "Local address"},
		},
		keys.Help: {keys.Cancel: {before: []string{"?"}, hides: "╭─ Keys"}},
		keys.Menu: {keys.Accept: {before: []string{"s", "g"}, shows: "sort: State"}, keys.Cancel: {
			before: []string{"s"}, hides: "Sort by",
		}},
		keys.Columns:  columnChecks(),
		keys.Settings: settingChecks(),
		keys.Events: {
			keys.Accept:   {before: []string{"!", "g", "j"}, hides: "What has happened"},
			keys.Problems: {before: []string{"!"}, shows: "What has happened  only"},
			keys.Cancel:   {before: []string{"!"}, hides: "What has happened"},
		},
		keys.BinList: {
			keys.Accept: {before: []string{"d", "b"}, shows: "Brought back Example Docs (docs.example)"},
			keys.Cancel: {before: []string{"b"}, hides: "The bin"},
		},
		keys.LabelList: {
			keys.Toggle: {before: []string{"l", "down"}, shows: "Labelled Example Docs (docs.example): mirror"},
			keys.Accept: {
				before: []string{"l", "n", "e", "w"}, shows: "Labelled Example Docs (docs.example): new",
				hides: "╭─ Labels",
			},
			keys.Cancel:   {before: []string{"l", "n", "e", "w"}, hides: "╭─ Labels"},
			keys.Up:       {before: []string{"l", "down"}, shows: "▸ [ ] archive"},
			keys.Down:     {before: []string{"l"}, shows: "▸ [ ] mirror"},
			keys.PageUp:   {before: []string{"l", "pgdown"}, shows: "▸ [ ] archive"},
			keys.PageDown: {before: []string{"l"}, hides: "▸ [ ] archive"},
		},
		keys.Palette: {
			keys.Accept:   {before: []string{":", "s", "o", "r", "t"}, shows: "Sort by"},
			keys.Cancel:   {before: []string{":"}, hides: "Actions"},
			keys.Up:       {before: []string{":", "down", "down"}, shows: "▸ show-url"},
			keys.Down:     {before: []string{":"}, shows: "▸ show-url"},
			keys.PageUp:   {before: []string{":", "pgdown"}, shows: "▸ open"},
			keys.PageDown: {before: []string{":"}, hides: "▸ open"},
		},
	}
}

func mainChecks() map[keys.Action]keyCheck {
	return map[keys.Action]keyCheck{
		keys.Details:     {shows: "[Overview"},
		keys.Endangered:  {shows: "[E Endangered"},
		keys.Errors:      {shows: "[e Errors"},
		keys.Mark:        {shows: "● 1 marked"},
		keys.MarkRange:   {before: []string{"space", "j", "j"}, shows: "● 4 marked"},
		keys.MarkAll:     {shows: "● 14 marked"},
		keys.InvertMark:  {before: []string{"space"}, shows: "● 13 marked"},
		keys.StartSearch: {ok: func(d *driver, _ observation) bool { return d.m.screen.filter.input != nil }},
		keys.NextMatch: {before: []string{"/", "w", "i", "k", "i", "esc"}, ok: func(d *driver, _ observation) bool {
			return d.selected() == "wiki.pub"
		}},
		keys.PrevMatch: {before: []string{"/", "w", "i", "k", "i", "esc", "g"}, ok: func(d *driver, _ observation) bool {
			return d.selected() == "wiki.pub"
		}},
		keys.SortMenu:        {shows: "╭─ Sort by"},
		keys.Reverse:         sortedBy("Expires ▼"),
		keys.SortLeft:        sortedBy("Ratio ▼"),
		keys.SortRight:       sortedBy("State ▲"),
		keys.ColumnMenu:      {shows: "╭─ Columns"},
		keys.One:             {before: []string{"2"}, shows: "[1 All 14]"},
		keys.Two:             {shows: "[2 Pinned 6]"},
		keys.Three:           {shows: "[3 Cached 8]"},
		keys.Four:            {shows: "[4 Loading 3]"},
		keys.Five:            {shows: "[5 Mine 2]"},
		keys.Six:             savedCheck(6),
		keys.Seven:           savedCheck(7),
		keys.Eight:           savedCheck(8),
		keys.Nine:            savedCheck(9),
		keys.SaveView:        {shows: "╭─ Saved views"},
		keys.ToggleInspector: {hides: "(docs.example) ──"},
		keys.Grow:            {ok: func(d *driver, _ observation) bool { return d.m.screen.inspectorHeight == 17 }},
		keys.Shrink:          {ok: func(d *driver, _ observation) bool { return d.m.screen.inspectorHeight == 13 }},
		keys.Focus:           {ok: func(d *driver, _ observation) bool { return d.m.screen.inspector.Focused() }},
		keys.NextTab:         {shows: "[Files 86]"},
		keys.PrevTab:         {before: []string{"]"}, shows: "[Peers 8]"},
		keys.Back:            {before: []string{"A"}, hides: "marked"},
	}
}

// findChecks search the settings, of which four mention the terminal.
func findChecks() map[keys.Action]keyCheck {
	search := append(strings.Split(",/terminal", ""), "enter", "g")
	return map[keys.Action]keyCheck{
		keys.StartSearch: {before: []string{","}, shows: "text to look for"},
		keys.NextMatch:   {before: search, shows: "/terminal  2 of 4"},
		keys.PrevMatch:   {before: search, shows: "/terminal  4 of 4"},
	}
}

func searchingChecks() map[keys.Action]keyCheck {
	search := strings.Split(",/terminal", "")
	return map[keys.Action]keyCheck{
		keys.Accept: {before: search, shows: "/terminal  1 of 4   n next  N previous  esc clears"},
		keys.Cancel: {before: append(search, "down"), hides: "of 4", shows: "▸ Theme"},
		keys.Up:     {before: search, shows: "4 of 4"},
		keys.Down:   {before: search, shows: "2 of 4"},
	}
}

// savedCheck saves as many views as there can be, and goes back to the last one.
func savedCheck(n int) keyCheck {
	var before []string
	for i := 6; i <= n; i++ {
		before = append(before, "1", "W", "enter", "v", string(rune('0'+i)), "enter")
	}
	name := string(rune('0' + n))
	return keyCheck{before: append(before, "1"), shows: "[" + name + " v" + name + " 14]"}
}

func verbChecks() map[keys.Action]keyCheck {
	state := func(ok func(engine.Site) bool) func(*driver, observation) bool {
		return func(d *driver, _ observation) bool { return ok(d.mustSite("docs.example")) }
	}
	return map[keys.Action]keyCheck{
		keys.Open: {ok: func(d *driver, _ observation) bool {
			return slices.Contains(d.opened, "http://docs-example.localhost:7780/")
		}},
		keys.ShowURL:  {shows: "Local address"},
		keys.CopyURL:  {ok: func(d *driver, _ observation) bool { return d.clipboard == "wtp://docs.example/" }},
		keys.CopyMenu: {shows: "╭─ Copy"},
		keys.Pin:      {ok: state(func(s engine.Site) bool { return s.Pinned })},
		keys.Touch: {ok: func(d *driver, _ observation) bool {
			return d.mustSite("docs.example").ExpiresAt.Sub(engine.At(d.engine.Now())) == 30*time.Minute
		}},
		keys.Evict:    {shows: "Evicted Example Docs (docs.example)"},
		keys.Remove:   {shows: "Remove Example Docs (docs.example)?"},
		keys.Pause:    {ok: state(func(s engine.Site) bool { return s.State == engine.Paused })},
		keys.Announce: {shows: "Asking trackers and DHT for peers of Example Docs (docs.example)"},
		keys.Verify:   {shows: "Checking all data of Example Docs (docs.example)"},
		keys.Allow:    {shows: "Example Docs (docs.example) was not refused for its size"},
		keys.NoClearnet: {ok: state(func(s engine.Site) bool {
			return s.NoClearnet
		})},
		keys.AcceptKey:  {shows: "Example Docs (docs.example) has no other key to accept"},
		keys.Enough:     {shows: "Enough seeds for Example Docs (docs.example)"},
		keys.PublicHome: {shows: "Example Docs (docs.example) has no public home"},
		keys.Labels:     {shows: "Labels of Example Docs (docs.example)"},
	}
}

func globalChecks() map[keys.Action]keyCheck {
	return map[keys.Action]keyCheck{
		keys.Add:          {shows: "╭─ Add a site"},
		keys.Publish:      {shows: "Publish"},
		keys.Undo:         {before: []string{"d"}, shows: "Brought back Example Docs"},
		keys.Redo:         {before: []string{"p", "u"}, shows: "Redone: pin Example Docs"},
		keys.Bin:          {shows: "The bin"},
		keys.Limits:       {shows: "╭─ Rate limits"},
		keys.EventLog:     {shows: "What has happened"},
		keys.StopEngine:   {shows: "No engine of this machine runs in the background"},
		keys.Freeze:       {shows: "‖ frozen: Z"},
		keys.Mouse:        {shows: "Mouse off"},
		keys.ShowSettings: {shows: "╭─ Settings"},
		keys.ShowPalette:  {shows: "╭─ Actions"},
		keys.ShowHelp:     {shows: "╭─ Keys"},
		keys.Leave:        {ok: func(d *driver, _ observation) bool { return d.quit }},
	}
}

func columnChecks() map[keys.Action]keyCheck {
	heads := func(text string) func(*driver, observation) bool {
		return func(d *driver, _ observation) bool {
			return strings.Contains(strings.Join(strings.Fields(d.line(2)), " "), text)
		}
	}
	return map[keys.Action]keyCheck{
		keys.Toggle:  {before: []string{"c", "j", "j"}, ok: heads("Site Size")},
		keys.Earlier: {before: []string{"c", "j", "j"}, ok: heads("State Title Site")},
		keys.Later:   {before: []string{"c"}, ok: heads("Site State Title")},
		keys.Reset:   {before: []string{"c", "J"}, ok: heads("State Site Title")},
		keys.Cancel:  {before: []string{"c"}, hides: "╭─ Columns"},
	}
}

func settingChecks() map[keys.Action]keyCheck {
	return map[keys.Action]keyCheck{
		keys.Next:     {before: []string{","}, shows: "‹ dark ›"},
		keys.Previous: {before: []string{","}, shows: "‹ none ›"},
		keys.Cancel:   {before: []string{","}, hides: "╭─ Settings"},
	}
}

// TestEveryKey presses every key of the table and checks its effect. The keys of a full page are tested with that page.
func TestEveryKey(t *testing.T) {
	checks := keyChecks()
	for _, b := range keys.All() {
		scope, mine := checks[b.Scope]
		if !mine {
			if b.Scope != keys.Page && !strings.HasPrefix(string(b.Scope), "publish: ") {
				t.Errorf("nobody presses the keys of %s", b.Scope)
			}
			continue
		}
		check, ok := scope[b.Action]
		if !ok {
			t.Errorf("nobody presses the keys of %s on %s", b.Action, b.Scope)
		}
		for _, key := range b.Keys {
			d := newDriver(t, 120, 36, func(_ *Config, o *fake.Options) {
				if check.many {
					o.Scripts = fake.ManySites(100)
				}
			})
			d.press(check.before...)
			old := d.observe()
			d.press(key)
			screen := d.screen()
			if check.shows != "" && !strings.Contains(screen, check.shows) || check.hides != "" &&
				strings.Contains(screen, check.hides) || check.ok != nil && !check.ok(d, old) {
				t.Errorf("%s: %s (%s) after %q: wanted %q and not %q on\n%s", b.Scope, key, b.Action, check.before, check.shows,
					check.hides, screen)
			}
		}
	}
}
