package ui

import (
	"strings"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
)

// tell mentions events that the person should hear of. What was before the first snapshot is history.
func (m *Model) tell(events []engine.Event, history bool) {
	for _, e := range events {
		if e.Seq <= m.seen {
			continue
		}
		m.seen = e.Seq
		m.remember(e)
		if history {
			continue
		}
		text := about(e.Host, e.Text)
		switch {
		case e.Kind == engine.Evicted:
			if site, ok := m.list.Find(e.Host); ok && !m.evicting[e.Host] && !m.toast.Offered(e.Host) {
				m.offerUndo("Evicted", site)
			}
		case e.Kind == engine.Restored, e.Kind == engine.Removed && m.binPeriod() == 0:
			m.toast.Restored(e.Host)
		case e.Level != engine.Info:
			m.toast.Show(e.Level, text)
		case e.Kind == engine.Expired, e.Kind == engine.Completed:
			m.toast.Show(engine.Info, text)
		}
	}
}

// about puts the site before what is said of it, unless that names it anyway.
func about(host, text string) string {
	if host == "" || strings.Contains(text, host) {
		return text
	}
	return format.Host(host, 30) + ": " + text
}

// hint says in the toast line what is wrong with the filter or with the selected site: neither may fit elsewhere.
func (m *Model) hint() {
	m.toast.Hint("", false)
	if wrong := m.list.Wrong(); wrong != "" && m.page == nil {
		m.toast.Hint(wrong, false)
		return
	}
	if s, ok := m.target(); ok {
		if text, bad := badge.Problem(s); text != "" {
			if line := about(s.Host, text); format.Width(line) <= m.w-4 {
				text = line // else the selection says which site it is
			}
			m.toast.Hint(text, bad)
		}
	}
}
