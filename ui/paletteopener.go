package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/list"
	"wtptui/ui/palette"
)

// paletteOpener opens the palette with all that can be found and done.
type paletteOpener struct {
	conn        *connection
	screen      *screen
	menus       *menus
	undoHistory *undoHistory
	act         func(keys.Action) tea.Cmd
}

// open opens the palette.
func (f *paletteOpener) open() {
	entries := slices.Concat(f.actionEntries(), f.viewEntries(), f.machineEntries(), f.labelEntries(), f.settingEntries())
	f.screen.windows.shown = palette.New(f.screen.theme, entries, palette.Sites{
		All: f.conn.snap.Sites, Open: f.screen.goToSite,
	})
}

// unavailableReason returns why an action cannot be done now; empty if it can.
func (f *paletteOpener) unavailableReason(b keys.Binding) string {
	if needsEngine(b) && !f.conn.running() {
		return "the engine is not running"
	}
	if _, ok := f.undoHistory.stack.PeekUndo(); b.Action == keys.Undo && !ok {
		return "there is nothing to undo"
	}
	if _, ok := f.undoHistory.stack.PeekRedo(); b.Action == keys.Redo && !ok {
		return "there is nothing to redo"
	}
	return f.screen.unavailableReason(b)
}

// actionEntries returns the actions that are possible in this place, one entry each; movements within a list are left
// out.
func (f *paletteOpener) actionEntries() []palette.Entry {
	scopes := keys.Stacks()[f.screen.situation()]
	var out, tabs []palette.Entry
	listed := map[keys.Action]bool{keys.ShowPalette: true}
	for _, b := range f.screen.keys.All() {
		if listed[b.Action] || b.Scope == keys.Move || !slices.Contains(scopes, b.Scope) {
			continue
		}
		listed[b.Action] = true
		b = f.undoHistory.explainKey(b)
		e := palette.Entry{Name: string(b.Action), Text: b.Help, Key: b.Label(), WhyNot: f.unavailableReason(b)}
		e.Do = f.screen.windows.closing(func() tea.Cmd { return f.act(b.Action) })
		at := slices.Index(list.ViewActions, b.Action)
		switch {
		case at < 0:
			out = append(out, e)
		case b.Scope == keys.Page:
			e.Kind, e.Name, e.Text = "tab", b.Help, ""
			tabs = append(tabs, e)
		case at < list.ViewCount:
			e.Kind = "view"
			e.Name, e.Text, _ = strings.Cut(b.Help, ": ")
			tabs = append(tabs, e)
		}
	}
	return append(out, tabs...)
}

// viewEntries returns the views that a person has saved.
func (f *paletteOpener) viewEntries() []palette.Entry {
	var out []palette.Entry
	for i, v := range f.screen.list.SavedViews() {
		a := list.ViewActions[i+list.ViewCount]
		out = append(out, palette.Entry{
			Kind: "view", Name: format.Text(v.Name), Text: format.Text(v.Filter), Key: f.screen.keys.FirstKey(a),
			Do: f.onMainScreen(func() tea.Cmd { return f.act(a) }),
		})
	}
	return out
}

// onMainScreen returns a function that does something on the main screen.
func (f *paletteOpener) onMainScreen(do func() tea.Cmd) func() tea.Cmd {
	return f.screen.windows.closing(func() tea.Cmd {
		f.screen.page = nil
		return do()
	})
}

// machineEntries returns the machines of a fleet; each entry shows only its sites.
func (f *paletteOpener) machineEntries() []palette.Entry {
	var out []palette.Entry
	for _, m := range f.conn.fleet() {
		e := palette.Entry{Kind: "machine", Name: m.Name, Text: "show only its " + format.Plural(m.Sites, "site")}
		if m.Away != "" {
			e.Text += ", as they were before it went away"
		}
		e.Do = f.onMainScreen(func() tea.Cmd {
			f.screen.list.SetFilter("machine=" + m.Name)
			return nil
		})
		out = append(out, e)
	}
	return out
}

// labelEntries returns the labels that sites have; each entry shows only its sites.
func (f *paletteOpener) labelEntries() []palette.Entry {
	count := map[string]int{}
	for i := range f.conn.snap.Sites {
		for _, l := range f.conn.snap.Sites[i].Labels {
			count[l]++
		}
	}
	var out []palette.Entry
	for l, n := range count {
		out = append(out, palette.Entry{
			Kind: "label", Name: format.Text(l), Text: "show only its " + format.Plural(n, "site"),
			Do: f.onMainScreen(func() tea.Cmd {
				f.screen.list.SetFilter("label:" + l)
				return nil
			}),
		})
	}
	slices.SortFunc(out, func(a, b palette.Entry) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// settingEntries returns all settings, each with every value that it can have.
func (f *paletteOpener) settingEntries() []palette.Entry {
	var out []palette.Entry
	for _, it := range f.menus.allSettings() {
		if it.open != nil {
			out = append(out, palette.Entry{Kind: "setting", Name: it.name + "…", Text: it.help(), Do: it.open})
			continue
		}
		for _, v := range it.values {
			out = append(out, f.valueEntry(it, v))
		}
	}
	return out
}

// valueEntry returns the entry that sets a setting to one of its values.
func (f *paletteOpener) valueEntry(it setting, v string) palette.Entry {
	e := palette.Entry{Kind: "setting", Name: it.name + ": " + v, Text: it.help()}
	if it.name == themeName {
		e.Kind, e.Text = "theme", ""
	}
	if it.get() == v {
		e.WhyNot = "it is set so already"
	}
	e.Do = f.screen.windows.closing(func() tea.Cmd {
		it.set(v)
		f.screen.toast.Show(engine.Info, fmt.Sprintf("%s: %s", it.name, v))
		return nil
	})
	return e
}
