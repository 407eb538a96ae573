package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/settings"
)

// onOff are the values of a switch.
var onOff = []string{"on", "off"}

func onOffOf(on bool) string {
	if on {
		return onOff[0]
	}
	return onOff[1]
}

// settings shows how the screen is set up.
func (m *menus) settings() {
	m.screen.windows.shown = &settings.Pane{
		Theme: m.screen.theme, Items: m.settingItems(), Notes: []string{"Keys and all else: wtptui config show"},
	}
}

// settingItems are all settings of the screen.
func (m *menus) settingItems() []settings.Item {
	return []settings.Item{
		m.appearance.themeItem(),
		switchItem("ASCII only", "Nothing but ASCII signs, for terminals and fonts that know no others.", func() bool { return m.appearance.ascii }, func(on bool) {
			m.appearance.ascii, m.appearance.asciiChoice = on, &on
			m.appearance.apply()
		}),
		switchItem("Mouse", "A click selects and the wheel scrolls; off, the terminal selects text.", func() bool { return m.appearance.mouse }, m.appearance.setMouse),
		switchItem("Inspector", "What is known of the selected site, below the table.", m.screen.inspectorShown, func(on bool) {
			m.screen.showInspector(on)
		}),
		switchItem("Draw without focus", "Goes on drawing while the terminal says that it has no focus.", func() bool { return m.drawing.drawUnseen }, func(on bool) {
			m.drawing.drawUnseen = on
		}),
		{Name: "Columns", Open: m.screen.windows.closing(func() tea.Cmd { m.pickColumns(); return nil }), Help: func() string { return "Which columns there are, and in which order." }},
		{Name: "Sort by", Open: m.screen.windows.closing(func() tea.Cmd { m.sort(); return nil }), Help: func() string { return "The column by which sites are sorted." }},
		{Name: "Saved views", Open: m.screen.windows.closing(func() tea.Cmd { m.views(); return nil }), Help: func() string { return "Views with a filter and an order of their own." }},
		{Name: "Rate limits", Open: m.screen.windows.closing(func() tea.Cmd { m.limits.menu(); return nil }), Help: func() string { return "How much may be transferred per second." }},
	}
}

func switchItem(name, help string, get func() bool, set func(bool)) settings.Item {
	return settings.Item{
		Name: name, Values: onOff, Help: func() string { return help },
		Get: func() string { return onOffOf(get()) }, Set: func(v string) { set(v == onOff[0]) },
	}
}
