package rows

import (
	"slices"
	"strings"

	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/search"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// gutter is the width left of the first column, for the cursor, in cells.
const gutter = 2

// Column is a column of a list, with the function that returns its cells.
type Column[T any] struct {
	Title string
	// Width is the column's natural width in cells; Min is how far it may shrink on a narrow screen (0: not at all), and
	// Max how far it grows on a wide one (0: not at all).
	Width, Min, Max int
	// Rank is how soon the column is left out when not all fit: 0 never, the highest first.
	Rank  int
	Right bool
	// Searchable reports whether a column that is aligned to the right is searched like the others. Most of those are
	// numbers that change.
	Searchable bool
	Cell       func(*T) table.Cell
}

// List is a pane of items. All exported fields must be set before it is used.
type List[T any] struct {
	Theme   *theme.Theme
	Columns []Column[T]
	// Key returns the key of an item, so that the selection stays with it when others come and go.
	Key func(*T) string
	// Empty is shown when there are no items.
	Empty string

	items   []T
	sel     table.Selection
	focused bool
	search  search.Search
	shown   []Column[T] // the columns as they were last drawn
}

// Count returns the number of items.
func (l *List[T]) Count() int { return len(l.items) }

// Focus sets whether keys move in this list.
func (l *List[T]) Focus(on bool) { l.focused = on }

// SetItems replaces the items, in their order; the selection stays with its item.
func (l *List[T]) SetItems(items []T) {
	l.items = items
	l.sel.Restore(len(items), l.keyAt)
	l.search.Invalidate()
}

// Search returns the search in the rows.
func (l *List[T]) Search() *search.Search { return l.search.Attach(l, l.Theme) }

// Query returns what is searched for.
func (l *List[T]) Query() search.Query { return l.search.Query() }

// RowCount returns the number of rows.
func (l *List[T]) RowCount() int { return len(l.items) }

// RowText returns the text of row i in the columns that are searched.
func (l *List[T]) RowText(i int) string {
	var b strings.Builder
	columns := l.shown
	if columns == nil {
		columns = l.Columns
	}
	for _, c := range columns {
		if !c.Right || c.Searchable {
			b.WriteString(c.Cell(&l.items[i]).Text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Items returns the items. The caller must not write to them.
func (l *List[T]) Items() []T { return l.items }

// Handle moves the selection.
func (l *List[T]) Handle(a keys.Action) bool { return l.sel.Move(a, len(l.items), l.keyAt) }

// Selected returns the selected item, if there is any.
func (l *List[T]) Selected() (*T, bool) {
	if i := l.sel.Index(); i >= 0 && i < len(l.items) {
		return &l.items[i], true
	}
	return nil, false
}

// Index returns the selected row; -1 when none is.
func (l *List[T]) Index() int { return l.sel.Index() }

// SelectRow selects row i, or the nearest one that there is; none for a negative i.
func (l *List[T]) SelectRow(i int) {
	if i < 0 {
		l.sel.Clear()
		return
	}
	l.sel.SelectRow(i, len(l.items), l.keyAt)
}

// ClickRow selects the row at line y of the pane, whose line 0 is the header.
func (l *List[T]) ClickRow(y int) bool {
	i, ok := l.sel.RowAt(y-1, len(l.items))
	if ok {
		l.SelectRow(i)
	}
	return ok
}

func (l *List[T]) keyAt(i int) string { return l.Key(&l.items[i]) }

// HasRoomFor reports whether the column with a title is shown in w cells.
func (l *List[T]) HasRoomFor(title string, w int) bool {
	return slices.ContainsFunc(fitColumns(l.Columns, w-gutter), func(c Column[T]) bool { return c.Title == title })
}

// View draws the header and the rows that fit into w by h cells.
func (l *List[T]) View(w, h int) string {
	if len(l.items) == 0 {
		lines := layout.Paragraph(l.Empty, w, l.Theme.Dim)
		return strings.Join(lines[:min(len(lines), max(h, 1))], "\n")
	}
	shown := fitColumns(l.Columns, w-gutter)
	l.shown = shown
	t := &table.Table{
		RowCount: len(l.items), Gutter: gutter, Focus: table.FocusIf(l.focused), Query: l.search.Query(), Theme: l.Theme,
	}
	for _, c := range shown {
		t.Columns = append(t.Columns, table.Column{Title: c.Title, Width: c.Width, Right: c.Right})
	}
	t.Row = func(i int, out []table.Cell) {
		for j := range shown {
			out[j] = shown[j].Cell(&l.items[i])
		}
	}
	return t.View(w, h, &l.sel)
}

// ViewAbove draws the list in w by h cells, of which the last lines are those below.
func (l *List[T]) ViewAbove(w, h int, below []string) string {
	view := l.View(w, h-len(below))
	missing := h - len(below) - 1 - strings.Count(view, "\n")
	return view + strings.Repeat("\n", max(missing, 0)+1) + strings.Join(below, "\n")
}
