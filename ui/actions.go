package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/eventlog"
	"wtptui/ui/format"
	"wtptui/ui/help"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/publish"
)

// key finds out what a key means here and does it. Alt with a key that is bound to nothing is Esc, and then the key.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	esc, rest, ok := m.alt.split(msg)
	if !ok {
		return m.singleKey(msg)
	}
	typing := keys.Typing(m.screen.situation())
	cmd := m.singleKey(esc)
	if typing {
		m.alt.endText()
	}
	return join(cmd, m.singleKey(rest))
}

// singleKey does what a key is bound to here; what means nothing is typed, where something can be.
func (m *Model) singleKey(msg tea.KeyPressMsg) tea.Cmd {
	situation, name := m.screen.situation(), keyName(msg)
	b, ok := m.screen.keys.Lookup(name, keys.Stacks()[situation]...)
	if layout.TooSmall(m.screen.w, m.screen.h) && b.Action != keys.Suspend && b.Action != keys.Redraw {
		// Nothing can be seen, so nothing may happen, except that one can leave.
		if name == "q" || b.Action == keys.Quit {
			return tea.Quit
		}
		return nil
	}
	switch {
	case !ok:
		return m.input(msg)
	case !keys.Typing(situation) && m.alt.holdsBack(b, name):
		return nil
	}
	return m.act(b.Action)
}

// input edits the text that is being typed, if any is.
func (m *Model) input(msg tea.Msg) tea.Cmd {
	if cmd, typing := updateSearch(m.screen, msg); typing {
		return cmd
	}
	if m.screen.windows.shown != nil {
		return m.screen.windows.update(msg)
	}
	if m.screen.filter.typing() {
		return m.screen.filter.update(msg)
	}
	return nil
}

// paste goes where something is being typed, and otherwise opens the prompt.
func (m *Model) paste(msg tea.PasteMsg) tea.Cmd {
	msg.Content = format.Typed(msg.Content)
	if keys.Typing(m.screen.situation()) {
		return m.input(msg)
	}
	if w := m.screen.windows.shown; w != nil && slices.Contains(dismissed, w.Situation()) {
		m.screen.windows.shown = nil // An address can be pasted anywhere but where something else is typed or asked.
	}
	switch {
	case m.screen.windows.shown != nil:
		return m.input(msg)
	case layout.TooSmall(m.screen.w, m.screen.h):
	case publish.LooksLikePath(msg.Content):
		return m.publishing.ask(msg.Content)
	default:
		return m.adding.ask(msg.Content)
	}
	return nil
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
	if actSearch(m.screen, a) {
		return nil
	}
	if m.screen.windows.shown != nil {
		return m.screen.windows.act(m.screen.windows.shown, a)
	}
	if m.screen.filter.typing() {
		return m.screen.filter.act(a)
	}
	if _, ok := turns[a]; ok {
		return m.actions.do(a)
	}
	if c, ok := m.own.byAction[a]; ok {
		return m.own.run(c)
	}
	return m.actScreen(a)
}

// actScreen carries out what concerns the screen itself.
func (m *Model) actScreen(a keys.Action) tea.Cmd {
	switch a {
	case keys.Add:
		return m.adding.ask("")
	case keys.ShowHelp:
		m.screen.windows.shown = help.New(m.screen.theme, m.screen.keys)
	case keys.Mouse:
		m.appearance.toggleMouse()
	case keys.Leave:
		switch {
		case m.screen.page != nil:
			m.screen.page = nil
		case m.screen.overTable():
			m.screen.showInspector(false)
		default:
			return m.menus.quit()
		}
	case keys.Back:
		m.back()
	case keys.Undo:
		return m.undoing.undo()
	case keys.Redo:
		return m.undoing.redo()
	case keys.Open:
		return m.browser.openSites()
	case keys.ShowURL:
		return m.browser.openOrShow(a)
	case keys.CopyURL:
		return m.clipboard.copyURLs()
	case keys.PublicHome:
		return m.actions.turnHomes()
	case keys.Stop:
		m.ending.askStop()
	case keys.Freeze:
		m.toggleFrozen()
	case keys.Publish:
		return m.publishing.ask("")
	case keys.Details:
		if m.screen.page != nil {
			return m.actions.choose()
		}
		m.move(a)
	default:
		opened, cmd := m.openWindow(a)
		if !opened {
			m.move(a)
		}
		return cmd
	}
	return nil
}

// openWindow opens the window that an action is for, if it is for one. cmd fills it.
func (m *Model) openWindow(a keys.Action) (opened bool, cmd tea.Cmd) {
	switch a {
	case keys.CopyMenu:
		m.clipboard.menu()
	case keys.SortMenu:
		m.menus.sort()
	case keys.ColumnMenu:
		m.menus.pickColumns()
	case keys.SaveView:
		m.menus.views()
	case keys.Limits:
		m.limits.menu()
	case keys.Enough:
		m.enough.ask()
	case keys.Labels:
		m.labelling.open()
	case keys.SettingsAct:
		m.menus.settings()
	case keys.ShowPalette:
		m.finder.open()
	case keys.Bin:
		return true, m.undoing.openBin()
	case keys.EventLog:
		m.screen.windows.shown = eventlog.NewWindow(m.screen.theme, m.screen.keys, m.news.events, m.screen.now, eventlog.Site{Name: siteName(m.screen), Visit: m.screen.goTo})
	default:
		return false, nil
	}
	return true, nil
}

// move gives an action to the pane that has the keys.
func (m *Model) move(a keys.Action) {
	sc := m.screen
	if sc.page != nil {
		sc.page.Handle(a)
		return
	}
	switch a {
	case keys.Details:
		if s, ok := sc.list.Selected(); ok {
			sc.openPage(s)
		}
	case keys.StartFind:
		sc.filter.start()
	case keys.Inspect:
		sc.showInspector(!sc.inspectorShown())
	case keys.Grow:
		sc.resizeInspector(2)
	case keys.Shrink:
		sc.resizeInspector(-2)
	case keys.NextMatch, keys.PrevMatch:
		if !sc.list.Next(a == keys.PrevMatch) {
			sc.toast.Idle("No match: " + sc.keys.Of(keys.StartFind) + " filters, and then " + sc.keys.Of(keys.NextMatch) + " goes from match to match")
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

// back leaves the innermost layer.
func (m *Model) back() {
	sc := m.screen
	switch {
	case sc.page != nil:
		sc.page = nil
	case sc.list.Marks.Clear():
	case sc.overTable():
		sc.showInspector(false)
	case sc.inspector.Focused():
		sc.focus(false)
	default:
		sc.list.SetFilter("")
	}
}

// toggleFrozen holds the screen still, or lets it go on: what comes meanwhile is kept.
func (m *Model) toggleFrozen() {
	m.drawing.frozen = !m.drawing.frozen
	if !m.drawing.frozen && m.drawing.pending != nil {
		m.showSnapshot(*m.drawing.pending)
	}
	m.drawing.pending = nil
	m.drawing.showNote()
}
