package list

import (
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/columns"
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

// gutter is the room left of the first column: the cursor, the mark, a blank.
const gutter = 3

func (p *Pane) table(w int) *table.Table {
	p.drawn = p.columns.Fit(w, gutter)
	t := &table.Table{
		Rows: len(p.shown), Gutter: gutter, Focus: p.focus(), SortBy: string(p.order.by), Descending: p.order.descending(), Theme: p.Theme,
		Columns: make([]table.Column, len(p.drawn)),
		Marked:  func(i int) bool { return p.marks.hosts[p.keyAt(i)] },
	}
	cells := make([]func(*engine.Site) table.Cell, len(p.drawn))
	for i, c := range p.drawn {
		t.Columns[i] = table.Column{ID: string(c.ID), Title: c.Title, Width: c.Width, Right: c.Right}
		cells[i] = p.cell(c)
	}
	t.Row = func(i int, out []table.Cell) {
		s := &p.sites[p.shown[i]]
		for j, cell := range cells {
			out[j] = cell(s)
		}
	}
	return t
}

// cell says what stands in a column.
func (p *Pane) cell(c columns.Column) func(*engine.Site) table.Cell {
	switch c.ID {
	case columns.State:
		return p.state(c)
	case columns.Site:
		return func(s *engine.Site) table.Cell {
			return table.Cell{Text: format.Host(s.Host, c.Width), Style: p.Theme.Strong}
		}
	case columns.Title:
		return p.title
	case columns.Size:
		return p.size
	case columns.Done:
		return p.done
	case columns.Down:
		return func(s *engine.Site) table.Cell { return p.rate(s.DownRate) }
	case columns.Up:
		return func(s *engine.Site) table.Cell { return p.rate(s.UpRate) }
	case columns.Peers:
		return p.peers
	case columns.Ratio:
		return p.ratio
	case columns.Expires:
		return p.expires(c)
	}
	return p.extra(c)
}

// extra is a column that is not shown unless it is asked for.
func (p *Pane) extra(c columns.Column) func(*engine.Site) table.Cell {
	text := func(of func(*engine.Site) string) func(*engine.Site) table.Cell {
		return func(s *engine.Site) table.Cell { return table.Cell{Text: of(s), Style: p.Theme.Dim} }
	}
	number := func(of func(*engine.Site) int) func(*engine.Site) table.Cell {
		return func(s *engine.Site) table.Cell {
			n := of(s)
			if n == 0 {
				return table.Cell{Text: "0", Style: p.Theme.Dim}
			}
			return table.Cell{Text: format.Count(n)}
		}
	}
	switch c.ID {
	case columns.Seeds:
		return number(func(s *engine.Site) int { return s.Seeds })
	case columns.Web:
		return number(func(s *engine.Site) int { return s.WebPeers })
	case columns.Files:
		return number(func(s *engine.Site) int { return s.Files })
	case columns.Downloaded:
		return text(func(s *engine.Site) string { return format.Bytes(s.Downloaded) })
	case columns.Uploaded:
		return text(func(s *engine.Site) string { return format.Bytes(s.Uploaded) })
	case columns.Added:
		return text(func(s *engine.Site) string { return format.Span(p.now.Sub(s.AddedAt.Std())) })
	case columns.Opened:
		return text(func(s *engine.Site) string { return format.Span(p.now.Sub(s.LastOpen.Std())) })
	case columns.Hash:
		return text(func(s *engine.Site) string { return format.Host(s.Infohash, c.Width) })
	}
	return text(func(*engine.Site) string { return "" })
}

// focus keeps the selected row marked while keys move in the inspector: it is what the inspector shows.
func (p *Pane) focus() table.Focus {
	if p.Focused {
		return table.Active
	}
	return table.Resting
}

func (p *Pane) state(c columns.Column) func(*engine.Site) table.Cell {
	return func(s *engine.Site) table.Cell {
		b := badge.Of(*s, p.Theme)
		if !c.WithWord() {
			return table.Cell{Text: b.Short(), Style: b.Style}
		}
		return table.Cell{Text: b.Text(), Style: b.Style}
	}
}

// title gives way to what is wrong with the site. It is all that tells found sites apart.
func (p *Pane) title(s *engine.Site) table.Cell {
	switch text, bad := badge.Problem(*s); {
	case bad:
		return table.Cell{Text: format.Text(text), Style: p.Theme.Bad}
	case text != "" && (s.Title == "" || s.State != engine.Found && (s.State != engine.Downloading || s.Peers == 0)):
		return table.Cell{Text: "(" + format.Text(text) + ")", Style: p.Theme.Dim}
	case s.MissingParts > 0:
		return table.Cell{Text: "⚠ " + badge.Missing(*s), Style: p.Theme.Warn}
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
func (p *Pane) expires(c columns.Column) func(*engine.Site) table.Cell {
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
		if !c.WithGauge() {
			return table.Cell{Text: text, Style: style}
		}
		part := 1.0
		if period := s.ExpiresAt.Sub(s.LastOpen); period > 0 {
			part = float64(left) / float64(period)
		}
		return table.Cell{Text: text, Style: style, Tail: format.Gauge(min(max(part, 0), 1), 4), TailStyle: gauge}
	}
}
