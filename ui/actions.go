package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/eventlog"
	"wtptui/ui/format"
	"wtptui/ui/header"
	"wtptui/ui/help"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/page"
	"wtptui/ui/prompt"
	"wtptui/ui/publish"
)

// situation names the stack of scopes that is in force.
func (m *Model) situation() string {
	switch {
	case m.window != nil:
		return m.window.Situation()
	case m.typing != nil:
		return "filter"
	case m.page != nil:
		return "page"
	}
	return "main"
}

// key finds out what a key means here and does it; what means nothing is typed, where something can be.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	a, ok := m.keys.Find(msg.String(), keys.Stacks()[m.situation()]...)
	if layout.TooSmall(m.w, m.h) && a != keys.Suspend && a != keys.Redraw {
		// Nothing can be seen, so nothing may happen, except that one can leave.
		if msg.String() == "q" || a == keys.Quit {
			return tea.Quit
		}
		return nil
	}
	if ok {
		return m.act(a)
	}
	return m.input(msg)
}

// input edits the text that is being typed, if any is.
func (m *Model) input(msg tea.Msg) tea.Cmd {
	if m.window != nil {
		return m.listen(msg)
	}
	if m.typing != nil {
		var cmd tea.Cmd
		*m.typing, cmd = m.typing.Update(msg)
		m.list.SetFilter(m.typing.Value())
		return cmd
	}
	return nil
}

// paste goes where something is being typed, and otherwise opens the prompt.
func (m *Model) paste(msg tea.PasteMsg) tea.Cmd {
	msg.Content = format.Typed(msg.Content)
	if w := m.window; w != nil && w.Situation() != "palette" && slices.Contains(dismissed, w.Situation()) {
		m.window = nil // An address can be pasted anywhere but where something else is typed or asked.
	}
	switch {
	case m.window != nil || m.typing != nil:
		return m.input(msg)
	case layout.TooSmall(m.w, m.h):
	case publish.LooksLikePath(msg.Content):
		m.askFolder(msg.Content)
	default:
		m.askAddress(msg.Content)
	}
	return nil
}

// askAddress opens the add prompt.
func (m *Model) askAddress(text string) {
	m.window = prompt.New(m.theme, text, func(p *prompt.Pane) tea.Cmd {
		switch {
		case m.phase == header.Broken:
			p.Fail("the engine could not start: quit, mend what it says, and start wtptui again")
		case m.engine == nil:
			p.Fail("the engine is still starting: try again in a moment")
		case m.phase == header.Lost:
			p.Fail("the engine has stopped: start wtptui again")
		default:
			p.Busy(true)
			return m.addCmd(p.Value())
		}
		return nil
	})
}

// act carries out an action, in the innermost place that it is for.
func (m *Model) act(a keys.Action) tea.Cmd {
	switch a {
	case keys.Quit:
		return tea.Quit
	case keys.Suspend:
		return tea.Suspend
	case keys.Redraw:
		return tea.ClearScreen
	}
	if m.window != nil {
		return m.actWindow(m.window, a)
	}
	if m.typing != nil {
		return m.actFilter(a)
	}
	if verb, ok := verbs[a]; ok {
		return m.verb(verb)
	}
	return m.actScreen(a)
}

// actScreen carries out what concerns the screen itself.
func (m *Model) actScreen(a keys.Action) tea.Cmd {
	switch a {
	case keys.Add:
		m.askAddress("")
	case keys.ShowHelp:
		m.window = &help.Pane{Theme: m.theme, Keys: m.keys}
	case keys.Mouse:
		m.toggleMouse()
	case keys.Leave:
		switch {
		case m.page != nil:
			m.page = nil
		case m.overTable():
			m.showInspector(false)
		default:
			return m.leave()
		}
	case keys.Back:
		m.back()
	case keys.Undo:
		return m.undo()
	case keys.Pin, keys.Pause, keys.NoClearnet:
		return m.toggle(a)
	case keys.Remove:
		m.askRemove()
	case keys.Open:
		return m.openSites()
	case keys.ShowURL:
		return m.address(a)
	case keys.CopyURL:
		return m.copyURLs()
	case keys.Freeze:
		m.freeze()
	case keys.Publish:
		m.askFolder("")
	case keys.Details:
		if m.page != nil {
			return m.choose()
		}
		m.move(a)
	default:
		if !m.openWindow(a) {
			m.move(a)
		}
	}
	return nil
}

// openWindow opens the window that an action is for, if it is for one.
func (m *Model) openWindow(a keys.Action) bool {
	switch a {
	case keys.CopyMenu:
		m.copyMenu()
	case keys.SortMenu:
		m.sortMenu()
	case keys.ColumnMenu:
		m.pickColumns()
	case keys.SaveView:
		m.viewMenu()
	case keys.Limits:
		m.limitMenu()
	case keys.SettingsAct:
		m.openSettings()
	case keys.ShowPalette:
		m.openPalette()
	case keys.EventLog:
		m.window = eventlog.NewWindow(m.theme, m.events, m.now, m.visit)
	default:
		return false
	}
	return true
}

// visit closes the window and selects a site.
func (m *Model) visit(host string) tea.Cmd {
	if _, ok := m.list.Find(host); !ok {
		m.toast.Idle(format.Host(host, 40) + " is not here any more")
		return nil
	}
	m.window, m.page = nil, nil
	m.list.Reveal(host)
	return nil
}

// move gives an action to the pane that has the keys.
func (m *Model) move(a keys.Action) {
	if m.page != nil {
		m.page.Handle(a)
		return
	}
	switch a {
	case keys.Details:
		if s, ok := m.list.Selected(); ok {
			m.openPage(s)
		}
	case keys.StartFind:
		in := prompt.Input(m.theme)
		in.SetValue(m.list.Filter())
		in.CursorEnd()
		in.SetWidth(28)
		in.CharLimit = 100
		in.Focus()
		m.typing = &in
	case keys.Inspect:
		m.showInspector(!m.inspecting())
	case keys.Grow:
		m.resize(2)
	case keys.Shrink:
		m.resize(-2)
	case keys.NextMatch, keys.PrevMatch:
		if !m.list.Next(a == keys.PrevMatch) {
			m.toast.Idle("No match: " + m.keys.Of(keys.StartFind) + " filters, and then " + m.keys.Of(keys.NextMatch) + " goes from match to match")
		}
	case keys.Focus:
		m.focus(m.reveal() || !m.inspector.Focused())
	case keys.NextTab, keys.PrevTab:
		if !m.reveal() {
			m.inspector.Handle(a)
		}
	default:
		if m.inspector.Focused() && m.inspector.Handle(a) {
			return
		}
		m.list.Handle(a)
	}
}

// openPage shows the page of a site; its detail is asked for at once.
func (m *Model) openPage(s engine.Site) {
	m.page, m.looked = page.New(m.theme, m.keys, s, m.now), ""
}

// back leaves the innermost layer.
func (m *Model) back() {
	switch {
	case m.page != nil:
		m.page = nil
	case m.list.Marks.Clear():
	case m.overTable():
		m.showInspector(false)
	case m.inspector.Focused():
		m.focus(false)
	default:
		m.list.SetFilter("")
	}
}

func (m *Model) actFilter(a keys.Action) tea.Cmd {
	switch a {
	case keys.Up, keys.Down:
		m.list.Handle(a)
		return nil
	case keys.Cancel:
		m.list.SetFilter("")
	}
	m.typing = nil
	return nil
}
