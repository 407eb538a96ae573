package table

import (
	"strings"

	"wtptui/ui/format"
	"wtptui/ui/search"
	"wtptui/ui/theme"
)

// Column is a column's heading and place.
type Column struct {
	ID    string
	Title string
	Width int // in cells; a blank follows
	Right bool
}

// Cell is one field of a row.
type Cell struct {
	Text  string
	Style theme.Style
	// Tail stands at the column's right edge in a style of its own.
	Tail      string
	TailStyle theme.Style
}

// Focus is how the selected row is marked.
type Focus int

// The kinds of focus.
const (
	Hidden    Focus = iota // not at all: nothing is to be done with it
	Unfocused              // it is remembered, but keys move elsewhere
	Active                 // keys move here
)

// FocusIf returns Active if on, and Hidden otherwise.
func FocusIf(on bool) Focus {
	if on {
		return Active
	}
	return Hidden
}

// Table is a view of rows. A new one is made for each frame.
type Table struct {
	Columns []Column
	// RowCount is the number of rows. Row sets the cells of a row, one for each column.
	RowCount int
	Row      func(i int, cells []Cell)
	// Marked reports whether a row is marked; nil when rows cannot be marked. The mark is drawn after the cursor.
	Marked func(i int) bool
	// Moved reports whether a row stands out, because it was changed or moved just now; nil when none does.
	Moved func(i int) bool
	// Gutter is the width left of the first column, for the cursor.
	Gutter int
	Focus  Focus
	// SortBy is the ID of the column by which the rows are sorted, or empty.
	SortBy     string
	Descending bool
	// Query is what is searched for in the rows. Its matches stand out in their cells.
	Query search.Query
	Theme *theme.Theme
}

// View draws the header and the rows that fit into w by h cells, sel among them.
func (t *Table) View(w, h int, sel *Selection) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	var b strings.Builder
	b.Grow(w * h * 2)
	b.WriteString(t.drawHeader(w))
	first := sel.Scroll(t.RowCount, h-1)
	cells := make([]Cell, len(t.Columns))
	for i := first; i < min(first+h-1, t.RowCount); i++ {
		clear(cells)
		t.Row(i, cells)
		b.WriteByte('\n')
		t.drawRow(&b, cells, w, rowState{i == sel.Index(), t.Marked != nil && t.Marked(i), t.Moved != nil && t.Moved(i)})
	}
	return b.String()
}

func (t *Table) drawHeader(w int) string {
	var b strings.Builder
	b.WriteString(format.Blank(t.Gutter))
	used := t.Gutter
	for i, c := range t.Columns {
		title, st := t.Theme.SpellArrows(c.Title), t.Theme.Dim
		if c.ID != "" && c.ID == t.SortBy {
			title, st = t.sortedHeading(title, &c, i+1 == len(t.Columns)), t.Theme.Accent
		}
		b.WriteString(st.Render(fitCell(title, c)))
		used += c.Width
		if i+1 < len(t.Columns) && c.Width == t.Columns[i].Width {
			b.WriteByte(' ')
			used++
		}
	}
	b.WriteString(format.Blank(w - used))
	return b.String()
}

// sortedHeading returns the heading of the column by which the rows are sorted, with the arrow. A heading that fills
// its column has the arrow in the blank behind it, for which the column is widened. The last column has no blank, so
// its heading is shortened.
func (t *Table) sortedHeading(title string, c *Column, last bool) string {
	arrow := t.arrow()
	switch over := format.Width(title) + format.Width(arrow) - c.Width; {
	case over <= 0:
	case over == 1 && !last:
		c.Width++
	default:
		title = strings.TrimSuffix(title, "/s")
		title = format.Prefix(title, c.Width-format.Width(arrow))
	}
	return title + arrow
}

func (t *Table) arrow() string {
	if t.Descending {
		return "▼"
	}
	return "▲"
}

// rowState is what distinguishes a row from others.
type rowState struct{ selected, marked, moved bool }

func (t *Table) drawRow(b *strings.Builder, cells []Cell, w int, state rowState) {
	var background theme.Style
	mark := " "
	switch {
	case state.selected && t.Focus == Active:
		background, mark = t.Theme.Selected, "▸"
	case state.selected && t.Focus == Unfocused:
		background, mark = t.Theme.Unfocused, "▸"
	case state.moved:
		background = t.Theme.Moved
	}
	if state.marked {
		mark += "●"
	}
	used := t.Gutter
	b.WriteString(t.Theme.Cell(t.Theme.Accent, background).Render(format.Fit(mark, t.Gutter)))
	for i, c := range t.Columns {
		tail := cells[i].Tail
		c.Width -= format.Width(tail)
		text := fitCell(cells[i].Text, c)
		if tail != "" {
			b.WriteString(t.Query.Render(text, t.Theme, cells[i].Style, background))
			text, cells[i].Style = tail, cells[i].TailStyle
		}
		if i+1 < len(t.Columns) {
			text += " "
			used++
		}
		used += t.Columns[i].Width
		b.WriteString(t.Query.Render(text, t.Theme, cells[i].Style, background))
	}
	if rest := w - used; rest > 0 {
		b.WriteString(background.Render(format.Blank(rest)))
	}
}

func fitCell(s string, c Column) string {
	if c.Right {
		return format.FitRight(s, c.Width)
	}
	return format.Fit(s, c.Width)
}

// ColumnAt returns the ID of the column at x, for a click on the header.
func (t *Table) ColumnAt(x int) (string, bool) {
	at := t.Gutter
	for _, c := range t.Columns {
		if x >= at && x < at+c.Width {
			return c.ID, c.ID != ""
		}
		at += c.Width + 1
	}
	return "", false
}
