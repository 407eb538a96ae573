package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/list"
)

// menus are windows of a few things to choose from.
type menus struct {
	cfg        *Config
	conn       *connection
	screen     *screen
	appearance *appearance
	drawState  *drawState
	limits     *limitMenus
}

// quitOrAsk quits. While others are downloading from here it first offers to continue seeding without a screen.
func (m *menus) quitOrAsk() tea.Cmd {
	sites := 0
	for _, s := range m.conn.snap.Sites {
		if s.State == engine.Seeding && s.Peers > s.Seeds {
			sites++
		}
	}
	if m.cfg.KeepSeeding == nil || !m.conn.running() || sites == 0 {
		return tea.Quit
	}
	m.screen.windows.openMenu("Others are still fetching "+format.Plural(sites, "site")+" from you", []dialog.Line{
		{
			Key: "x", Label: "Quit", Detail: "leave all swarms",
			Do: func() tea.Cmd { return tea.Quit },
		},
		{
			Key: "b", Label: "Keep seeding in the background", Detail: "wtptui serve",
			Do: func() tea.Cmd {
				m.cfg.KeepSeeding()
				return tea.Quit
			},
		},
	}, 0)
	return nil
}

// openSortMenu opens the menu of columns to sort by. Choosing the present one reverses the order.
func (m *menus) openSortMenu() {
	now, descending := m.screen.list.Sorted()
	var items []dialog.Line
	at := 0
	for i, c := range columns.All(len(m.conn.fleet()) > 0) {
		it := dialog.Line{Key: c.Letter, Label: c.Name, Detail: c.First}
		if c.ID == now {
			at = i
			arrow := "▲"
			if descending {
				arrow = "▼"
			}
			it.Detail = arrow + " now; choose again to reverse"
		}
		it.Do = func() tea.Cmd { m.screen.list.SortBy(c.ID); return nil }
		items = append(items, it)
	}
	m.screen.windows.openMenu("Sort by", items, at)
}

// openViewsMenu opens the menu that saves the present view or forgets a saved one.
func (m *menus) openViewsMenu() {
	saved := m.screen.list.SavedViews()
	var items []dialog.Line
	if len(saved) < list.MaxSavedViews {
		items = append(items,
			dialog.Line{
				Key: "s", Label: "Save this view", Detail: "with its filter and its order",
				Do: func() tea.Cmd {
					m.openViewNameEntry()
					return nil
				},
			})
	}
	for i, v := range saved {
		items = append(items, dialog.Line{
			Key: fmt.Sprint(i + 6), Label: "Forget “" + format.Text(v.Name) + "”",
			Detail: strings.TrimSpace(format.Text(v.Filter)),
			Do: func() tea.Cmd {
				m.screen.list.SetSavedViews(slices.Delete(m.screen.list.SavedViews(), i, i+1))
				m.screen.toast.Show(engine.Info, "Forgot the view "+v.Name)
				return nil
			},
		})
	}
	m.screen.windows.openMenu("Saved views", items, 0)
}

func (m *menus) openViewNameEntry() {
	m.screen.windows.shown = dialog.NewEntry(m.screen.theme, dialog.Entry{
		Title: "Save this view", Hint: "A short name for it.",
		Value: strings.TrimSpace(format.Cut(m.screen.list.Filter(), 16)), Selected: true,
		Submit: func(f *dialog.Form) (tea.Cmd, bool) {
			name := engine.Clean(f.Text())
			if name == "" {
				return f.ShowError(errors.New("a view needs a name"))
			}
			v := m.screen.list.CurrentView()
			v.Name = name
			m.screen.list.SetSavedViews(append(m.screen.list.SavedViews(), v))
			n := len(m.screen.list.SavedViews())
			m.screen.list.Handle([]keys.Action{keys.Six, keys.Seven, keys.Eight, keys.Nine}[n-1])
			m.screen.toast.Show(engine.Info, fmt.Sprintf("Saved: %d shows %s", n+5, name))
			return nil, false
		},
	})
}
