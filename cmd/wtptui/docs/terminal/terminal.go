package terminal

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"wtptui/cmd/wtptui/docs/document"
)

// Renderer says how documents look.
type Renderer struct {
	// Width is how many cells a line has at most; code may exceed it. The least is 20.
	Width int
	// Color reports whether escape sequences for bold text and colours are understood.
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

// Render returns a document as text. Each line ends in a newline and none in blanks.
func (r Renderer) Render(blocks document.Blocks) string {
	r.Width = max(r.Width, minWidth)
	w := &writer{Renderer: r}
	indent := bodyIndent
	for i, b := range blocks {
		if i > 0 {
			w.blank()
		}
		heading, ok := b.(document.Heading)
		if !ok {
			w.block(b, indent)
			continue
		}
		indent = bodyIndent
		if heading.Level > 2 {
			indent += bodyIndent
		}
		w.prefix = strings.Repeat(" ", indent-bodyIndent)
		w.line(bold(heading.Text))
	}
	return w.out.String()
}

// bold returns a heading's text as it is shown.
func bold(l document.Line) document.Line {
	return document.Line{{Text: l.String(), Style: document.Strong}}
}

// writer writes one document.
type writer struct {
	Renderer

	out strings.Builder
	// prefix begins each line, and first the next one in its place, unless it is empty.
	prefix, first string
}

// block writes a block that is indented by so many cells.
func (w *writer) block(b document.Block, indent int) {
	outer := w.prefix
	defer func() { w.prefix = outer }()
	w.prefix = strings.Repeat(" ", indent)
	w.inner(b)
}

// inner writes a block after the prefix.
func (w *writer) inner(b document.Block) {
	switch b := b.(type) {
	case document.Heading:
		w.line(bold(b.Text))
	case document.Paragraph:
		w.line(b.Text)
	case document.Code:
		for line := range strings.Lines(b.Text) {
			w.put(strings.Repeat(" ", codeIndent-bodyIndent) + strings.TrimRight(line, "\n"))
		}
	case document.Quote:
		w.within("| ", "| ", b.Blocks)
	case document.List:
		w.list(b)
	case document.Table:
		w.table(b)
	case document.Definitions:
		w.definitions(b)
	}
}

// all writes blocks below each other.
func (w *writer) all(blocks document.Blocks, tight bool) {
	for i, b := range blocks {
		if i > 0 && !tight {
			w.blank()
		}
		w.inner(b)
	}
}

// within writes blocks after a longer prefix, which is first for the first line.
func (w *writer) within(first, prefix string, blocks document.Blocks) {
	outer := w.prefix
	w.first = w.begin() + first
	w.prefix += prefix
	w.all(blocks, false)
	w.prefix, w.first = outer, ""
}

func (w *writer) list(l document.List) {
	for i, item := range l.Items {
		if i > 0 && !l.Tight {
			w.blank()
		}
		marker := "- "
		if l.Start > 0 {
			marker = fmt.Sprintf("%d. ", l.Start+i)
		}
		outer := w.prefix
		w.first = w.begin() + marker
		w.prefix += strings.Repeat(" ", len(marker))
		w.all(item, l.Tight)
		w.prefix, w.first = outer, ""
	}
}

// line writes running text, broken into lines.
func (w *writer) line(l document.Line) {
	first := ansi.StringWidth(w.begin())
	for _, line := range wrap(w.words(l), w.Width-first) {
		w.put(line)
	}
}

// begin returns what the next line begins with.
func (w *writer) begin() string {
	if w.first != "" {
		return w.first
	}
	return w.prefix
}

// put writes one line.
func (w *writer) put(text string) {
	w.out.WriteString(strings.TrimRight(w.begin()+text, " ") + "\n")
	w.first = ""
}

// blank writes an empty line, which has the bars of a quote.
func (w *writer) blank() {
	w.first = ""
	w.put("")
}
