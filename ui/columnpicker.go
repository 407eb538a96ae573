package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/columns"
	"wtptui/ui/dialog"
	"wtptui/ui/keys"
)

// openColumns opens the window in which columns are chosen and ordered. Changes are visible at once.
func (m *menus) openColumns() {
	fleet := len(m.conn.fleet()) > 0
	set := m.screen.list.Columns.ForFleet(fleet)
	m.screen.windows.shown = dialog.NewList(dialog.List{
		Theme: m.screen.theme, Title: "Columns", Scopes: "columns", Width: 36,
		Load:    func() []dialog.Line { return columnLines(set) },
		OnClick: func(int, int) keys.Action { return keys.Toggle },
		Choose: func(a keys.Action, i int) (tea.Cmd, bool) {
			switch a {
			case keys.Toggle:
				set = set.Toggle(i)
			case keys.Earlier:
				set, _ = set.Move(i, -1)
			case keys.Later:
				set, _ = set.Move(i, 1)
			case keys.Reset:
				set = columns.Default().ForFleet(fleet)
			}
			m.screen.list.Columns = set
			return nil, true
		},
	}, 0)
}

// columnLines returns a line for each column, in their order.
func columnLines(set columns.Set) []dialog.Line {
	lines := make([]dialog.Line, len(set))
	for i, choice := range set {
		c, _ := columns.ByID(choice.ID)
		line := dialog.Line{ID: string(c.ID), Box: "[ ]", Label: c.Name}
		switch {
		case c.ID == columns.Site:
			line.Box = "[x]"
			line.Label += " (always)"
		case choice.Shown:
			line.Box = "[x]"
		case choice.Spare:
			line.Box = "[~]"
			line.Label += " (on wide screens)"
		}
		lines[i] = line
	}
	return lines
}
