package notice

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// Pane is an address with a title and what to know about it.
type Pane struct {
	Theme *theme.Theme
	Title string
	// URL is what is copied.
	URL string
	// Lines are below it.
	Lines []string
	// Copy copies the address.
	Copy func() tea.Cmd
}

// Situation names its keys.
func (*Pane) Situation() string { return "notice" }

// Act copies the address or not; either way the window closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if a == keys.CopyURL {
		return p.Copy(), false
	}
	return nil, false
}

// View draws the window for a screen of w cells.
func (p *Pane) View(w, _ int) string {
	inner := min(w-6, 90)
	lines := []string{""}
	for _, l := range format.Break(p.URL, inner) {
		lines = append(lines, p.Theme.Accent.Bold().Render(l))
	}
	lines = append(lines, "")
	for _, l := range p.Lines {
		lines = append(lines, format.Wrap(l, inner)...)
	}
	return layout.Frame(strings.Join(lines, "\n"), p.Title, inner, len(lines), p.Theme)
}
