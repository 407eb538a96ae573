package eventlog

import (
	"strconv"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
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
	return t.View(w, h, &p.sel)
}

func (p *Pane) row(i int, out []table.Cell) {
	e := &p.events[i]
	kind, style := mark(e, p.Theme)
	out[0] = table.Cell{Text: format.Clock(e.At.Std(), p.now), Style: p.Theme.Dim}
	out[1] = table.Cell{Text: kind, Style: style}
	out[2] = table.Cell{Text: format.Text(e.Text), Style: style}
}
