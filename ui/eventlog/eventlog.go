package eventlog

import (
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the list of a site's events.
type Pane struct {
	entries
	focused bool
	ref     string
}

// New returns an empty log.
func New(th *theme.Theme) *Pane { return &Pane{entries: entries{theme: th}} }

// Name returns the name of the tab.
func (*Pane) Name() string { return "Log" }

// Count returns 0: a log has no count.
func (*Pane) Count() int { return 0 }

// Focus sets whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set sets the events of a site. If the last one was selected, the new last one is.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	if d.Site.Ref() != p.ref {
		p.ref = d.Site.Ref()
		p.events = nil
	}
	p.setEvents(d.Log, now)
}

// Handle moves the selection.
func (p *Pane) Handle(a keys.Action) bool { return p.sel.Move(a, len(p.events), p.keyAt) }

// ClickRow selects the event at line y of the pane, whose line 0 is the header.
func (p *Pane) ClickRow(y int) bool { return p.clickRow(y - 1) }

// View draws the log.
func (p *Pane) View(w, h int) string {
	if len(p.events) == 0 {
		return "  " + p.theme.Dim.Render(format.Cut("Nothing has happened to this site in this run.", w-2))
	}
	return p.draw(w, h, 0, table.FocusIf(p.focused), format.Clock)
}

// selectedText returns the text of the selected event for the lines below a log, when its column has room for room
// cells only: the end of an error says what to do. There are as many lines for any event, so that the log keeps its
// height; none when h is small.
func selectedText(e *engine.Event, room, w, h int, th *theme.Theme) []string {
	if h < 10 {
		return nil
	}
	lines := []string{"", "", ""}
	text := format.Text(e.Text)
	if format.Width(text) <= room {
		return lines
	}
	_, style := kindText(e, th)
	wrapped := format.Wrap(text, max(w-4, 10))
	if len(wrapped) > 2 {
		wrapped = []string{wrapped[0], format.Cut(strings.Join(wrapped[1:], " "), max(w-4, 10))}
	}
	for i, l := range wrapped {
		lines[i+1] = "  " + style.Render(l)
	}
	return lines
}

// kindText returns an event's kind with a sign of its level, and its style.
func kindText(e *engine.Event, th *theme.Theme) (string, theme.Style) {
	switch e.Level {
	case engine.Warning:
		return "⚠ " + string(e.Kind), th.Warn
	case engine.Problem:
		return "✗ " + string(e.Kind), th.Bad
	case engine.Info:
	}
	return "· " + string(e.Kind), th.Text
}
