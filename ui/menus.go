package ui

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/entry"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/list"
	"wtptui/ui/menu"
	"wtptui/ui/palette"
	"wtptui/ui/picker"
)

// sortMenu offers the columns to sort by: choosing the present one reverses the order.
func (m *Model) sortMenu() {
	now, descending := m.list.Sorted()
	var items []menu.Item
	at := 0
	for i, c := range columns.All() {
		it := menu.Item{Key: c.Letter, Label: c.Name, Hint: c.First}
		if c.ID == now {
			at = i
			it.Hint = map[bool]string{true: "▼", false: "▲"}[descending] + " now; choose it again to turn it around"
		}
		it.Do = m.closing(func() tea.Cmd { m.list.SortBy(c.ID); return nil })
		items = append(items, it)
	}
	m.window = menu.New(m.theme, "Sort by", items, at)
}

// pickColumns lets the columns be chosen.
func (m *Model) pickColumns() {
	m.window = &picker.Pane{Theme: m.theme, Set: m.list.Columns, Changed: func(set columns.Set) { m.list.Columns = set }}
}

// openPalette offers every action that there is in this place.
func (m *Model) openPalette() {
	scopes := keys.Stacks()[m.situation()]
	var all []keys.Binding
	for _, b := range m.keys.All() {
		if slices.Contains(scopes, b.Scope) {
			all = append(all, b)
		}
	}
	m.window = palette.New(m.theme, all, func(a keys.Action) tea.Cmd {
		m.window = nil
		return m.act(a)
	})
}

// limitMenu shows the limits and lets them be changed.
func (m *Model) limitMenu() {
	l := m.snap.Status.Limits
	item := func(key, name string, now int64, with func(int64) engine.Limits) menu.Item {
		return menu.Item{Key: key, Label: name, Hint: limitText(now), Do: m.closing(func() tea.Cmd {
			m.askLimit(name, now, with)
			return nil
		})}
	}
	m.window = menu.New(m.theme, "Limits over all sites", []menu.Item{
		item("d", "Download", l.Down, func(n int64) engine.Limits { return engine.Limits{Down: n, Up: l.Up} }),
		item("u", "Upload", l.Up, func(n int64) engine.Limits { return engine.Limits{Down: l.Down, Up: n} }),
		{Key: "x", Label: "No limits", Do: m.closing(func() tea.Cmd { return m.limit(engine.Limits{}) })},
	}, 0)
}

func limitText(n int64) string {
	if n == 0 {
		return "none"
	}
	return format.Speed(n)
}

func (m *Model) askLimit(name string, now int64, with func(int64) engine.Limits) {
	q := entry.Question{Title: name + " limit", Hint: "Bytes per second, like 500K or 1.5M; 0 or none for no limit."}
	if now > 0 {
		q.Value = format.Bytes(now)
	}
	q.Take = func(text string) (tea.Cmd, error) {
		if text == "" || text == "none" {
			text = "0"
		}
		n, err := format.ParseBytes(text)
		if err != nil {
			return nil, err
		}
		return m.limit(with(n)), nil
	}
	m.window = entry.New(m.theme, q)
}

// limitedMsg reports how a change of the limits went.
type limitedMsg struct {
	limits engine.Limits
	err    error
}

func (m *Model) limit(l engine.Limits) tea.Cmd {
	if m.phase != running {
		m.toast.Show(engine.Warning, "The engine is not running")
		return nil
	}
	ctx, e := m.ctx, m.engine
	return guarded(func() tea.Msg { return limitedMsg{l, e.SetLimits(ctx, l)} })
}

func (m *Model) limited(msg limitedMsg) {
	if msg.err != nil {
		m.toast.Show(engine.Problem, "Could not change the limits: "+engine.Message(msg.err))
		return
	}
	m.toast.Show(engine.Info, fmt.Sprintf("Limits: download %s, upload %s", limitText(msg.limits.Down), limitText(msg.limits.Up)))
}

// viewMenu saves the present view or forgets a saved one.
func (m *Model) viewMenu() {
	saved := m.list.Saved()
	var items []menu.Item
	if len(saved) < list.MaxSaved {
		items = append(items, menu.Item{Key: "s", Label: "Save this view", Hint: "with its filter and its order", Do: m.closing(func() tea.Cmd {
			m.askViewName()
			return nil
		})})
	}
	for i, v := range saved {
		items = append(items, menu.Item{
			Key: fmt.Sprint(i + 6), Label: "Forget “" + format.Text(v.Name) + "”", Hint: strings.TrimSpace(format.Text(v.Filter)),
			Do: m.closing(func() tea.Cmd {
				m.list.SetSaved(slices.Delete(m.list.Saved(), i, i+1))
				m.toast.Show(engine.Info, "Forgot the view "+v.Name)
				return nil
			}),
		})
	}
	m.window = menu.New(m.theme, "Saved views", items, 0)
}

func (m *Model) askViewName() {
	m.window = entry.New(m.theme, entry.Question{
		Title: "Save this view", Hint: "A short name for it.", Value: strings.TrimSpace(format.Cut(m.list.Filter(), 16)),
		Take: func(name string) (tea.Cmd, error) {
			if name = engine.Clean(name); name == "" {
				return nil, errors.New("a view needs a name")
			}
			v := m.list.Current()
			v.Name = name
			m.list.SetSaved(append(m.list.Saved(), v))
			n := len(m.list.Saved())
			m.list.Handle([]keys.Action{keys.Six, keys.Seven, keys.Eight, keys.Nine}[n-1])
			m.toast.Show(engine.Info, fmt.Sprintf("Saved: %d shows %s", n+5, name))
			return nil, nil
		},
	})
}

// escape writes text for a URL's query.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
