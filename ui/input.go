package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/help"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/publish"
)

// input turns keys, pastes and the mouse into actions, and passes each to the innermost place that it is for.
type input struct {
	screen   *screen
	follower *follower
	commands *commands
	alt      *altKeys
	mouse    *mouse
}

func newInput(m *Model) input {
	return input{
		screen: m.screen, follower: m.follower, commands: m.commands, alt: &altKeys{cfg: m.cfg, screen: m.screen},
		mouse: &mouse{
			cfg: m.cfg, conn: m.conn, screen: m.screen, frame: m.display.frame, drawState: m.display.drawState,
			act: m.input.doAction,
		},
	}
}

// handle handles a key, a paste or a press of the mouse's button.
func (in *input) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return in.handleKey(msg)
	case tea.PasteMsg:
		return in.handlePaste(msg)
	case tea.MouseClickMsg:
		return in.mouse.handlePress(msg.Mouse())
	}
	return nil
}

// handleKey carries out the action of a key. Alt with a key that has no binding is Esc, and then the key.
func (in *input) handleKey(msg tea.KeyPressMsg) tea.Cmd {
	esc, key, ok := in.alt.splitAlt(msg)
	if !ok {
		return in.handleSingleKey(msg)
	}
	typing := keys.Typing(in.screen.situation())
	cmd := in.handleSingleKey(esc)
	if typing {
		in.alt.noteTextEnd()
	}
	return joinCmds(cmd, in.handleSingleKey(key))
}

// handleSingleKey carries out the action of a key; a key without a binding is typed, where something can be.
func (in *input) handleSingleKey(msg tea.KeyPressMsg) tea.Cmd {
	situation, name := in.screen.situation(), keyName(msg)
	b, ok := in.screen.keys.BindingOf(name, keys.Stacks()[situation]...)
	if layout.TooSmall(in.screen.w, in.screen.h) && b.Action != keys.Suspend && b.Action != keys.Redraw {
		// Nothing can be seen, so nothing may happen, except that one can leave.
		if name == "q" || b.Action == keys.Quit {
			return tea.Quit
		}
		return nil
	}
	switch {
	case !ok:
		return in.editText(msg)
	case !keys.Typing(situation) && in.alt.suppresses(b, name):
		return nil
	}
	return in.doAction(b.Action)
}

// editText edits the text that is being typed, if any is.
func (in *input) editText(msg tea.Msg) tea.Cmd {
	if cmd, typing := in.editSearch(msg); typing {
		return cmd
	}
	if in.screen.windows.shown != nil {
		return in.screen.windows.update(msg)
	}
	if in.screen.filter.typing() {
		return in.screen.filter.update(msg)
	}
	return nil
}

// handlePaste pastes where something is being typed, and otherwise opens the prompt.
func (in *input) handlePaste(msg tea.PasteMsg) tea.Cmd {
	msg.Content = format.CleanTyped(msg.Content)
	if keys.Typing(in.screen.situation()) {
		return in.editText(msg)
	}
	if w := in.screen.windows.shown; w != nil && slices.Contains(dismissed, w.Situation()) {
		in.screen.windows.shown = nil // An address can be pasted anywhere but where something else is typed or asked.
	}
	switch {
	case in.screen.windows.shown != nil:
		return in.editText(msg)
	case layout.TooSmall(in.screen.w, in.screen.h):
	case publish.LooksLikePath(msg.Content):
		return in.commands.publisher.openWindow(msg.Content)
	default:
		return in.commands.addPrompt.open(msg.Content)
	}
	return nil
}

// doAction carries out an action, in the innermost place that it is for.
func (in *input) doAction(a keys.Action) tea.Cmd {
	switch a {
	case keys.Quit:
		return tea.Quit
	case keys.Suspend:
		return tea.Suspend
	case keys.Redraw:
		return tea.ClearScreen
	}
	if in.doSearchAction(a) {
		return nil
	}
	if in.screen.windows.shown != nil {
		return in.screen.windows.actOn(in.screen.windows.shown, a)
	}
	if in.screen.filter.typing() {
		return in.screen.filter.act(a)
	}
	if cmd, ok := in.commands.doAction(a); ok {
		return cmd
	}
	return in.doScreenAction(a)
}

// doScreenAction carries out an action that concerns the screen itself.
func (in *input) doScreenAction(a keys.Action) tea.Cmd {
	switch a {
	case keys.ShowHelp:
		in.screen.windows.shown = help.New(in.screen.theme, in.screen.keys)
	case keys.EventLog:
		in.follower.openEventLog()
	case keys.Freeze:
		in.follower.toggleFrozen()
	case keys.Leave:
		return in.leaveOrQuit()
	case keys.Back:
		in.leaveLayer()
	case keys.Details:
		if in.screen.page != nil {
			return in.commands.actions.doSelected()
		}
		in.doPaneAction(a)
	default:
		in.doPaneAction(a)
	}
	return nil
}

// leaveOrQuit leaves the page or the inspector that covers the table, or the program.
func (in *input) leaveOrQuit() tea.Cmd {
	switch {
	case in.screen.page != nil:
		in.screen.page = nil
	case in.screen.inspectorCoversTable():
		in.screen.showInspector(false)
	default:
		return in.commands.menus.quitOrAsk()
	}
	return nil
}

// doPaneAction passes an action to the pane that has the keys.
func (in *input) doPaneAction(a keys.Action) {
	sc := in.screen
	if sc.page != nil {
		sc.page.Handle(a)
		return
	}
	switch a {
	case keys.Details:
		if s, ok := sc.list.Selected(); ok {
			sc.openPage(s)
		}
	case keys.StartSearch:
		sc.filter.startTyping()
	case keys.ToggleInspector:
		sc.showInspector(!sc.inspectorShown())
	case keys.Grow:
		sc.resizeInspector(2)
	case keys.Shrink:
		sc.resizeInspector(-2)
	case keys.NextMatch, keys.PrevMatch:
		if !sc.list.NextMatch(a == keys.PrevMatch) {
			sc.toast.ShowNothingDone("No match: " + sc.keys.FirstKey(keys.StartSearch) + " filters, and then " +
				sc.keys.FirstKey(keys.NextMatch) + " goes from match to match")
		}
	case keys.Focus:
		sc.focus(sc.revealInspector() || !sc.inspector.Focused())
	case keys.NextTab, keys.PrevTab:
		if !sc.revealInspector() {
			sc.inspector.Handle(a)
		}
	default:
		if sc.inspector.Focused() && sc.inspector.Handle(a) {
			return
		}
		sc.list.Handle(a)
	}
}

// leaveLayer leaves the innermost layer.
func (in *input) leaveLayer() {
	sc := in.screen
	switch {
	case sc.page != nil:
		sc.page = nil
	case sc.list.Marks.Clear():
	case sc.inspectorCoversTable():
		sc.showInspector(false)
	case sc.inspector.Focused():
		sc.focus(false)
	default:
		sc.list.SetFilter("")
	}
}
