package menu

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Item is one line of a menu.
type Item struct {
	// Key is a letter that chooses it at once, none of those that move in a list; empty for none.
	Key string
	// Label says what it is, Hint what it would give.
	Label, Hint string
	// Do does it. It closes the menu itself, if it is to be closed.
	Do func() tea.Cmd
}

// Pane is a menu.
type Pane struct {
	theme *theme.Theme
	title string
	items []Item
	// now gives the items anew; nil for a menu that stays as it was opened.
	now func() []Item
	sel table.Selection
}

// New makes a menu in which item at is selected; there has to be at least one.
func New(th *theme.Theme, title string, items []Item, at int) *Pane {
	p := &Pane{theme: th, title: title, items: items}
	p.sel.To(at, len(items), p.keyAt)
	return p
}

// NewLive makes a menu whose items change with what they show: now gives them whenever Refresh is called, at least one
// each time. An item that is still there should keep its place and its key, since somebody may be about to press it.
func NewLive(th *theme.Theme, title string, now func() []Item) *Pane {
	p := New(th, title, now(), 0)
	p.now = now
	return p
}

// Refresh shows what has changed.
func (p *Pane) Refresh() {
	if p.now != nil {
		p.items = p.now()
	}
}

func (p *Pane) keyAt(i int) string { return p.items[i].Label }

// Situation names its keys.
func (*Pane) Situation() string { return "menu" }

// Act moves, takes the selected item, or closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if a == keys.Accept {
		return p.items[p.sel.Index()].Do(), true
	}
	return nil, p.sel.Move(a, len(p.items), p.keyAt)
}

// Update takes an item's letter.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	for _, it := range p.items {
		if it.Key != "" && it.Key == press.String() {
			return it.Do()
		}
	}
	return nil
}

// Click takes the item at line y of the window.
func (p *Pane) Click(_, y int, _ bool) (cmd tea.Cmd, open bool) {
	if i, ok := p.sel.RowAt(y-layout.FrameY, len(p.items)); ok {
		return p.items[i].Do(), true
	}
	return nil, true
}

// View draws the window for a screen of w by h cells.
func (p *Pane) View(w, h int) string {
	label, hint := 0, 0
	for _, it := range p.items {
		label, hint = max(label, format.Width(it.Label)), max(hint, format.Width(it.Hint))
	}
	inner := min(w-6, max(len("▸ k  ")+label+2+hint, format.Width(p.title)+4, 28))
	lines := make([]string, len(p.items))
	for i, it := range p.items {
		mark, ground := "  ", theme.Style("")
		if i == p.sel.Index() {
			mark, ground = "▸ ", p.theme.Selected
		}
		line := p.theme.Cell(p.theme.Accent, ground).Render(mark+format.Fit(it.Key, 3)) +
			p.theme.Cell(p.theme.Text, ground).Render(format.Fit(it.Label, label)+"  ")
		line += p.theme.Cell(p.theme.Dim, ground).Render(format.Fit(it.Hint, max(inner-format.Width(line), 0)))
		lines[i] = format.Cut(line, inner)
	}
	rows := min(len(lines), max(h-2, 1))
	first := p.sel.Scroll(len(lines), rows)
	text := strings.Join(lines[first:first+rows], "\n")
	return layout.FrameMore(text, p.title, inner, rows, first > 0, first+rows < len(lines), p.theme)
}
