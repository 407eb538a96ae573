package eventlog

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Sites are the functions through which the log knows the sites of its events.
type Sites struct {
	// Name returns the name of a site in at most w cells.
	Name func(host string, w int) string
	// GoTo closes the window and goes to a site.
	GoTo func(host string) tea.Cmd
}

// Window is the log of all events, in place of the main screen.
type Window struct {
	entries
	sites Sites
	keys  *keys.Map
	all   []engine.Event
	// problemsOnly reports whether only warnings and errors are shown.
	problemsOnly bool
}

// NewWindow returns the log; its newest event is selected.
func NewWindow(th *theme.Theme, km *keys.Map, events []engine.Event, now time.Time, site Sites) *Window {
	w := &Window{entries: entries{theme: th, siteName: site.Name}, sites: site, keys: km}
	w.Set(events, now)
	return w
}

// Set sets the events, the newest last. If the last one was selected, the new last one is.
func (w *Window) Set(events []engine.Event, now time.Time) {
	w.all = events
	w.setEvents(w.shownEvents(), now)
}

// shownEvents returns the events that are to be shown.
func (w *Window) shownEvents() []engine.Event {
	if !w.problemsOnly {
		return w.all
	}
	return slices.DeleteFunc(slices.Clone(w.all), func(e engine.Event) bool { return e.Level == engine.Info })
}

// Situation names the stack of scopes that is in force.
func (*Window) Situation() string { return "events" }

// Full marks the window as one that takes the whole body.
func (*Window) Full() {}

// Act moves, goes to the site of the selected event, switches between problems and all events, or closes the window.
func (w *Window) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	switch a {
	case keys.Accept:
		if e, ok := w.selected(); ok && e.Host != "" {
			return w.sites.GoTo(e.Host), true
		}
		return nil, true
	case keys.Problems:
		w.problemsOnly = !w.problemsOnly
		w.setEvents(w.shownEvents(), w.now)
		return nil, true
	}
	return nil, w.sel.Move(a, len(w.events), w.keyAt)
}

// HasNoEffect reports whether no event is selected that is about a site.
func (w *Window) HasNoEffect(a keys.Action) bool {
	e, ok := w.selected()
	return a == keys.Accept && (!ok || e.Host == "")
}

// Click selects the event at line y; a second click goes to its site.
func (w *Window) Click(_, y int, twice bool) (cmd tea.Cmd, open bool) {
	if w.clickRow(y-2) && twice { // below the title and the header
		return w.Act(keys.Accept)
	}
	return nil, true
}

// View draws the log in w by h cells.
func (w *Window) View(width, h int) string {
	title := " " + w.theme.Strong.Render("What has happened") + w.theme.Dim.Render("  "+w.countsText())
	if len(w.events) == 0 {
		nothing := "Nothing yet."
		if w.problemsOnly {
			nothing = "Nothing went wrong. " + w.keys.FirstKeyIn(keys.Events, keys.Problems) + " shows all events."
		}
		return layout.Block(title+"\n\n  "+w.theme.Dim.Render(nothing), width, h)
	}
	site := min(max(width/4, 14), nameWidth)
	return layout.Block(format.Cut(title, width)+"\n"+w.draw(width, h-1, site, table.Active, timeText), width, h)
}

// countsText returns how many events there are, and how many of them are problems.
func (w *Window) countsText() string {
	errors, warnings := 0, 0
	for i := range w.all {
		switch w.all[i].Level {
		case engine.Problem:
			errors++
		case engine.Warning:
			warnings++
		case engine.Info:
		}
	}
	text := format.Plural(errors, "error") + " and " + format.Plural(warnings, "warning")
	if w.problemsOnly {
		return "only " + text + " of " + format.Plural(len(w.all), "event")
	}
	return format.Plural(len(w.all), "event") + ": " + text
}

// timeText returns a time of day, or a date for an event of long ago.
func timeText(t, now time.Time) string {
	if now.Sub(t) > 20*time.Hour {
		return t.In(now.Location()).Format("2 Jan")
	}
	return format.Clock(t, now)
}
