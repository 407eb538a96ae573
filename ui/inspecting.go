package ui

import "wtptui/ui/layout"

// inspecting reports whether the inspector is to be seen on the main screen.
func (m *Model) inspecting() bool {
	if !layout.Split(m.w, m.h) {
		return m.full
	}
	return m.inspect || !m.chosen
}

// showInspector shows the inspector or hides it.
func (m *Model) showInspector(on bool) {
	if layout.Split(m.w, m.h) {
		m.inspect, m.chosen = on, true
	} else {
		m.full = on
	}
	if !on {
		m.focus(false)
	}
}

// reveal shows the inspector for a key that is about it, and reports whether it was hidden.
func (m *Model) reveal() bool {
	if m.inspecting() || m.list.Total() == 0 {
		return false
	}
	m.showInspector(true)
	return true
}

// overTable reports whether the inspector has taken the table's place.
func (m *Model) overTable() bool {
	return m.page == nil && m.inspecting() && m.list.Total() > 0 && !layout.Split(m.w, m.h)
}

// resize makes the inspector larger by d rows, or smaller.
func (m *Model) resize(d int) {
	s := m.screen()
	if m.reveal() || s.Inspector.H == 0 || s.Full {
		return
	}
	m.size = s.Inspector.H + d
	m.size = m.screen().Inspector.H // as far as there is room
}

// focus gives the keys to the inspector or back to the table.
func (m *Model) focus(onInspector bool) {
	m.inspector.Focus(onInspector)
	m.list.Focused = !onInspector
}
