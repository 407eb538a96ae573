package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wtptui/cmd/wtptui/docs/document"
)

// gap is between two columns, in cells.
const gap = 2

// table writes a table whose columns fit into the width.
func (w *writer) table(t document.Table) {
	rows := [][][]word{w.cells(t.Head, true)}
	for _, row := range t.Rows {
		rows = append(rows, w.cells(row, false))
	}
	widths := columns(rows, w.Width-ansi.StringWidth(w.begin())-gap*(len(t.Head)-1))
	for i, row := range rows {
		w.row(row, widths)
		if i > 0 {
			continue
		}
		var rule []string
		for _, width := range widths {
			rule = append(rule, strings.Repeat("-", width))
		}
		w.put(strings.Join(rule, strings.Repeat(" ", gap)))
	}
}

// cells returns the words of a row's cells.
func (w *writer) cells(row []document.Line, head bool) [][]word {
	var cells [][]word
	for _, cell := range row {
		if head {
			cell = bold(cell)
		}
		cells = append(cells, w.words(cell))
	}
	return cells
}

// row writes one row, in as many lines as its longest cell needs.
func (w *writer) row(row [][]word, widths []int) {
	var cells [][]string
	height := 0
	for i, words := range row {
		cells = append(cells, wrap(cut(words, widths[i]), widths[i]))
		height = max(height, len(cells[i]))
	}
	for y := range height {
		var line strings.Builder
		for i, cell := range cells {
			text := ""
			if y < len(cell) {
				text = cell[y]
			}
			line.WriteString(text + strings.Repeat(" ", widths[i]-ansi.StringWidth(text)))
			if i+1 < len(cells) {
				line.WriteString(strings.Repeat(" ", gap))
			}
		}
		w.put(line.String())
	}
}

// columns returns the widths of the columns of rows, which have room for so many cells together: each as wide as its
// widest cell, if there is room, else the widest give way, as far as their longest words allow.
func columns(rows [][][]word, room int) []int {
	widest := make([]int, len(rows[0]))
	longest := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, words := range row {
			width := 0
			for _, word := range words {
				width += word.width + 1
				longest[i] = max(longest[i], word.width, 1)
			}
			widest[i] = max(widest[i], width-1, 1)
		}
	}
	if widths := fit(widest, longest, room); sum(widths) <= room {
		return widths
	}
	return fit(widest, make([]int, len(widest)), max(room, len(widest)))
}

// fit returns the widest columns, none below its least, that fit into the room; where none do, the least.
func fit(widest, least []int, room int) []int {
	best := least
	for most := 1; most <= room; most++ {
		widths := make([]int, len(widest))
		for i := range widths {
			widths[i] = max(least[i], min(widest[i], most))
		}
		if sum(widths) > room {
			break
		}
		best = widths
	}
	return best
}

func sum(widths []int) int {
	n := 0
	for _, w := range widths {
		n += w
	}
	return n
}

// definitions writes terms in a column and what they mean beside them. A term that is too wide has a line of its own.
func (w *writer) definitions(all document.Definitions) {
	const most = 28 // of the terms' column
	column := 0
	for _, d := range all {
		if width := w.termWidth(d); width <= most {
			column = max(column, width)
		}
	}
	for _, d := range all {
		term := strings.Join(wrap(w.words(d.Term), w.Width), " ")
		space := column + gap - w.termWidth(d)
		if space < gap || len(d.Blocks) == 0 {
			w.put(term)
		} else {
			w.first = w.begin() + term + strings.Repeat(" ", space)
		}
		outer := w.prefix
		w.prefix += strings.Repeat(" ", column+gap)
		w.all(d.Blocks, false)
		w.prefix = outer
	}
}

func (w *writer) termWidth(d document.Definition) int {
	width := -1
	for _, word := range w.words(d.Term) {
		width += word.width + 1
	}
	return width
}
