package picker

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/columns"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the window.
type Pane struct {
	Theme *theme.Theme
	Set   columns.Set
	// Fleet says that sites are on several machines.
	Fleet bool
	// Changed is told of every change.
	Changed func(columns.Set)
	sel     table.Selection
}

func (p *Pane) keyAt(i int) string { return string(p.Set[i].ID) }

// Situation names its keys.
func (*Pane) Situation() string { return "columns" }

// Act moves, changes the selected column, or closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	at := p.sel.Index()
	switch a {
	case keys.Toggle:
		p.Set = p.Set.Toggle(at)
	case keys.Earlier:
		p.Set, at = p.Set.Move(at, -1)
	case keys.Later:
		p.Set, at = p.Set.Move(at, 1)
	case keys.Reset:
		p.Set = columns.Default().InFleet(p.Fleet)
	default:
		return nil, p.sel.Move(a, len(p.Set), p.keyAt)
	}
	p.sel.To(at, len(p.Set), p.keyAt)
	p.Changed(p.Set)
	return nil, true
}

// Click shows or hides the column at line y of the window.
func (p *Pane) Click(_, y int, _ bool) (cmd tea.Cmd, open bool) {
	i, ok := p.sel.RowAt(y-layout.FrameY, len(p.Set))
	if !ok {
		return nil, true
	}
	p.sel.To(i, len(p.Set), p.keyAt)
	return p.Act(keys.Toggle)
}

// View draws the window for a screen of w by h cells.
func (p *Pane) View(w, h int) string {
	inner := min(w-6, 36)
	p.sel.Keep(len(p.Set), p.keyAt)
	lines := make([]string, len(p.Set))
	for i, choice := range p.Set {
		c, _ := columns.Of(choice.ID)
		mark, box, ground := "  ", "[ ] ", theme.Style("")
		switch {
		case choice.Shown:
			box = "[x] "
		case choice.Spare:
			box = "[~] "
		}
		if i == p.sel.Index() {
			mark, ground = "▸ ", p.Theme.Selected
		}
		name := c.Name
		if c.ID == columns.Site {
			name += " (always)"
		}
		if choice.Spare {
			name += " (on wide screens)"
		}
		lines[i] = p.Theme.Cell(p.Theme.Accent, ground).Render(mark+box) + p.Theme.Cell(p.Theme.Text, ground).Render(format.Fit(name, inner-6))
	}
	rows := min(len(lines), max(h-2, 1))
	first := p.sel.Scroll(len(lines), rows)
	text := strings.Join(lines[first:first+rows], "\n")
	return layout.FrameMore(text, "Columns", inner, rows, first > 0, first+rows < len(lines), p.Theme)
}
