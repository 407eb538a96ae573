package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/keys"
	"wtptui/ui/question"
	"wtptui/ui/theme"
)

// window is a pane that is drawn over the screen and gets all keys until it closes. A new one is added in three steps:
// its scope and keys in package keys, its list or form (package dialog), and the action that opens it in commands.go.
//
// A window knows neither the engine nor the model: whatever it may do is passed to it as a function, which runs within
// Update and returns the command that does it. closing makes such a function of one that must run when the window is
// closed.
type window interface {
	// Situation names the stack of scopes (keys.Stacks) that is in force while the window is open.
	Situation() string
	// Act carries out an action of these scopes. It returns the command to run, and reports whether the window stays open.
	Act(a keys.Action) (cmd tea.Cmd, open bool)
	// View draws the window for a screen of w by h cells, above the toast line and the footer.
	View(w, h int) string
}

// updater is a window that also handles messages other than actions: keys without a binding (typed text), pastes, and
// the messages of its own commands.
type updater interface {
	Update(msg tea.Msg) tea.Cmd
}

// clickable is a window that handles clicks: x and y count from the upper left corner of what View returns, and twice
// reports whether this is the second click in a row at this place. The results are as for Act.
type clickable interface {
	Click(x, y int, twice bool) (cmd tea.Cmd, open bool)
}

// snapshotWatcher is a window that gets each snapshot.
type snapshotWatcher interface {
	Watch(snap engine.Snapshot) tea.Cmd
}

// refresher is a window that shows what has changed when there is a new snapshot.
type refresher interface{ Refresh() }

// effectReporter is a window some of whose actions have no effect at times; the footer then leaves them out.
type effectReporter interface{ HasNoEffect(a keys.Action) bool }

// fullWindow is a window that takes the place of everything between header and toast line; its View is then called with
// exactly that size.
type fullWindow interface{ Full() }

// windows holds the window that is open.
type windows struct {
	theme *theme.Theme
	shown window // nil when nothing lies on the screen
}

// askQuestion asks a person before it calls do.
func (ws *windows) askQuestion(q question.Question, do func() tea.Cmd) {
	ws.shown = dialog.NewQuestion(ws.theme, q.Title, q.Text, q.Verb, do)
}

// openMenu opens a menu in which line at is selected. It closes before it carries out a line.
func (ws *windows) openMenu(title string, lines []dialog.Line, at int) {
	ws.showMenu(title, func() []dialog.Line { return slices.Clone(lines) }, at)
}

// openLiveMenu opens a menu whose lines change with what they show. load returns a new slice each time.
func (ws *windows) openLiveMenu(title string, load func() []dialog.Line) { ws.showMenu(title, load, 0) }

func (ws *windows) showMenu(title string, load func() []dialog.Line, at int) {
	ws.shown = dialog.NewList(dialog.List{
		Theme: ws.theme, Title: title, Scopes: "menu",
		Load: func() []dialog.Line {
			lines := load()
			for i := range lines {
				lines[i].Do = ws.closing(lines[i].Do)
			}
			return lines
		},
	}, at)
}

// actOn passes an action to a window.
func (ws *windows) actOn(w window, a keys.Action) tea.Cmd {
	cmd, open := w.Act(a)
	return ws.closeAnswered(w, cmd, open)
}

// closeAnswered closes a window that reports that it does not stay open.
func (ws *windows) closeAnswered(w window, cmd tea.Cmd, open bool) tea.Cmd {
	if !open && ws.shown == w {
		ws.shown = nil
	}
	return guardPaneCmd(cmd)
}

// update passes a message to the window, if it handles any.
func (ws *windows) update(msg tea.Msg) tea.Cmd {
	if l, ok := ws.shown.(updater); ok {
		return guardPaneCmd(l.Update(msg))
	}
	return nil
}

// watch passes a snapshot to the window, if it handles any.
func (ws *windows) watch(snap engine.Snapshot) tea.Cmd {
	if w, ok := ws.shown.(snapshotWatcher); ok {
		return guardPaneCmd(w.Watch(snap))
	}
	return nil
}

// closing returns a function that closes the window before it calls do, which may open another one.
func (ws *windows) closing(do func() tea.Cmd) func() tea.Cmd {
	return func() tea.Cmd {
		ws.shown = nil
		return do()
	}
}

// guardPaneCmd guards a command that a pane has made.
func guardPaneCmd(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return guardPanic(cmd)
}
