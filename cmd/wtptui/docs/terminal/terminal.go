package terminal

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wtptui/cmd/wtptui/docs/document"
)

// Renderer renders documents.
type Renderer struct {
	// Width is the maximum number of cells in a line, at least 20; code may exceed it.
	Width int
	// Color reports whether to use escape sequences for bold text and colours.
	Color bool
	// Command returns the command that shows a topic, for links to it; nil leaves these out.
	Command func(topic string) string
}

// Indents, in cells.
const (
	bodyIndent = 2
	codeIndent = 4
	minWidth   = 20
)

// Render returns a document as text. Each line ends with a newline, and none with blanks.
func (r Renderer) Render(blocks document.Blocks) string {
	r.Width = max(r.Width, minWidth)
	w := &writer{Renderer: r}
	indent := bodyIndent
	for i, b := range blocks {
		if i > 0 {
			w.writeBlankLine()
		}
		heading, ok := b.(document.Heading)
		if !ok {
			w.writeBlock(b, indent)
			continue
		}
		indent = bodyIndent
		if heading.Level > 2 {
			indent += bodyIndent
		}
		w.prefix = strings.Repeat(" ", indent-bodyIndent)
		w.writeText(bold(heading.Text))
	}
	return w.out.String()
}

// bold returns a heading's text in bold.
func bold(l document.Line) document.Line {
	return document.Line{{Text: l.String(), Style: document.Strong}}
}

// writer writes one document.
type writer struct {
	Renderer

	out strings.Builder
	// prefix is written in front of each line, and firstPrefix in its place in front of the next one, unless it is
	// empty.
	prefix, firstPrefix string
}

// writeBlock writes a block that is indented by so many cells.
func (w *writer) writeBlock(b document.Block, indent int) {
	outer := w.prefix
	defer func() { w.prefix = outer }()
	w.prefix = strings.Repeat(" ", indent)
	w.writeInner(b)
}

// writeInner writes a block after the prefix.
func (w *writer) writeInner(b document.Block) {
	switch b := b.(type) {
	case document.Heading:
		w.writeText(bold(b.Text))
	case document.Paragraph:
		w.writeText(b.Text)
	case document.Code:
		for line := range strings.Lines(b.Text) {
			w.writeLine(strings.Repeat(" ", codeIndent-bodyIndent) + strings.TrimRight(line, "\n"))
		}
	case document.Quote:
		w.writeNested("| ", "| ", b.Blocks)
	case document.List:
		w.writeList(b)
	case document.Table:
		w.writeTable(b)
	case document.Definitions:
		w.writeDefinitions(b)
	}
}

// writeBlocks writes blocks below each other.
func (w *writer) writeBlocks(blocks document.Blocks, tight bool) {
	for i, b := range blocks {
		if i > 0 && !tight {
			w.writeBlankLine()
		}
		w.writeInner(b)
	}
}

// writeNested writes blocks after a longer prefix, and the first line after first.
func (w *writer) writeNested(first, prefix string, blocks document.Blocks) {
	outer := w.prefix
	w.firstPrefix = w.nextPrefix() + first
	w.prefix += prefix
	w.writeBlocks(blocks, false)
	w.prefix, w.firstPrefix = outer, ""
}

func (w *writer) writeList(l document.List) {
	for i, item := range l.Items {
		if i > 0 && !l.Tight {
			w.writeBlankLine()
		}
		marker := "- "
		if l.Start > 0 {
			marker = fmt.Sprintf("%d. ", l.Start+i)
		}
		outer := w.prefix
		w.firstPrefix = w.nextPrefix() + marker
		w.prefix += strings.Repeat(" ", len(marker))
		w.writeBlocks(item, l.Tight)
		w.prefix, w.firstPrefix = outer, ""
	}
}

// writeText writes running text, broken into lines.
func (w *writer) writeText(l document.Line) {
	first := ansi.StringWidth(w.nextPrefix())
	for _, line := range wrap(w.words(l), w.Width-first) {
		w.writeLine(line)
	}
}

// nextPrefix returns the prefix of the next line.
func (w *writer) nextPrefix() string {
	if w.firstPrefix != "" {
		return w.firstPrefix
	}
	return w.prefix
}

// writeLine writes a line.
func (w *writer) writeLine(text string) {
	w.out.WriteString(strings.TrimRight(w.nextPrefix()+text, " ") + "\n")
	w.firstPrefix = ""
}

// writeBlankLine writes an empty line, which has the bars of a quote.
func (w *writer) writeBlankLine() {
	w.firstPrefix = ""
	w.writeLine("")
}
