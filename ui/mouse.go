package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/keys"
	"wtptui/ui/layout"
)

// wheelRows is how far one notch of the wheel goes.
const wheelRows = 3

// click selects what was clicked at: a view, a row, a column to sort by, a tab.
func (m *Model) click(e tea.Mouse) tea.Cmd {
	if e.Button != tea.MouseLeft || m.window != nil || m.phase != running || layout.TooSmall(m.w, m.h) {
		return nil
	}
	s := m.screen()
	switch {
	case m.page != nil:
		m.page.Click(e.X, e.Y-s.Body().Y)
	case s.Tabs.Contains(e.X, e.Y):
		m.list.ClickTabs(e.X)
	case s.Table.Contains(e.X, e.Y):
		m.focus(false)
		m.list.Click(e.X, e.Y-s.Table.Y, s.Table.W)
	case s.Inspector.Contains(e.X, e.Y):
		m.focus(true)
		if e.Y == s.Inspector.Y {
			m.inspector.Click(e.X)
		}
	}
	return nil
}

// wheel scrolls what is under it.
func (m *Model) wheel(e tea.Mouse) {
	a := keys.Down
	switch e.Button {
	case tea.MouseWheelUp:
		a = keys.Up
	case tea.MouseWheelDown:
	default:
		return
	}
	if layout.TooSmall(m.w, m.h) || m.phase != running {
		return
	}
	over := m.inspector.Handle
	switch {
	case m.window != nil:
		w := m.window
		if _, found := m.keys.Find("up", keys.Stacks()[w.Situation()]...); !found {
			return
		}
		over = func(a keys.Action) bool {
			_, open := w.Act(a)
			return open
		}
	case m.page != nil:
		over = m.page.Handle
	case m.screen().Table.Contains(e.X, e.Y):
		over = m.list.Handle
	}
	for range wheelRows {
		over(a)
	}
}
