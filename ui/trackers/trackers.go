package trackers

import (
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/layout"
	"wtptui/ui/rows"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the list of trackers.
type Pane struct {
	rows.List[engine.Tracker]
	now time.Time
}

// New returns an empty list.
func New(th *theme.Theme) *Pane {
	p := &Pane{}
	p.Theme = th
	p.Empty = "No tracker is asked for this site: peers come from the DHT and from each other."
	p.Key = func(t *engine.Tracker) string { return t.URL }
	p.Columns = []rows.Column[engine.Tracker]{
		{
			Title: "Tracker", Width: 32, Min: 14, Max: 48,
			Cell: func(t *engine.Tracker) table.Cell { return table.Cell{Text: shortURL(t.URL)} },
		},
		{Title: "Status", Width: 9, Cell: p.statusCell},
		{Title: "Seeds", Width: 5, Right: true, Cell: func(t *engine.Tracker) table.Cell { return p.countCell(t.Seeds) }},
		{Title: "Leech", Width: 5, Right: true, Cell: func(t *engine.Tracker) table.Cell { return p.countCell(t.Leechers) }},
		// When the last announce was goes first: when the next one will be says nearly the same.
		{Title: "Last", Width: 8, Rank: 1, Right: true, Cell: func(t *engine.Tracker) table.Cell {
			return table.Cell{Text: format.Ago(t.Last.Std(), p.now), Style: p.Theme.Dim}
		}},
		{Title: "Next in", Width: 7, Right: true, Cell: p.nextCell},
		{Title: "Said", Width: 24, Min: 9, Max: 120, Cell: p.answerCell},
	}
	return p
}

// Name returns the name of the tab.
func (*Pane) Name() string { return "Trackers" }

// Set sets the trackers of a site.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	p.now = now
	p.SetItems(d.Trackers)
}

// View draws the list, and below it the whole answer of the selected tracker when the row has no room for it.
func (p *Pane) View(w, h int) string {
	t, ok := p.Selected()
	if !ok || t.Error == "" && t.Warning == "" || h < 8 {
		return p.List.View(w, h)
	}
	text, style := "✗ "+format.Text(t.Error), p.Theme.Bad
	if t.Error == "" {
		text, style = "⚠ "+format.Text(t.Warning), p.Theme.Warn
	}
	lines := layout.Paragraph(text, w, style)
	return p.ViewAbove(w, h, append([]string{""}, lines[:min(len(lines), 3)]...))
}

func (p *Pane) statusCell(t *engine.Tracker) table.Cell {
	switch t.Status {
	case "working":
		return table.Cell{Text: "● working", Style: p.Theme.Good}
	case "failing":
		return table.Cell{Text: "✗ failing", Style: p.Theme.Bad}
	case "announcing":
		return table.Cell{Text: "◌ asking", Style: p.Theme.Progress}
	case "idle":
		return table.Cell{Text: "○ idle", Style: p.Theme.Dim}
	}
	return table.Cell{Text: format.Text(t.Status)}
}

func (p *Pane) nextCell(t *engine.Tracker) table.Cell {
	if t.Next.IsZero() {
		return table.Cell{Text: "–", Style: p.Theme.Dim}
	}
	return table.Cell{Text: format.Countdown(t.Next.Std().Sub(p.now))}
}

func (p *Pane) answerCell(t *engine.Tracker) table.Cell {
	switch {
	case t.Error != "":
		return table.Cell{Text: format.Text(t.Error), Style: p.Theme.Bad}
	case t.Warning != "":
		return table.Cell{Text: format.Text(t.Warning), Style: p.Theme.Warn}
	case t.Peers > 0:
		return table.Cell{Text: format.Plural(t.Peers, "peer"), Style: p.Theme.Dim}
	}
	return table.Cell{}
}

func (p *Pane) countCell(n int) table.Cell {
	if n < 0 {
		return table.Cell{Text: "–", Style: p.Theme.Dim}
	}
	return table.Cell{Text: strconv.Itoa(n)}
}

// shortURL removes the part that all trackers' addresses have.
func shortURL(u string) string {
	return format.Text(strings.TrimSuffix(u, "/announce"))
}
