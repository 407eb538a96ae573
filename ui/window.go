package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/keys"
	"wtptui/ui/question"
)

// watchWindow gives a snapshot to the window, if it wants any.
func (sc *screen) watchWindow(snap engine.Snapshot) tea.Cmd {
	if w, ok := sc.window.(watcher); ok {
		return shielded(w.Watch(snap))
	}
	return nil
}

// window is a pane that lies on top of the screen and gets all keys until it closes. A new one is added in three steps:
// its scope and keys in package keys, its package below this one, and the action that opens it in actScreen.
//
// A window knows neither the engine nor the model: whatever it may cause is given to it as a function, which runs within
// Update and returns the command that does it. closing makes such a function of one that is to run when the window is
// gone.
type window interface {
	// Situation names the stack of scopes (keys.Stacks) that is in force while the window is open.
	Situation() string
	// Act carries out an action of these scopes. It gives what is to be done, and reports whether the window stays.
	Act(a keys.Action) (cmd tea.Cmd, open bool)
	// View draws the window for a screen of w by h cells, above the toast line and the footer.
	View(w, h int) string
}

// listener is a window that also takes what is no action: keys that mean nothing here (typed text), pastes, and what its
// own commands report.
type listener interface {
	Update(msg tea.Msg) tea.Cmd
}

// clickable is a window in which a click means something: x and y count from the upper left corner of what View gives, and
// twice says that this is the second click in a row at this place. The rest is as for Act.
type clickable interface {
	Click(x, y int, twice bool) (cmd tea.Cmd, open bool)
}

// choosy is a window some of whose actions have nothing to do at times; the footer then leaves them out.
type choosy interface{ Idle(a keys.Action) bool }

// fullWindow is a window that takes the place of everything between header and toast line; its View is then asked for
// exactly that size.
type fullWindow interface{ Full() }

// actWindow gives an action to the window.
func (sc *screen) actWindow(w window, a keys.Action) tea.Cmd {
	cmd, open := w.Act(a)
	return sc.closeAnswered(w, cmd, open)
}

// closeAnswered closes a window that does not want to stay.
func (sc *screen) closeAnswered(w window, cmd tea.Cmd, open bool) tea.Cmd {
	if !open && sc.window == w {
		sc.window = nil
	}
	return shielded(cmd)
}

// updateWindow gives a message to the window, if it takes any.
func (sc *screen) updateWindow(msg tea.Msg) tea.Cmd {
	if l, ok := sc.window.(listener); ok {
		return shielded(l.Update(msg))
	}
	return nil
}

// closing makes a function that closes the window before it does something, which may open another one.
func (sc *screen) closing(do func() tea.Cmd) func() tea.Cmd {
	return func() tea.Cmd {
		sc.window = nil
		return do()
	}
}

// ask asks a person before something is done.
func (sc *screen) ask(q question.Question, do func() tea.Cmd) {
	sc.window = dialog.Ask(sc.theme, q.Title, q.Text, q.Verb, do)
}

// shielded guards a command that a pane has made.
func shielded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return guarded(cmd)
}
