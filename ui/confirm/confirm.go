package confirm

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// Pane is a question.
type Pane struct {
	Theme *theme.Theme
	// Title and Text ask, Verb is written on the answer that does it.
	Title, Text, Verb string
	// Do does it.
	Do  func() tea.Cmd
	yes bool
}

// Situation names its keys.
func (*Pane) Situation() string { return "confirm" }

// Act answers the question, or marks the other answer.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	switch {
	case a == keys.Switch:
		p.yes = !p.yes
		return nil, true
	case a == keys.Yes, a == keys.Accept && p.yes:
		return p.Do(), false
	}
	return nil, false
}

// View draws the window for a screen of w cells.
func (p *Pane) View(w, _ int) string {
	inner := min(w-6, 64)
	lines := []string{""}
	lines = append(lines, format.Wrap(p.Text, inner)...)
	no, yes := "  No  ", "  "+p.Verb+"  "
	if p.yes {
		yes = p.Theme.Bad.With("7").Render("▸ " + p.Verb + " ")
	} else {
		no = p.Theme.Strong.With("7").Render("▸ No  ")
	}
	lines = append(lines, "", no+"   "+yes)
	return layout.Frame(strings.Join(lines, "\n"), p.Title, inner, len(lines), p.Theme)
}
