package trackers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// Pane is the list of trackers.
type Pane struct {
	Theme    *theme.Theme
	focused  bool
	trackers []engine.Tracker
	sel      table.Selection
	now      time.Time
}

// Name is the tab's.
func (*Pane) Name() string { return "Trackers" }

// Count is for the tab.
func (p *Pane) Count() int { return len(p.trackers) }

// Focus says whether keys move in this pane.
func (p *Pane) Focus(on bool) { p.focused = on }

// Set takes the trackers of a site.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	p.trackers, p.now = d.Trackers, now
	p.sel.Keep(len(p.trackers), p.keyAt)
}

// Handle moves the selection.
func (p *Pane) Handle(a keys.Action) bool { return p.sel.Move(a, len(p.trackers), p.keyAt) }

func (p *Pane) keyAt(i int) string { return p.trackers[i].URL }

// View draws the list.
func (p *Pane) View(w, h int) string {
	if len(p.trackers) == 0 {
		return "  " + p.Theme.Dim.Render(format.Cut("No tracker is asked for this site: peers come from the DHT and from each other.", w-2))
	}
	// When the last announce was goes first: when the next one will be says nearly the same.
	last, fixed := 9, 2+11+1+6+1+6+1+7+1
	if w < 100 {
		last = 0
	} else {
		fixed += last + 1
	}
	rest := max(w-fixed, 24)
	host := max(rest*3/5, 14)
	t := &table.Table{
		Columns: []table.Column{
			{Title: "Tracker", Width: host},
			{Title: "Status", Width: 11},
			{Title: "Seeds", Width: 6, Right: true},
			{Title: "Leech", Width: 6, Right: true},
			{Title: "Next in", Width: 7, Right: true},
			{Title: "Last", Width: last, Right: true},
			{Title: "Said", Width: rest - host - 1},
		},
		Rows: len(p.trackers), Gutter: 2, Focus: table.Focused(p.focused), Theme: p.Theme, Row: p.row,
	}
	if last == 0 {
		t.Columns = slices.Delete(t.Columns, 5, 6)
		t.Row = func(i int, out []table.Cell) {
			all := make([]table.Cell, 7)
			p.row(i, all)
			copy(out, slices.Delete(all, 5, 6))
		}
	}
	return t.View(w, h, &p.sel)
}

func (p *Pane) row(i int, out []table.Cell) {
	t := &p.trackers[i]
	out[0] = table.Cell{Text: short(t.URL)}
	out[1] = table.Cell{Text: t.Status}
	switch t.Status {
	case "working":
		out[1] = table.Cell{Text: "● working", Style: p.Theme.Good}
	case "failing":
		out[1] = table.Cell{Text: "✗ failing", Style: p.Theme.Bad}
	case "announcing":
		out[1] = table.Cell{Text: "◌ asking", Style: p.Theme.Move}
	case "idle":
		out[1] = table.Cell{Text: "○ idle", Style: p.Theme.Dim}
	}
	out[2], out[3] = p.count(t.Seeds), p.count(t.Leechers)
	out[5] = table.Cell{Text: format.Ago(t.Last.Std(), p.now), Style: p.Theme.Dim}
	out[4] = table.Cell{Text: "–", Style: p.Theme.Dim}
	if !t.Next.IsZero() {
		out[4] = table.Cell{Text: format.Countdown(t.Next.Std().Sub(p.now))}
	}
	switch {
	case t.Error != "":
		out[6] = table.Cell{Text: format.Text(t.Error), Style: p.Theme.Bad}
	case t.Peers > 0:
		out[6] = table.Cell{Text: format.Plural(t.Peers, "peer"), Style: p.Theme.Dim}
	}
}

func (p *Pane) count(n int) table.Cell {
	if n < 0 {
		return table.Cell{Text: "–", Style: p.Theme.Dim}
	}
	return table.Cell{Text: strconv.Itoa(n)}
}

// short leaves out what all trackers' addresses have.
func short(u string) string {
	return format.Text(strings.TrimSuffix(u, "/announce"))
}
