package dialog

import (
	"strings"

	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// helpRows is for how many lines of help there is room above the notes, which keep their place so.
const helpRows = 2

// View draws the window for a screen of w by h cells.
func (l *List) View(w, h int) string {
	inner := min(w-6, l.Width)
	if l.Width == 0 {
		inner = min(w-6, l.natural())
	}
	room := max(h-2, 1)
	rows := len(l.lines)
	if l.Rows != nil {
		rows = l.Rows()
	}
	rows = max(min(rows, room-l.above()), 1)
	lines := l.field(inner)
	first := l.sel.Scroll(len(l.lines), rows)
	for i := first; i < min(first+rows, len(l.lines)); i++ {
		lines = append(lines, l.draw(i, inner))
	}
	if len(l.lines) == 0 && l.Empty != nil {
		lines = append(lines, l.Theme.Dim.Render(format.Cut("  "+l.Empty(), inner)))
	}
	below := l.below(inner)
	below = below[:min(len(below), max(room-l.above()-rows, 0))]
	lines = append(lines, below...)
	more := first+rows < len(l.lines)
	return layout.FrameWithMore(
		strings.Join(lines, "\n"), l.Title, inner, l.above()+rows+len(below), first > 0, more, l.Theme)
}

// above is how many lines stand above those to choose from.
func (l *List) above() int {
	if l.Filter == nil {
		return 0
	}
	return 2
}

// field draws the filter and its note.
func (l *List) field(w int) []string {
	if l.Filter == nil {
		return nil
	}
	count, note := "", ""
	if l.Filter.Count != nil {
		count = l.Filter.Count()
	}
	if l.Filter.Note != nil {
		note = format.Cut(l.Filter.Note(), w)
	}
	room := w - format.Width(count)
	return []string{format.Fit(field.View(l.input, l.Theme, room), room) + l.Theme.Dim.Render(count), note}
}

// Room before a label, in cells: for the mark of the selected line and a letter, or a box.
const (
	markWidth   = 2
	letterWidth = 3
	boxWidth    = 4
)

// widths returns the room before the labels and that of the widest label, in cells.
func (l *List) widths() (lead, label int) {
	lead = markWidth
	for i := range l.lines {
		switch line := &l.lines[i]; {
		case line.Box != "":
			lead = markWidth + boxWidth
		case line.Key != "" && lead == markWidth:
			lead = markWidth + letterWidth
		}
		label = max(label, format.Width(l.lines[i].Label))
	}
	return lead, label
}

// detailAt is where details begin in a line, in cells.
func (l *List) detailAt() int {
	lead, label := l.widths()
	return lead + label + 2
}

// natural is how wide the lines and the title are, in cells, with some air at the right edge.
func (l *List) natural() int {
	detail := 0
	for i := range l.lines {
		detail = max(detail, format.Width(l.lines[i].Detail))
	}
	return max(l.detailAt()+detail+2, format.Width(l.Title)+4, 28)
}

// draw draws line i in w cells.
func (l *List) draw(i, w int) string {
	selected := i == l.sel.Index()
	if l.Draw != nil {
		return l.Draw(i, w, selected)
	}
	line, mark, ground := &l.lines[i], "  ", theme.Style("")
	if selected {
		mark, ground = "▸ ", l.Theme.Selected
	}
	lead, label := l.widths()
	left := mark + line.Key + line.Box
	detail := "  " + format.Fit(line.Detail, max(w-lead-label-2, 0))
	switch {
	case line.Detail == "":
		label, detail = max(w-lead, 0), ""
	case l.DetailRight:
		detail = "  " + format.Cut(line.Detail, max(w-lead-2, 0))
		label = max(w-lead-format.Width(detail), 0)
	}
	style := l.Theme.Dim
	if l.DetailAccent {
		style = l.Theme.Accent
	}
	found := l.find.Query()
	text := l.Theme.Cell(l.Theme.Accent, ground).Render(format.Fit(left, lead)) +
		found.Render(format.Fit(line.Label, label), l.Theme, l.Theme.Text, ground) +
		found.Render(detail, l.Theme, style, ground)
	return format.Cut(text, w)
}

// below draws the help of the selected line and the notes.
func (l *List) below(w int) []string {
	if len(l.Notes) == 0 {
		return nil
	}
	lines, help := []string{""}, ""
	if len(l.lines) > 0 {
		help = l.lines[l.sel.Index()].Help
	}
	for _, text := range format.Wrap(help, w) {
		lines = append(lines, l.find.Query().Mark(text, l.Theme, ""))
	}
	for len(lines) < 1+helpRows {
		lines = append(lines, "")
	}
	for _, note := range l.Notes {
		lines = append(lines, Wrap(note, w, l.Theme.Dim)...)
	}
	return lines
}
