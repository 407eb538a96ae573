package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/footer"
	"wtptui/ui/header"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
)

const (
	// wheelRows is how far one notch of the wheel goes.
	wheelRows = 3
	// doubleClick is the time within which a second click at the same place opens what the first one has selected.
	doubleClick = 400 * time.Millisecond
)

// click is where and when the left button was pressed.
type click struct {
	x, y int
	at   time.Time
}

// press takes a press of the mouse's button. On a key in the footer it does what the key does; in a window it goes to
// that window.
func (m *Model) press(e tea.Mouse) tea.Cmd {
	if e.Button != tea.MouseLeft || layout.TooSmall(m.w, m.h) {
		return nil
	}
	last, now := m.clicked, click{e.X, e.Y, m.cfg.Now()}
	twice := last.x == now.x && last.y == now.y && !last.at.IsZero() && now.at.Sub(last.at) <= doubleClick
	if m.clicked = now; twice {
		m.clicked = click{} // A third one begins anew.
	}
	switch s := m.screen(); {
	case s.Footer.Contains(e.X, e.Y):
		m.clicked = click{}
		if a, ok := footer.At(e.X, m.theme, m.offered()); ok {
			return m.act(a)
		}
	case m.window != nil:
		return m.pressWindow(e, twice)
	case m.phase != running && m.phase != header.Lost:
	case m.page != nil:
		if m.page.Click(e.X, e.Y-s.Body().Y) && twice && m.page.Chooses() {
			return m.act(keys.Details)
		}
	default:
		return m.pressMain(e, s, twice)
	}
	return nil
}

// pressMain selects what was clicked at on the main screen: a view, a row, a column to sort by, a tab. A second click
// opens the row's site.
func (m *Model) pressMain(e tea.Mouse, s layout.Screen, twice bool) tea.Cmd {
	switch {
	case s.Tabs.Contains(e.X, e.Y):
		m.list.ClickTabs(e.X)
	case s.Table.Contains(e.X, e.Y):
		m.focus(false)
		if m.list.Click(e.X, e.Y-s.Table.Y, s.Table.W) && twice {
			m.typing = nil
			return m.act(keys.Details)
		}
	case s.Inspector.Contains(e.X, e.Y):
		if e.Y == s.Inspector.Y && m.inspector.Hides(e.X) {
			m.typing = nil
			return m.act(keys.Inspect)
		}
		m.focus(true)
		m.inspector.Click(e.X, e.Y-s.Inspector.Y)
	}
	return nil
}

// dismissed are the windows that a click beside them closes; nothing has been typed into these, and nothing is asked.
var dismissed = []string{"menu", "palette", "columns", "settings", "help", "notice", "events"}

// pressWindow gives a click to the window, or closes it if the click was beside it.
func (m *Model) pressWindow(e tea.Mouse, twice bool) tea.Cmd {
	w, s := m.window, m.screen()
	at := s.Body()
	if _, full := w.(fullWindow); !full {
		h := s.Toast.Y
		at = layout.Middle(w.View(m.w, h), m.w, h)
	}
	inside := at.Contains(e.X, e.Y)
	if c, ok := w.(clickable); ok && inside {
		cmd, open := c.Click(e.X-at.X, e.Y-at.Y, twice)
		return m.answered(w, cmd, open)
	}
	if !inside && slices.Contains(dismissed, w.Situation()) {
		return m.actWindow(w, keys.Cancel)
	}
	return nil
}

// wheel scrolls what is under it.
func (m *Model) wheel(e tea.Mouse) {
	m.still = "" // Many terminals tell of the wheel without the focus.
	a := keys.Down
	switch e.Button {
	case tea.MouseWheelUp:
		a = keys.Up
	case tea.MouseWheelDown:
	default:
		return
	}
	if layout.TooSmall(m.w, m.h) {
		return
	}
	over := m.scrolled(e)
	if over == nil {
		return
	}
	for range wheelRows {
		over(a)
	}
}

// scrolled is what moves under the wheel; nil for nothing.
func (m *Model) scrolled(e tea.Mouse) func(keys.Action) bool {
	switch s := m.screen(); {
	case m.window != nil:
		w := m.window
		moves := func(b keys.Binding) bool {
			return b.Action == keys.Up && slices.Contains(keys.Stacks()[w.Situation()], b.Scope)
		}
		if !slices.ContainsFunc(m.keys.All(), moves) {
			return nil
		}
		return func(a keys.Action) bool {
			_, open := w.Act(a)
			return open
		}
	case m.phase != running && m.phase != header.Lost:
	case m.page != nil:
		return m.page.Handle
	case s.Table.Contains(e.X, e.Y):
		return m.list.Handle
	case s.Inspector.Contains(e.X, e.Y):
		return m.inspector.Handle
	}
	return nil
}
