package confirm

import (
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// Pane is a question.
type Pane struct {
	Theme *theme.Theme
	// Host is what it is about.
	Host string
	// Title and Text ask, Verb is written on the answer that does it.
	Title, Text, Verb string
	yes               bool
}

// Switch marks the other answer.
func (p *Pane) Switch() { p.yes = !p.yes }

// Yes reports whether Yes is marked.
func (p *Pane) Yes() bool { return p.yes }

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
