package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/dialog"
	"wtptui/ui/keys"
)

// setting is a property of the screen that a person can set.
type setting struct {
	name string
	// help returns what the present value means.
	help func() string
	// values are all possible values. A setting without values has a window of its own, which open opens.
	values []string
	get    func() string
	set    func(string)
	open   func() tea.Cmd
}

// onOffValues are the values of a switch.
var onOffValues = []string{"on", "off"}

func onOffText(on bool) string {
	if on {
		return onOffValues[0]
	}
	return onOffValues[1]
}

func switchSetting(name, help string, get func() bool, set func(bool)) setting {
	return setting{
		name: name, values: onOffValues, help: func() string { return help },
		get: func() string { return onOffText(get()) }, set: func(v string) { set(v == onOffValues[0]) },
	}
}

// step sets the next value, or with -1 the previous one. After the last one comes the first.
func (s *setting) step(by int) {
	n := len(s.values)
	s.set(s.values[(max(slices.Index(s.values, s.get()), 0)+by+n)%n])
}

// line returns the setting's line in the window.
func (s *setting) line() dialog.Line {
	line := dialog.Line{Label: s.name, Detail: "…", Help: s.help(), SearchWords: strings.Join(s.values, "\n")}
	if s.open == nil {
		line.Detail = "‹ " + s.get() + " ›"
	}
	return line
}

// choose carries out an action of the scope keys.Settings.
func (s *setting) choose(a keys.Action) tea.Cmd {
	switch {
	case a == keys.Next && s.open != nil:
		return s.open()
	case a == keys.Next:
		s.step(1)
	case s.open == nil:
		s.step(-1)
	}
	return nil
}

// openSettings opens the window of settings. Changes are visible at once.
func (m *menus) openSettings() {
	all := m.allSettings()
	m.screen.windows.shown = dialog.NewList(dialog.List{
		Theme: m.screen.theme, Title: "Settings", Scopes: "settings", Width: 70, DetailAccent: true,
		Notes: []string{"Keys and all other settings: wtptui config show"},
		Load: func() []dialog.Line {
			lines := make([]dialog.Line, len(all))
			for i := range all {
				lines[i] = all[i].line()
			}
			return lines
		},
		Choose: func(a keys.Action, i int) (tea.Cmd, bool) { return all[i].choose(a), true },
		OnClick: func(i, x int) keys.Action {
			switch {
			case all[i].open != nil, x > 0:
				return keys.Next
			case x == 0: // the left edge of the value
				return keys.Previous
			}
			return ""
		},
	}, 0)
}

// allSettings returns all settings of the screen.
func (m *menus) allSettings() []setting {
	ap, dr := m.appearance, m.drawState
	opens := func(name, help string, open func()) setting {
		do := m.screen.windows.closing(func() tea.Cmd { open(); return nil })
		return setting{name: name, open: do, help: func() string { return help }}
	}
	return []setting{
		ap.themeSetting(),
		switchSetting("ASCII only", "Draws with ASCII characters only, for terminals without others.",
			func() bool { return ap.ascii }, ap.setASCII),
		switchSetting("Mouse", "On, a click selects and the wheel scrolls. Off, the terminal selects text.",
			func() bool { return ap.mouse }, ap.setMouse),
		switchSetting("Inspector", "Shows what is known of the selected site, below the table.",
			m.screen.inspectorShown, m.screen.showInspector),
		switchSetting("Draw without focus", "Keeps drawing while the terminal's window does not have the focus.",
			func() bool { return dr.drawUnfocused }, func(on bool) { dr.drawUnfocused = on }),
		opens("Columns", "Which columns are shown, and in which order.", m.openColumns),
		opens("Sort by", "The column by which sites are sorted.", m.openSortMenu),
		opens("Saved views", "Views with a filter and an order of their own.", m.openViewsMenu),
		opens("Rate limits", "How much may be transferred per second.", m.limits.open),
	}
}
