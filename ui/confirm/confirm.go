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
	// line is where the answers stood in the text when it was last drawn.
	line int
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

// Click gives the answer at x, y of the window.
func (p *Pane) Click(x, y int, _ bool) (cmd tea.Cmd, open bool) {
	x, y = x-layout.FrameX, y-layout.FrameY
	switch {
	case y != p.line || x < 0:
	case x < len(no):
		return nil, false
	case x >= len(no)+len(gap) && x < len(no)+len(gap)+len(blank)+len(p.Verb)+len(blank):
		return p.Do(), false
	}
	return nil, true
}

// The answers are written with room for the mark of the one that is marked.
const (
	blank = "  "
	no    = blank + "No" + blank
	gap   = "   "
)

// View draws the window for a screen of w cells.
func (p *Pane) View(w, _ int) string {
	inner := min(w-6, 64)
	lines := []string{""}
	lines = append(lines, format.Wrap(p.Text, inner)...)
	left, right := no, blank+p.Verb+blank
	if p.yes {
		right = p.Theme.Bad.With("7").Render("▸ " + p.Verb + blank)
	} else {
		left = p.Theme.Strong.With("7").Render("▸ No" + blank)
	}
	p.line = len(lines) + 1
	lines = append(lines, "", left+gap+right)
	return layout.Frame(strings.Join(lines, "\n"), p.Title, inner, len(lines), p.Theme)
}
