package publish

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// step is one step on the way from a folder to a site, or the work between two of them. It owns what it shows, and
// requests everything that concerns the other steps from the pane.
type step interface {
	// situation names the stack of scopes that is in force.
	situation() string
	// act carries out an action of these scopes.
	act(a keys.Action) (tea.Cmd, transition)
	// hasNoEffect reports whether an action has no effect now.
	hasNoEffect(a keys.Action) bool
	// click returns the action of a click at x, y; empty for none.
	click(x, y int, twice bool) keys.Action
	// view draws the step in w by h cells.
	view(w, h int) []string
}

// transition is what the pane does after an action.
type transition int

const (
	nothing  transition = iota
	toFolder            // show the folder step
	toCheck             // show what was found
	toReview            // show what would be published
	doCheck             // let the engine look at the folder, to see what it finds
	// let the engine check the folder with the decisions made so far, to see what would be published
	doReview
	doPublish // let the engine publish it
	doStop    // end what is under way
	doClose   // close the window
)

// problem is the last error, as a sentence for a person; empty for none. All steps share it.
type problem struct {
	theme *theme.Theme
	text  string
}

// view returns the problem, wrapped, and an empty line; nothing when there is none.
func (p *problem) view(w int) []string {
	if p.text == "" {
		return nil
	}
	return append(layout.Paragraph("✗ "+format.Text(p.text), w, p.theme.Bad), "")
}
