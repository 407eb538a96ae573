package publish

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// step is one step on the way from a folder to a site, or the work between two of them. It owns what it shows, and asks
// the pane for everything that concerns the others.
type step interface {
	// situation names the step's keys.
	situation() string
	// act carries out one of them.
	act(a keys.Action) (tea.Cmd, transition)
	// idle reports whether one of them has nothing to do now.
	idle(a keys.Action) bool
	// click returns the action that a click at x, y means; empty for none.
	click(x, y int, twice bool) keys.Action
	// view draws the step in w by h cells.
	view(w, h int) []string
}

// transition is what a step wants the pane to do.
type transition int

const (
	nothing  transition = iota
	toFolder            // show the folder step
	toCheck             // show what was found
	toReview            // show what would be published
	doCheck             // let the engine look at the folder, to see what it finds
	// let the engine look at the folder with the decisions made so far, to see what would be published
	doReview
	doPublish // let the engine publish it
	doStop    // end what is under way
	doClose   // close the window
)

// problem is what went wrong last, as a sentence for a person; empty when nothing has. All steps share one.
type problem struct {
	theme *theme.Theme
	text  string
}

// view returns the problem, wrapped, and an empty line; nothing when there is none.
func (p *problem) view(w int) []string {
	if p.text == "" {
		return nil
	}
	var out []string
	for _, l := range format.Wrap("✗ "+format.Text(p.text), max(w-4, 10)) {
		out = append(out, "  "+p.theme.Bad.Render(l))
	}
	return append(out, "")
}
