package settings

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/search"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Item is one setting.
type Item struct {
	// Name says what it is, Help what its present value means.
	Name string
	Help func() string
	// Values are all there are, and Get and Set the present one. Without values it is a door: Open opens what is behind.
	Values []string
	Get    func() string
	Set    func(string)
	Open   func() tea.Cmd
}

// Pane is the window.
type Pane struct {
	Theme *theme.Theme
	Items []Item
	// Notes are lines below the settings: what is set elsewhere.
	Notes []string
	sel   table.Selection
	find  search.Search
}

// Rows is the number of settings.
func (p *Pane) Rows() int { return len(p.Items) }

// RowText is what a setting is called, and what it does or is set to.
func (p *Pane) RowText(i int) string {
	it := &p.Items[i]
	text := it.Name
	if it.Open == nil {
		text += "\n" + strings.Join(it.Values, "\n")
	}
	if it.Help != nil {
		text += "\n" + it.Help()
	}
	return text
}

// Index is the selected setting.
func (p *Pane) Index() int { return p.sel.Index() }

// To selects a setting.
func (p *Pane) To(i int) { p.sel.To(i, len(p.Items), p.keyAt) }

// Search is the search in the settings.
func (p *Pane) Search() *search.Search { return p.find.In(p, p.Theme) }

func (p *Pane) keyAt(i int) string { return p.Items[i].Name }

// Situation names its keys.
func (*Pane) Situation() string { return "settings" }

// Act moves, changes the selected setting, or closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	it := &p.Items[p.sel.Index()]
	switch {
	case a == keys.Next && it.Open != nil:
		return it.Open(), true
	case a == keys.Next:
		it.step(1)
	case a == keys.Previous && it.Open == nil:
		it.step(-1)
	case a == keys.Previous:
	default:
		return nil, p.sel.Move(a, len(p.Items), p.keyAt)
	}
	return nil, true
}

// Click selects the setting at line y of the window. A click at its value also changes it, at the value's left edge to the
// previous one.
func (p *Pane) Click(x, y int, _ bool) (cmd tea.Cmd, open bool) {
	i := y - layout.FrameY
	if i < 0 || i >= len(p.Items) {
		return nil, true
	}
	p.sel.To(i, len(p.Items), p.keyAt)
	switch value := layout.FrameX + nameWidth + 3; {
	case x < value && p.Items[i].Open == nil:
		return nil, true
	case x <= value && p.Items[i].Open == nil:
		return p.Act(keys.Previous)
	}
	return p.Act(keys.Next)
}

// nameWidth is the width of the column of names.
const nameWidth = 20

func (it *Item) step(d int) {
	n := len(it.Values)
	it.Set(it.Values[(max(slices.Index(it.Values, it.Get()), 0)+d+n)%n])
}

// View draws the window for a screen of w by h cells.
func (p *Pane) View(w, h int) string {
	inner := min(w-6, 70)
	p.sel.Keep(len(p.Items), p.keyAt)
	p.find.Changed()
	found := p.find.Query()
	var lines []string
	for i := range p.Items {
		it := &p.Items[i]
		mark, ground := "  ", theme.Style("")
		if i == p.sel.Index() {
			mark, ground = "▸ ", p.Theme.Selected
		}
		value := "…"
		if it.Open == nil {
			value = "‹ " + it.Get() + " ›"
		}
		lines = append(lines, p.Theme.Cell(p.Theme.Accent, ground).Render(mark)+
			found.Render(format.Fit(it.Name, nameWidth)+" ", p.Theme, p.Theme.Text, ground)+
			found.Render(format.Fit(value, inner-nameWidth-3), p.Theme, p.Theme.Accent, ground))
	}
	lines = append(lines, "")
	if help := p.Items[p.sel.Index()].Help; help != nil {
		for _, l := range format.Wrap(help(), inner) {
			lines = append(lines, found.Mark(l, p.Theme, ""))
		}
	}
	// The notes keep their place, however many lines the help has.
	for len(lines) < len(p.Items)+3 {
		lines = append(lines, "")
	}
	for _, n := range p.Notes {
		for _, l := range format.Wrap(n, inner) {
			lines = append(lines, p.Theme.Dim.Render(l))
		}
	}
	lines = lines[:min(len(lines), max(h-2, 1))]
	return layout.Frame(strings.Join(lines, "\n"), "Settings", inner, len(lines), p.Theme)
}
