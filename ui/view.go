package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/footer"
	"wtptui/ui/format"
	"wtptui/ui/header"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// View implements tea.Model.
func (m *Model) View() (v tea.View) {
	v.AltScreen, v.ReportFocus = true, true
	v.WindowTitle, v.ProgressBar = m.title, m.progress
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.crash == nil {
		defer caught(m.fall)
		v.Content = m.content()
	}
	return v
}

// content is the frame, or the last one while nobody looks.
func (m *Model) content() string {
	if !m.resting() {
		return m.frame()
	}
	if m.still == "" {
		m.still = m.frame()
	}
	return m.still
}

// frame draws the screen: at most h lines of at most w cells each.
func (m *Model) frame() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	var out string
	if layout.TooSmall(m.w, m.h) {
		out = m.tooSmall()
	} else {
		out = m.dashboard()
		if m.window != nil {
			out = m.overlay(out)
		}
	}
	out = layout.Clamp(out, m.w, m.h)
	if m.ascii {
		out = theme.ASCII(out)
	}
	return out
}

// overlay puts the window over everything but toast line and footer.
func (m *Model) overlay(out string) string {
	if _, full := m.window.(fullWindow); full {
		return out // dashboard has drawn it in its place
	}
	h := m.h - 2
	lines := strings.SplitAfterN(out, "\n", h+1)
	above := strings.TrimSuffix(strings.Join(lines[:h], ""), "\n")
	return layout.Place(above, m.window.View(m.w, h), m.w, h) + "\n" + lines[h]
}

func (m *Model) dashboard() string {
	s := m.screen()
	lines := []string{m.header.View(m.w, 1)}
	if s.Warning.H > 0 {
		lines = append(lines, m.header.Warning(m.w))
	}
	body := s.Body()
	_, full := m.window.(fullWindow)
	switch {
	case full:
		lines = append(lines, m.window.View(body.W, body.H))
	case m.phase == header.Broken:
		lines = append(lines, m.broken(body.W, body.H))
	case m.phase == header.Starting, m.phase == header.Waiting:
		lines = append(lines, m.starting(body.W, body.H))
	case m.page != nil:
		lines = append(lines, m.page.View(body.W, body.H))
	default:
		lines = append(lines, m.list.Tabs(m.w, m.filterField()))
		if s.Table.H > 0 {
			lines = append(lines, m.list.View(s.Table.W, s.Table.H))
		}
		if s.Inspector.H > 0 {
			lines = append(lines, m.inspector.View(s.Inspector.W, s.Inspector.H))
		}
	}
	lines = append(lines, m.toastLine(), m.footer())
	return strings.Join(lines, "\n")
}

func (m *Model) filterField() string {
	if m.typing == nil {
		return ""
	}
	return m.typing.View()
}

func (m *Model) toastLine() string {
	if m.phase == header.Lost {
		return format.Cut(" "+m.theme.Bad.Render("✗ The engine has stopped. This is how it was last; q quits, then start wtptui again."), m.w)
	}
	m.toast.Marks(m.list.Marks.Count())
	return m.toast.View(m.w, 1)
}

// footer shows the keys of the present situation.
func (m *Model) footer() string { return footer.View(m.w, m.theme, m.offered()) }

// offered are the keys that the footer shows: those that do something here and now.
func (m *Model) offered() []keys.Binding {
	skip := func(b keys.Binding) bool {
		if w, ok := m.window.(choosy); ok {
			return w.Idle(b.Action)
		}
		s, ok := m.target()
		switch {
		case b.Action == keys.Details && m.page != nil:
			return !m.page.Chooses()
		case b.Action == keys.Allow:
			return !ok || s.ErrorKind != engine.TooLarge
		case b.Action == keys.Pause, b.Action == keys.Remove:
			return !ok || s.State != engine.Found
		case b.Action == keys.Open, b.Action == keys.Touch, b.Action == keys.Evict:
			return !ok || s.State == engine.Found
		case b.Scope == keys.Verbs, b.Action == keys.Details:
			return !ok
		case b.Action == keys.StartFind, b.Action == keys.SortMenu:
			return m.list.Total() == 0
		}
		return false
	}
	if m.phase == header.Broken && m.window == nil {
		return footer.Shown(m.w, m.theme, m.keys, func(b keys.Binding) bool { return b.Action != keys.Leave }, keys.Global)
	}
	return footer.Shown(m.w, m.theme, m.keys, skip, keys.Stacks()[m.situation()]...)
}

func (m *Model) starting(w, h int) string {
	lines := []string{m.theme.Move.Render("◌") + " Starting the engine…"}
	if m.cfg.DataDir != "" {
		lines = append(lines, m.theme.Dim.Render(format.CutLeft(m.cfg.DataDir, w-4)))
	}
	return center(lines, w, h)
}

// broken says why there is no engine.
func (m *Model) broken(w, h int) string {
	lines := []string{m.theme.Bad.Render("✗ The engine could not start"), ""}
	lines = append(lines, format.Wrap(engine.Message(m.fault), min(w-4, 76))...)
	lines = append(lines, "", m.theme.Accent.Render(m.keys.Of(keys.Leave))+" quits")
	return center(lines, w, h)
}

// tooSmall is all that is drawn when the dashboard does not fit.
func (m *Model) tooSmall() string {
	return center([]string{
		"wtptui needs more room:",
		fmt.Sprintf("%d×%d at least, this is %d×%d.", layout.MinWidth, layout.MinHeight, m.w, m.h),
		m.keys.Of(keys.Leave) + " quits",
	}, m.w, m.h)
}

// center puts lines into the middle of w by h cells.
func center(lines []string, w, h int) string {
	var b strings.Builder
	b.WriteString(strings.Repeat("\n", max((h-len(lines))/2, 0)))
	for _, l := range lines {
		b.WriteString(format.Center(l, w) + "\n")
	}
	return layout.Block(b.String(), w, h)
}
