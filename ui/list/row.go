package list

import (
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/layout"
	"wtptui/ui/table"
)

// soon is the time left from which an expiry stands out.
const soon = 5 * time.Minute

// View draws the table, or what to do when there is nothing in it.
func (p *Pane) View(w, h int) string {
	if len(p.shown) == 0 {
		return p.empty(w, h)
	}
	return layout.Block(p.table(w).View(w, h, &p.sel), w, h)
}

func (p *Pane) table(w int) *table.Table {
	c := layout.SiteColumns(w)
	stateTitle, expiryTitle := "State", " Expires"
	if c.State < len(stateTitle) {
		stateTitle = ""
	}
	if c.Expires <= len(expiryTitle) {
		expiryTitle = " Left"
	}
	all := []struct {
		table.Column
		cell func(*engine.Site) table.Cell
	}{
		{table.Column{Title: stateTitle, Width: c.State}, p.state(c.State)},
		{table.Column{ID: "site", Title: "Site", Width: c.Site}, func(s *engine.Site) table.Cell {
			return table.Cell{Text: format.Host(s.Host, c.Site), Style: p.Theme.Strong}
		}},
		{table.Column{Title: "Title", Width: c.Title}, p.title},
		{table.Column{ID: "size", Title: "Size", Width: c.Size, Right: true}, p.size},
		{table.Column{ID: "done", Title: "Done", Width: c.Done, Right: true}, p.done},
		{table.Column{ID: "down", Title: "▼/s", Width: c.Down, Right: true}, func(s *engine.Site) table.Cell { return p.rate(s.DownRate) }},
		{table.Column{ID: "up", Title: "▲/s", Width: c.Up, Right: true}, func(s *engine.Site) table.Cell { return p.rate(s.UpRate) }},
		{table.Column{ID: "peers", Title: "Peers", Width: c.Peers, Right: true}, p.peers},
		{table.Column{ID: "ratio", Title: "Ratio", Width: c.Ratio, Right: true}, p.ratio},
		{table.Column{ID: "expires", Title: expiryTitle, Width: c.Expires}, p.expires(c.Expires)},
	}
	t := &table.Table{Rows: len(p.shown), Gutter: layout.Gutter, Focus: p.focus(), SortBy: columns[p.order].id, Descending: p.descending(), Theme: p.Theme}
	var cells []func(*engine.Site) table.Cell
	for _, col := range all {
		if col.Width > 0 {
			t.Columns = append(t.Columns, col.Column)
			cells = append(cells, col.cell)
		}
	}
	t.Row = func(i int, out []table.Cell) {
		s := &p.sites[p.shown[i]]
		for j, cell := range cells {
			out[j] = cell(s)
		}
	}
	return t
}

// focus keeps the selected row marked while keys move in the inspector: it is what the inspector shows.
func (p *Pane) focus() table.Focus {
	if p.Focused {
		return table.Active
	}
	return table.Resting
}

func (p *Pane) state(w int) func(*engine.Site) table.Cell {
	return func(s *engine.Site) table.Cell {
		b := badge.Of(*s, p.Theme)
		if w < len("x CACHE") {
			return table.Cell{Text: b.Short(), Style: b.Style}
		}
		return table.Cell{Text: b.Text(), Style: b.Style}
	}
}

// title gives way to what is wrong with the site.
func (p *Pane) title(s *engine.Site) table.Cell {
	switch text, bad := badge.Problem(*s); {
	case bad:
		return table.Cell{Text: format.Text(text), Style: p.Theme.Bad}
	case text != "" && (s.Title == "" || s.State != engine.Downloading || s.Peers == 0):
		return table.Cell{Text: "(" + format.Text(text) + ")", Style: p.Theme.Dim}
	}
	return table.Cell{Text: format.Text(s.Title)}
}

func (p *Pane) size(s *engine.Site) table.Cell {
	if s.Size < 0 {
		return table.Cell{Text: "?", Style: p.Theme.Dim}
	}
	return table.Cell{Text: format.Bytes(s.Size)}
}

func (p *Pane) done(s *engine.Site) table.Cell {
	c := table.Cell{Text: format.Percent(s.Done())}
	switch {
	case s.State == engine.Failed:
		c.Style = p.Theme.Dim
	case s.Done() < 1:
		c.Style = p.Theme.Move
	}
	return c
}

// rate is quiet about what stands still.
func (p *Pane) rate(n int64) table.Cell {
	c := table.Cell{Text: format.Rate(n)}
	if n == 0 {
		c.Style = p.Theme.Dim
	}
	return c
}

func (p *Pane) peers(s *engine.Site) table.Cell {
	c := table.Cell{Text: fmt.Sprintf("%d/%d", s.Peers, max(s.KnownPeers, s.Peers))}
	if s.Peers == 0 {
		c.Style = p.Theme.Dim
	}
	return c
}

func (p *Pane) ratio(s *engine.Site) table.Cell {
	c := table.Cell{Text: format.Ratio(s.Ratio())}
	if s.Uploaded == 0 {
		c.Style = p.Theme.Dim
	}
	return c
}

// expires is the time left, with a gauge of how much of the cache period that is.
func (p *Pane) expires(w int) func(*engine.Site) table.Cell {
	return func(s *engine.Site) table.Cell {
		switch {
		case s.ExpiresAt.IsZero():
			return table.Cell{Text: " never", Style: p.Theme.Dim}
		case s.InUse:
			return table.Cell{Text: " in use", Style: p.Theme.Good}
		}
		left := s.ExpiresAt.Std().Sub(p.now)
		text, style, gauge := " "+format.Countdown(left), p.Theme.Text, p.Theme.Dim
		if left < soon {
			text, style, gauge = "!"+format.Countdown(left), p.Theme.Warn, p.Theme.Warn
		}
		if w < len("!00:00 0000") {
			return table.Cell{Text: text, Style: style}
		}
		part := 1.0
		if period := s.ExpiresAt.Sub(s.LastOpen); period > 0 {
			part = float64(left) / float64(period)
		}
		return table.Cell{Text: text, Style: style, Tail: format.Gauge(min(max(part, 0), 1), 4), TailStyle: gauge}
	}
}
