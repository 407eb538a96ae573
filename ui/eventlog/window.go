package eventlog

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Window is the log of everything that has happened, in place of the main screen.
type Window struct {
	theme *theme.Theme
	// visit goes to a site, and closes the window before.
	visit  func(host string) tea.Cmd
	events []engine.Event
	sel    table.Selection
	now    time.Time
}

// NewWindow makes the log; its newest event is selected.
func NewWindow(th *theme.Theme, events []engine.Event, now time.Time, visit func(host string) tea.Cmd) *Window {
	w := &Window{theme: th, visit: visit}
	w.Set(events, now)
	return w
}

// Set takes the events, the newest last. Whoever is at the end stays there.
func (w *Window) Set(events []engine.Event, now time.Time) {
	atEnd := w.sel.Index() >= len(w.events)-1
	w.events, w.now = events, now
	if atEnd {
		w.sel.To(len(events)-1, len(events), w.keyAt)
	}
	w.sel.Keep(len(events), w.keyAt)
}

func (w *Window) keyAt(i int) string { return strconv.FormatUint(w.events[i].Seq, 10) }

// Situation names its keys.
func (*Window) Situation() string { return "events" }

// Full says that it takes the whole body.
func (*Window) Full() {}

// Act moves, goes to the site of the selected event, or closes.
func (w *Window) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if a == keys.Accept {
		if i := w.sel.Index(); i < len(w.events) && w.events[i].Host != "" {
			return w.visit(w.events[i].Host), true
		}
		return nil, true
	}
	return nil, w.sel.Move(a, len(w.events), w.keyAt)
}

// Idle says that no event is selected that is about a site.
func (w *Window) Idle(a keys.Action) bool {
	i := w.sel.Index()
	return a == keys.Accept && (i >= len(w.events) || w.events[i].Host == "")
}

// Click selects the event at line y; a second click goes to its site.
func (w *Window) Click(_, y int, twice bool) (cmd tea.Cmd, open bool) {
	i, ok := w.sel.RowAt(y-2, len(w.events)) // below the title and the header
	if !ok {
		return nil, true
	}
	w.sel.To(i, len(w.events), w.keyAt)
	if twice {
		return w.Act(keys.Accept)
	}
	return nil, true
}

// View draws the log in w by h cells.
func (w *Window) View(width, h int) string {
	title := " " + w.theme.Strong.Render("What has happened") + w.theme.Dim.Render("  "+format.Plural(len(w.events), "event"))
	if len(w.events) == 0 {
		return layout.Block(title+"\n\n  "+w.theme.Dim.Render("Nothing yet."), width, h)
	}
	site := min(max(width/4, 14), 40)
	t := &table.Table{
		Columns: []table.Column{
			{Title: "Time", Width: 8},
			{Title: "What", Width: 11},
			{Title: "Site", Width: site},
			{Title: "", Width: max(width-2-8-11-site-3, 10)},
		},
		Rows: len(w.events), Gutter: 2, Focus: table.Active, Theme: w.theme,
	}
	room := t.Columns[3].Width
	t.Row = func(i int, out []table.Cell) {
		e := &w.events[i]
		kind, style := mark(e, w.theme)
		out[0] = table.Cell{Text: moment(e.At.Std(), w.now), Style: w.theme.Dim}
		out[1] = table.Cell{Text: kind, Style: style}
		out[2] = table.Cell{Text: format.Host(e.Host, site), Style: w.theme.Strong}
		out[3] = table.Cell{Text: format.Text(e.Text), Style: style}
	}
	below := whole(&w.events[w.sel.Index()], room, width, h-1, w.theme)
	return layout.Block(title+"\n"+layout.Block(t.View(width, h-1-len(below), &w.sel), width, h-1-len(below))+strings.Join(below, ""), width, h)
}

// moment is a time of day, or a date for what was long ago.
func moment(t, now time.Time) string {
	if now.Sub(t) > 20*time.Hour {
		return t.In(now.Location()).Format("2 Jan")
	}
	return format.Clock(t, now)
}

// mark is an event's kind with a sign of its level, and the look of it.
func mark(e *engine.Event, th *theme.Theme) (string, theme.Style) {
	switch e.Level {
	case engine.Warning:
		return "⚠ " + string(e.Kind), th.Warn
	case engine.Problem:
		return "✗ " + string(e.Kind), th.Bad
	case engine.Info:
	}
	return "· " + string(e.Kind), th.Text
}
