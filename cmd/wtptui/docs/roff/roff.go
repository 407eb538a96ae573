package roff

import (
	"fmt"
	"strings"

	"wtptui/cmd/wtptui/docs/document"
)

// Header is the title line of a man page.
type Header struct {
	Name    string // usually in capitals
	Section int
	Date    string // of the release, as 2006-01-02; empty if it is unknown
	Source  string // the program and its version
	Manual  string // the manual to which the page belongs
}

// Page returns a man page. A heading of level 1 or 2 starts a section, one of a higher level a subsection.
func Page(h Header, blocks document.Blocks) string {
	w := &writer{}
	fmt.Fprintf(&w.out, ".TH %s %d %s %s %s\n",
		quote(h.Name), h.Section, quote(h.Date), quote(h.Source), quote(h.Manual))
	w.writeBlocks(blocks)
	return w.out.String()
}

// writer writes one page.
type writer struct {
	out strings.Builder
	// tagged reports whether paragraphs belong to a term and keep its indent.
	tagged bool
	// afterStart reports whether a heading or a term was just written: the first paragraph follows without a request.
	afterStart bool
}

func (w *writer) writeBlocks(blocks document.Blocks) {
	for _, b := range blocks {
		w.writeBlock(b)
	}
}

func (w *writer) writeBlock(b document.Block) {
	switch b := b.(type) {
	case document.Heading:
		request := ".SS"
		if b.Level <= 2 {
			request = ".SH"
		}
		w.writeLines(request + " " + quote(b.Text.String()))
		w.afterStart = true
	case document.Paragraph:
		w.startParagraph()
		w.writeLines(inlineText(b.Text))
	case document.Code:
		w.startParagraph()
		w.writeLines(".in +4n\n.EX")
		for text := range strings.Lines(b.Text) {
			w.writeLines(guard(escape(strings.TrimRight(text, "\n"), true)))
		}
		w.writeLines(".EE\n.in")
	case document.Quote:
		w.writeIndented(func() { w.writeBlocks(b.Blocks) })
	case document.List:
		w.writeList(b)
	case document.Table:
		w.writeTable(b)
	case document.Definitions:
		w.writeDefinitions(b)
	}
}

// startParagraph starts a paragraph.
func (w *writer) startParagraph() {
	switch {
	case w.afterStart:
	case w.tagged:
		w.writeLines(".IP")
	default:
		w.writeLines(".PP")
	}
	w.afterStart = false
}

// writeIndented indents what write writes.
func (w *writer) writeIndented(write func()) {
	tagged := w.tagged
	w.writeLines(".RS 4")
	w.tagged, w.afterStart = false, false
	write()
	w.writeLines(".RE")
	w.tagged = tagged
}

func (w *writer) writeList(l document.List) {
	for i, item := range l.Items {
		marker, indent := `\(bu`, 2
		if l.Start > 0 {
			marker, indent = fmt.Sprintf("%d.", l.Start+i), 4
		}
		if l.Tight && i == 1 {
			w.writeLines(".PD 0")
		}
		w.writeLines(fmt.Sprintf(".IP %s %d", marker, indent))
		w.writeItem(item)
	}
	if l.Tight && len(l.Items) > 1 {
		w.writeLines(".PD")
	}
	w.afterStart = false
}

// writeTable writes each row as a term, its first cell, and the other cells as its meaning.
func (w *writer) writeTable(t document.Table) {
	var all document.Definitions
	for _, row := range t.Rows {
		d := document.Definition{Term: row[0]}
		for i, cell := range row[1:] {
			if len(cell) == 0 {
				continue
			}
			if len(row) > 2 {
				cell = append(document.Text(t.Head[i+1].String()+": "), cell...)
			}
			d.Blocks = append(d.Blocks, document.Paragraph{Text: cell})
		}
		all = append(all, d)
	}
	w.writeDefinitions(all)
}

func (w *writer) writeDefinitions(all document.Definitions) {
	for _, d := range all {
		w.writeLines(".TP\n" + inlineText(d.Term))
		w.writeItem(d.Blocks)
	}
	w.afterStart = false
}

// writeItem writes the blocks of a term or a bullet. Lists in it are indented once more.
func (w *writer) writeItem(blocks document.Blocks) {
	tagged := w.tagged
	w.tagged, w.afterStart = true, true
	for i, b := range blocks {
		switch b.(type) {
		case document.Paragraph, document.Code:
			w.writeBlock(b)
		default:
			w.writeIndented(func() { w.writeBlocks(blocks[i : i+1]) })
		}
	}
	w.tagged, w.afterStart = tagged, false
}

// writeLines writes one or more lines.
func (w *writer) writeLines(text string) { w.out.WriteString(text + "\n") }

// inlineText returns running text as one line, independent of the lines of its source.
func inlineText(l document.Line) string {
	var b strings.Builder
	for i, s := range l {
		text := escape(s.Text, s.Style == document.Literal || s.Style == document.Strong)
		switch s.Style {
		case document.Strong, document.Literal:
			text = `\fB` + text + `\fR`
		case document.Emphasis:
			text = `\fI` + text + `\fR`
		case document.Break:
			text = "\n.br\n"
		}
		b.WriteString(text)
		if s.Link != s.Text && document.External(s.Link) && (i+1 == len(l) || l[i+1].Link != s.Link) {
			b.WriteString(` \(la` + escape(s.Link, true) + `\(ra`)
		}
	}
	var guardedLines []string
	for text := range strings.SplitSeq(b.String(), "\n") {
		if text != ".br" {
			text = guard(strings.TrimLeft(text, " "))
		}
		guardedLines = append(guardedLines, text)
	}
	return strings.Join(guardedLines, "\n")
}

// specialCharacters replaces characters that have a meaning in roff, or look different when they are printed.
var specialCharacters = strings.NewReplacer(`\`, `\e`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// escape returns text that roff prints unchanged. In literal text, and in words such as --flag, hyphens are the
// characters that are typed.
func escape(text string, literal bool) string {
	text = specialCharacters.Replace(text)
	if literal {
		return strings.ReplaceAll(text, "-", `\-`)
	}
	words := strings.Split(text, " ")
	for i, word := range words {
		if strings.HasPrefix(word, "-") || strings.HasPrefix(word, "(-") {
			words[i] = strings.ReplaceAll(word, "-", `\-`)
		}
	}
	return strings.Join(words, " ")
}

// guard prevents that a line is taken for a request.
func guard(text string) string {
	if strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return text
}

// quote returns text as one argument of a request.
func quote(text string) string {
	return `"` + strings.ReplaceAll(escape(text, false), `"`, `\(dq`) + `"`
}
