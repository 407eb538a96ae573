package dialog

import (
	"strings"

	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// helpRows is the number of lines for help above the notes, which keep their place that way.
const helpRows = 2

// View draws the window for a screen of w by h cells.
func (l *List) View(w, h int) string {
	inner := min(w-6, l.Width)
	if l.Width == 0 {
		inner = min(w-6, l.naturalWidth())
	}
	room := max(h-2, 1)
	rows := len(l.lines)
	if l.MaxRows != nil {
		rows = l.MaxRows()
	}
	rows = max(min(rows, room-l.linesAbove()), 1)
	lines := l.drawField(inner)
	first := l.sel.Scroll(len(l.lines), rows)
	for i := first; i < min(first+rows, len(l.lines)); i++ {
		lines = append(lines, l.drawLine(i, inner))
	}
	if len(l.lines) == 0 && l.EmptyText != nil {
		lines = append(lines, l.Theme.Dim.Render(format.Cut("  "+l.EmptyText(), inner)))
	}
	below := l.drawBelow(inner)
	below = below[:min(len(below), max(room-l.linesAbove()-rows, 0))]
	lines = append(lines, below...)
	more := first+rows < len(l.lines)
	return layout.FrameWithMore(
		strings.Join(lines, "\n"), l.Title, inner, l.linesAbove()+rows+len(below), first > 0, more, l.Theme)
}

// linesAbove returns how many lines are above those to choose from.
func (l *List) linesAbove() int {
	if l.Filter == nil {
		return 0
	}
	return 2
}

// drawField draws the filter and its note.
func (l *List) drawField(w int) []string {
	if l.Filter == nil {
		return nil
	}
	count, note := "", ""
	if l.Filter.CountText != nil {
		count = l.Filter.CountText()
	}
	if l.Filter.NoteText != nil {
		note = format.Cut(l.Filter.NoteText(), w)
	}
	room := w - format.Width(count)
	return []string{format.Fit(field.View(l.input, l.Theme, room), room) + l.Theme.Dim.Render(count), note}
}

// Widths before a label, in cells: of the mark of the selected line, of a letter, and of a box.
const (
	markWidth   = 2
	letterWidth = 3
	boxWidth    = 4
)

// leadAndLabelWidth returns the width before the labels and that of the widest label, in cells.
func (l *List) leadAndLabelWidth() (lead, label int) {
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

// detailAt returns where details begin in a line, in cells.
func (l *List) detailAt() int {
	lead, label := l.leadAndLabelWidth()
	return lead + label + 2
}

// naturalWidth returns the width of the lines and of the title, in cells, with a margin at the right.
func (l *List) naturalWidth() int {
	detail := 0
	for i := range l.lines {
		detail = max(detail, format.Width(l.lines[i].Detail))
	}
	return max(l.detailAt()+detail+2, format.Width(l.Title)+4, 28)
}

// drawLine draws line i in w cells.
func (l *List) drawLine(i, w int) string {
	selected := i == l.sel.Index()
	if l.DrawLine != nil {
		return l.DrawLine(i, w, selected)
	}
	line, mark, background := &l.lines[i], "  ", theme.Style("")
	if selected {
		mark, background = "▸ ", l.Theme.Selected
	}
	lead, label := l.leadAndLabelWidth()
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
	found := l.search.Query()
	text := l.Theme.Cell(l.Theme.Accent, background).Render(format.Fit(left, lead)) +
		found.Render(format.Fit(line.Label, label), l.Theme, l.Theme.Text, background) +
		found.Render(detail, l.Theme, style, background)
	return format.Cut(text, w)
}

// drawBelow draws the help of the selected line and the notes.
func (l *List) drawBelow(w int) []string {
	if len(l.Notes) == 0 {
		return nil
	}
	lines, help := []string{""}, ""
	if len(l.lines) > 0 {
		help = l.lines[l.sel.Index()].Help
	}
	for _, text := range format.Wrap(help, w) {
		lines = append(lines, l.search.Query().Mark(text, l.Theme, ""))
	}
	for len(lines) < 1+helpRows {
		lines = append(lines, "")
	}
	for _, note := range l.Notes {
		lines = append(lines, Wrap(note, w, l.Theme.Dim)...)
	}
	return lines
}
