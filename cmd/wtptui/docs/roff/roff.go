package roff

import (
	"fmt"
	"strings"

	"wtptui/cmd/wtptui/docs/document"
)

// Header is the title line of a man page.
type Header struct {
	Name    string // in capitals by custom
	Section int
	Date    string // of the release, as 2006-01-02; empty if it is not known
	Source  string // the program and its version
	Manual  string // what the page is a part of
}

// Page returns a man page. A heading of level 1 or 2 begins a section of it, one of a higher level a subsection.
func Page(h Header, blocks document.Blocks) string {
	w := &writer{}
	fmt.Fprintf(&w.out, ".TH %s %d %s %s %s\n",
		quoted(h.Name), h.Section, quoted(h.Date), quoted(h.Source), quoted(h.Manual))
	w.all(blocks)
	return w.out.String()
}

// writer writes one page.
type writer struct {
	out strings.Builder
	// tagged reports whether paragraphs belong to a term and keep its indent.
	tagged bool
	// begun reports whether a heading or a term has just been written: the first paragraph follows without a request.
	begun bool
}

func (w *writer) all(blocks document.Blocks) {
	for _, b := range blocks {
		w.block(b)
	}
}

func (w *writer) block(b document.Block) {
	switch b := b.(type) {
	case document.Heading:
		request := ".SS"
		if b.Level <= 2 {
			request = ".SH"
		}
		w.put(request + " " + quoted(b.Text.String()))
		w.begun = true
	case document.Paragraph:
		w.paragraph()
		w.put(line(b.Text))
	case document.Code:
		w.paragraph()
		w.put(".in +4n\n.EX")
		for text := range strings.Lines(b.Text) {
			w.put(guarded(escaped(strings.TrimRight(text, "\n"), true)))
		}
		w.put(".EE\n.in")
	case document.Quote:
		w.inset(func() { w.all(b.Blocks) })
	case document.List:
		w.list(b)
	case document.Table:
		w.table(b)
	case document.Definitions:
		w.definitions(b)
	}
}

// paragraph begins a paragraph.
func (w *writer) paragraph() {
	switch {
	case w.begun:
	case w.tagged:
		w.put(".IP")
	default:
		w.put(".PP")
	}
	w.begun = false
}

// inset writes something that is indented.
func (w *writer) inset(write func()) {
	tagged := w.tagged
	w.put(".RS 4")
	w.tagged, w.begun = false, false
	write()
	w.put(".RE")
	w.tagged = tagged
}

func (w *writer) list(l document.List) {
	for i, item := range l.Items {
		marker, indent := `\(bu`, 2
		if l.Start > 0 {
			marker, indent = fmt.Sprintf("%d.", l.Start+i), 4
		}
		if l.Tight && i == 1 {
			w.put(".PD 0")
		}
		w.put(fmt.Sprintf(".IP %s %d", marker, indent))
		w.item(item)
	}
	if l.Tight && len(l.Items) > 1 {
		w.put(".PD")
	}
	w.begun = false
}

// table writes each row as a term, its first cell, and what the others say of it.
func (w *writer) table(t document.Table) {
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
	w.definitions(all)
}

func (w *writer) definitions(all document.Definitions) {
	for _, d := range all {
		w.put(".TP\n" + line(d.Term))
		w.item(d.Blocks)
	}
	w.begun = false
}

// item writes what belongs to a term or a bullet. Lists in it are indented once more.
func (w *writer) item(blocks document.Blocks) {
	tagged := w.tagged
	w.tagged, w.begun = true, true
	for i, b := range blocks {
		switch b.(type) {
		case document.Paragraph, document.Code:
			w.block(b)
		default:
			w.inset(func() { w.all(blocks[i : i+1]) })
		}
	}
	w.tagged, w.begun = tagged, false
}

// put writes one line or several.
func (w *writer) put(text string) { w.out.WriteString(text + "\n") }

// line returns running text as one line: nothing of how its source was broken is left.
func line(l document.Line) string {
	var b strings.Builder
	for i, s := range l {
		text := escaped(s.Text, s.Style == document.Literal || s.Style == document.Strong)
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
			b.WriteString(` \(la` + escaped(s.Link, true) + `\(ra`)
		}
	}
	var guardedLines []string
	for text := range strings.SplitSeq(b.String(), "\n") {
		if text != ".br" {
			text = guarded(strings.TrimLeft(text, " "))
		}
		guardedLines = append(guardedLines, text)
	}
	return strings.Join(guardedLines, "\n")
}

// special are the characters that mean something to roff, or look different when they are printed.
var special = strings.NewReplacer(`\`, `\e`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// escaped returns text that roff prints as it is. In literal text, and in words such as --flag, hyphens are those that
// are typed.
func escaped(text string, literal bool) string {
	text = special.Replace(text)
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

// guarded keeps a line from being taken for a request.
func guarded(text string) string {
	if strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return text
}

// quoted returns text as one argument of a request.
func quoted(text string) string {
	return `"` + strings.ReplaceAll(escaped(text, false), `"`, `\(dq`) + `"`
}
