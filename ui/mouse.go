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
	// wheelRows is how many rows one notch of the wheel moves.
	wheelRows = 3
	// doubleClick is the longest time between two clicks at the same place of which the second opens what the first has
	// selected.
	doubleClick = 400 * time.Millisecond
)

// click is where and when the left button was pressed.
type click struct {
	x, y int
	at   time.Time
}

// mouse turns clicks and the wheel into actions.
type mouse struct {
	cfg       *Config
	conn      *connection
	screen    *screen
	frame     *frame
	drawState *drawState
	act       func(keys.Action) tea.Cmd
	clicked   click // the last one
}

// handlePress handles a press of the mouse's button. A press on a key in the footer does what the key does; one in a
// window is passed to it.
func (p *mouse) handlePress(e tea.Mouse) tea.Cmd {
	if e.Button != tea.MouseLeft || layout.TooSmall(p.screen.w, p.screen.h) {
		return nil
	}
	last, now := p.clicked, click{e.X, e.Y, p.cfg.Now()}
	twice := last.x == now.x && last.y == now.y && !last.at.IsZero() && now.at.Sub(last.at) <= doubleClick
	if p.clicked = now; twice {
		p.clicked = click{} // A third one begins anew.
	}
	switch s := p.screen.layout(); {
	case s.Footer.Contains(e.X, e.Y):
		p.clicked = click{}
		if a, ok := footer.ActionAt(e.X, p.screen.theme, p.frame.offeredKeys()); ok {
			return p.act(a)
		}
	case p.screen.windows.shown != nil:
		return p.pressOnWindow(e, twice)
	case !p.conn.running() && p.conn.phase != header.Lost:
	case p.screen.page != nil:
		if p.screen.page.Click(e.X, e.Y-s.Body().Y) && twice && p.screen.page.HasSelection() {
			return p.act(keys.Details)
		}
	default:
		return p.pressOnMain(e, s, twice)
	}
	return nil
}

// pressOnMain selects what was clicked on the main screen: a view, a row, a column to sort by, a tab. A second click
// opens the row's site.
func (p *mouse) pressOnMain(e tea.Mouse, s layout.Screen, twice bool) tea.Cmd {
	switch {
	case s.Tabs.Contains(e.X, e.Y):
		p.screen.list.ClickTabs(e.X)
	case s.Table.Contains(e.X, e.Y):
		p.screen.focus(false)
		if p.screen.list.Click(e.X, e.Y-s.Table.Y, s.Table.W) && twice {
			p.screen.filter.stopTyping()
			return p.act(keys.Details)
		}
	case s.Inspector.Contains(e.X, e.Y):
		if e.Y == s.Inspector.Y && p.screen.inspector.IsHideButton(e.X) {
			p.screen.filter.stopTyping()
			return p.act(keys.ToggleInspector)
		}
		p.screen.focus(true)
		p.screen.inspector.Click(e.X, e.Y-s.Inspector.Y)
	}
	return nil
}

// dismissed are the windows that a click beside them closes: nothing is typed into these, and they ask nothing.
var dismissed = []string{"menu", "palette", "columns", "settings", "help", "notice", "events", "bin"}

// pressOnWindow passes a click to the window, or closes it if the click was beside it.
func (p *mouse) pressOnWindow(e tea.Mouse, twice bool) tea.Cmd {
	w, s := p.screen.windows.shown, p.screen.layout()
	at := s.Body()
	if _, full := w.(fullWindow); !full {
		body := at
		at = layout.CenterRect(w.View(body.W, body.H), body.W, body.H)
		at.X, at.Y = at.X+body.X, at.Y+body.Y
	}
	inside := at.Contains(e.X, e.Y)
	if c, ok := w.(clickable); ok && inside {
		cmd, open := c.Click(e.X-at.X, e.Y-at.Y, twice)
		return p.screen.windows.closeAnswered(w, cmd, open)
	}
	if !inside && slices.Contains(dismissed, w.Situation()) {
		return p.screen.windows.actOn(w, keys.Cancel)
	}
	return nil
}

// handleWheel scrolls the pane under the mouse.
func (p *mouse) handleWheel(e tea.Mouse) {
	p.drawState.lastFrame = "" // Many terminals tell of the wheel without the focus.
	a := keys.Down
	switch e.Button {
	case tea.MouseWheelUp:
		a = keys.Up
	case tea.MouseWheelDown:
	default:
		return
	}
	if layout.TooSmall(p.screen.w, p.screen.h) {
		return
	}
	over := p.scrollerAt(e)
	if over == nil {
		return
	}
	for range wheelRows {
		over(a)
	}
}

// scrollerAt returns what the wheel scrolls; nil for nothing.
func (p *mouse) scrollerAt(e tea.Mouse) func(keys.Action) bool {
	switch s := p.screen.layout(); {
	case p.screen.windows.shown != nil:
		w := p.screen.windows.shown
		moves := func(b keys.Binding) bool {
			return b.Action == keys.Up && slices.Contains(keys.Stacks()[w.Situation()], b.Scope)
		}
		if !slices.ContainsFunc(p.screen.keys.All(), moves) {
			return nil
		}
		return func(a keys.Action) bool {
			_, open := w.Act(a)
			return open
		}
	case !p.conn.running() && p.conn.phase != header.Lost:
	case p.screen.page != nil:
		return p.screen.page.Handle
	case s.Table.Contains(e.X, e.Y):
		return p.screen.list.Handle
	case s.Inspector.Contains(e.X, e.Y):
		return p.screen.inspector.Handle
	}
	return nil
}
