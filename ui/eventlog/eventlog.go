package eventlog

import (
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the list of events.
type Pane struct {
	Theme   *theme.Theme
	focused bool
	events  []engine.Event
	sel     table.Selection
	now     time.Time
	host    string
}

// Name is the tab's.
func (*Pane) Name() string { return "Log" }

// Count is not shown for a log.
func (*Pane) Count() int { return 0 }

// Focus says whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set takes the events of a site. Whoever looks at the end of the log stays at its end.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	atEnd := p.sel.Index() >= len(p.events)-1
	if d.Site.Host != p.host {
		atEnd, p.host = true, d.Site.Host
	}
	p.events, p.now = d.Log, now
	if atEnd {
		p.sel.To(len(p.events)-1, len(p.events), p.keyAt)
	}
	p.sel.Keep(len(p.events), p.keyAt)
}

// Handle moves the selection.
func (p *Pane) Handle(a keys.Action) bool { return p.sel.Move(a, len(p.events), p.keyAt) }

// ClickRow selects the event at line y of the pane, whose line 0 is the header.
func (p *Pane) ClickRow(y int) bool {
	i, ok := p.sel.RowAt(y-1, len(p.events))
	if ok {
		p.sel.To(i, len(p.events), p.keyAt)
	}
	return ok
}

func (p *Pane) keyAt(i int) string { return strconv.FormatUint(p.events[i].Seq, 10) }

// View draws the log.
func (p *Pane) View(w, h int) string {
	if len(p.events) == 0 {
		return "  " + p.Theme.Dim.Render(format.Cut("Nothing has happened to this site in this run.", w-2))
	}
	t := &table.Table{
		Columns: []table.Column{{Title: "Time", Width: 8}, {Title: "What", Width: 11}, {Title: "", Width: max(w-2-8-1-11-1, 10)}},
		Rows:    len(p.events), Gutter: 2, Focus: table.Focused(p.focused), Theme: p.Theme, Row: p.row,
	}
	below := whole(&p.events[p.sel.Index()], t.Columns[2].Width, w, h, p.Theme)
	return layout.Block(t.View(w, h-len(below), &p.sel), w, h-len(below)) + strings.Join(below, "")
}

// whole is the text of the selected event for the lines below a log, when its column has only room of its cells: an error
// ends with what to do about it. The lines are there for any event, so that the log keeps its height; none when h is small.
func whole(e *engine.Event, room, w, h int, th *theme.Theme) []string {
	if h < 10 {
		return nil
	}
	lines := []string{"\n", "\n", "\n"}
	text := format.Text(e.Text)
	if format.Width(text) <= room {
		return lines
	}
	_, style := mark(e, th)
	wrapped := format.Wrap(text, max(w-4, 10))
	if len(wrapped) > 2 {
		wrapped = []string{wrapped[0], format.Cut(strings.Join(wrapped[1:], " "), max(w-4, 10))}
	}
	for i, l := range wrapped {
		lines[i+1] += "  " + style.Render(l)
	}
	return lines
}

func (p *Pane) row(i int, out []table.Cell) {
	e := &p.events[i]
	kind, style := mark(e, p.Theme)
	out[0] = table.Cell{Text: format.Clock(e.At.Std(), p.now), Style: p.Theme.Dim}
	out[1] = table.Cell{Text: kind, Style: style}
	out[2] = table.Cell{Text: format.Text(e.Text), Style: style}
}
