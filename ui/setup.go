package ui

import (
	"bytes"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/columns"
	"wtptui/ui/keys"
	"wtptui/ui/settings"
	"wtptui/ui/state"
	"wtptui/ui/theme"
)

// restore sets the screen up as it was in the last run.
func (m *Model) restore() {
	if m.cfg.StateFile == "" {
		return
	}
	s, err := state.Load(m.cfg.StateFile)
	switch {
	case errors.Is(err, state.ErrFuture):
		m.cfg.StateFile = ""
		m.toast.Show(engine.Warning, "The screen is set up as at first: a newer wtptui wrote how it was, and that is kept")
	case err != nil:
		m.toast.Show(engine.Warning, "The screen is set up as at first: "+engine.Message(err))
	}
	m.list.SetSaved(s.Saved)
	m.list.Restore(s.View)
	m.list.Columns = columns.Parse(s.Columns)
	if s.Inspector != nil {
		m.inspect, m.chosen = *s.Inspector, true
	}
	m.size = max(s.InspectorSize, 0)
	if slices.Contains(themes, s.Theme) {
		m.wanted = s.Theme
	}
	m.setup = s
	if s.ASCII != nil {
		m.ascii = m.ascii || *s.ASCII
	}
	if s.Mouse != nil {
		m.mouse = *s.Mouse && !m.cfg.NoMouse
	}
	m.drawUnseen = s.DrawUnseen
	m.kept = m.state().Encode()
}

// state is how the screen is set up now.
func (m *Model) state() state.State {
	s := m.setup // what has not been chosen stays open
	s.View, s.Saved = m.list.Current(), m.list.Saved()
	s.View.Name, s.View.Filter = "", "" // a filter would hide sites from somebody who has forgotten it
	s.Columns = nil
	if set := m.list.Columns; !slices.Equal(set, columns.Default()) {
		s.Columns = set.Strings()
	}
	if m.chosen {
		s.Inspector = &m.inspect
	}
	s.InspectorSize = m.size
	s.Theme = m.wanted
	s.DrawUnseen = m.drawUnseen
	return s
}

// savedMsg reports how keeping the setup went.
type savedMsg struct{ err error }

// keepCmd writes the setup down if it has changed since it was last.
func (m *Model) keepCmd() tea.Cmd {
	path := m.cfg.StateFile
	if path == "" || !m.touched {
		return nil
	}
	m.touched = false
	content := m.state().Encode()
	if bytes.Equal(content, m.kept) {
		return nil
	}
	m.kept = content
	return guarded(func() tea.Msg { return savedMsg{state.Save(path, content)} })
}

// keep writes the setup down when the program ends; there is nobody left to be told if that fails.
func (m *Model) keep() {
	if m.cfg.StateFile == "" || m.crash != nil {
		return
	}
	if content := m.state().Encode(); !bytes.Equal(content, m.kept) {
		_ = state.Save(m.cfg.StateFile, content)
	}
}

// The themes that a person can choose from.
const (
	themeAuto     = ""
	themeDark     = "dark"
	themeLight    = "light"
	themeContrast = "high contrast"
	themeNone     = "none"
)

var themes = []string{themeAuto, themeDark, themeLight, themeContrast, themeNone}

// onOff are the values of a switch.
var onOff = []string{"on", "off"}

func onOffOf(on bool) string {
	if on {
		return onOff[0]
	}
	return onOff[1]
}

// openSettings shows how the screen is set up.
func (m *Model) openSettings() {
	p := &settings.Pane{Theme: m.theme, Items: []settings.Item{
		m.themeItem(),
		m.switchItem("ASCII only", "Nothing but ASCII signs, for terminals and fonts that know no others.", func() bool { return m.ascii }, func(on bool) {
			m.ascii, m.setup.ASCII = on, &on
			m.setLook()
		}),
		m.switchItem("Mouse", "A click selects and the wheel scrolls; off, the terminal selects text.", func() bool { return m.mouse }, m.setMouse),
		m.switchItem("Inspector", "What is known of the selected site, below the table.", m.inspecting, func(on bool) {
			m.showInspector(on)
		}),
		m.switchItem("Draw without focus", "Goes on drawing while the terminal says that it has no focus.", func() bool { return m.drawUnseen }, func(on bool) {
			m.drawUnseen = on
		}),
		{Name: "Columns", Open: m.closing(func() tea.Cmd { m.pickColumns(); return nil }), Help: func() string { return "Which columns there are, and in which order." }},
		{Name: "Sort by", Open: m.closing(func() tea.Cmd { m.sortMenu(); return nil }), Help: func() string { return "The column by which sites are sorted." }},
		{Name: "Saved views", Open: m.closing(func() tea.Cmd { m.viewMenu(); return nil }), Help: func() string { return "Views with a filter and an order of their own." }},
		{Name: "Rate limits", Open: m.closing(func() tea.Cmd { m.limitMenu(); return nil }), Help: func() string { return "How much may be transferred per second." }},
	}}
	p.Notes = []string{"Keys and all else: wtptui config show"}
	m.window = p
}

func (m *Model) themeItem() settings.Item {
	return settings.Item{
		Name: "Theme", Values: []string{"auto", themeDark, themeLight, themeContrast, themeNone},
		Get: func() string {
			if m.wanted == themeAuto {
				return "auto"
			}
			return m.wanted
		},
		Set: func(v string) {
			if v == "auto" {
				v = themeAuto
			}
			m.wanted = v
			m.setLook()
		},
		Help: func() string {
			if m.colorless() {
				return "This terminal shows no colours, or NO_COLOR is set."
			}
			return "Now: " + m.theme.Name + ". auto goes by the terminal's background."
		},
	}
}

func (m *Model) switchItem(name, help string, get func() bool, set func(bool)) settings.Item {
	return settings.Item{
		Name: name, Values: onOff, Help: func() string { return help },
		Get: func() string { return onOffOf(get()) }, Set: func(v string) { set(v == onOff[0]) },
	}
}

func (m *Model) setMouse(on bool) {
	m.mouse, m.setup.Mouse = on, &on
}

// toggleMouse says what the mouse does from now on.
func (m *Model) toggleMouse() {
	m.setMouse(!m.mouse)
	text := "Mouse off: the terminal selects text"
	if m.mouse {
		text = "Mouse on: click selects, the wheel scrolls"
	}
	m.toast.Show(engine.Info, text+"; "+m.keys.Of(keys.Mouse)+" changes it back")
}

// pickTheme gives the look that was chosen, as far as the terminal can show it.
func (m *Model) pickTheme() theme.Theme {
	switch m.wanted {
	case themeDark:
		return theme.Dark()
	case themeLight:
		return theme.Light()
	case themeContrast:
		return theme.Contrast(m.light)
	}
	if m.light {
		return theme.Light()
	}
	return theme.Dark()
}
