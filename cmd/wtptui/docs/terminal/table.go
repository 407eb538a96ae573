package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wtptui/cmd/wtptui/docs/document"
)

// gap is the distance between columns, in cells.
const gap = 2

// writeTable writes a table whose columns fit into the width.
func (w *writer) writeTable(t document.Table) {
	rows := [][][]word{w.cellWords(t.Head, true)}
	for _, row := range t.Rows {
		rows = append(rows, w.cellWords(row, false))
	}
	widths := columnWidths(rows, w.Width-ansi.StringWidth(w.nextPrefix())-gap*(len(t.Head)-1))
	for i, row := range rows {
		w.writeRow(row, widths)
		if i > 0 {
			continue
		}
		var rule []string
		for _, width := range widths {
			rule = append(rule, strings.Repeat("-", width))
		}
		w.writeLine(strings.Join(rule, strings.Repeat(" ", gap)))
	}
}

// cellWords returns the words of a row's cells.
func (w *writer) cellWords(row []document.Line, head bool) [][]word {
	var cells [][]word
	for _, cell := range row {
		if head {
			cell = bold(cell)
		}
		cells = append(cells, w.words(cell))
	}
	return cells
}

// writeRow writes a row, in as many lines as its longest cell needs.
func (w *writer) writeRow(row [][]word, widths []int) {
	var cells [][]string
	height := 0
	for i, words := range row {
		cells = append(cells, wrap(breakLongWords(words, widths[i]), widths[i]))
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
		w.writeLine(line.String())
	}
}

// columnWidths returns the widths of the columns of rows, which have room cells in total. If there is room, each is as
// wide as its widest cell; otherwise the widest columns are narrowed, as far as their longest words allow.
func columnWidths(rows [][][]word, room int) []int {
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
	if widths := fitColumns(widest, longest, room); sum(widths) <= room {
		return widths
	}
	return fitColumns(widest, make([]int, len(widest)), max(room, len(widest)))
}

// fitColumns returns the largest widths that fit into the room, none below its least. If there are none, it returns
// least.
func fitColumns(widest, least []int, room int) []int {
	best := least
	for limit := 1; limit <= room; limit++ {
		widths := make([]int, len(widest))
		for i := range widths {
			widths[i] = max(least[i], min(widest[i], limit))
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

// writeDefinitions writes terms in a column and their meanings beside them. A term that is too wide has a line of its
// own.
func (w *writer) writeDefinitions(all document.Definitions) {
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
			w.writeLine(term)
		} else {
			w.firstPrefix = w.nextPrefix() + term + strings.Repeat(" ", space)
		}
		outer := w.prefix
		w.prefix += strings.Repeat(" ", column+gap)
		w.writeBlocks(d.Blocks, false)
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
