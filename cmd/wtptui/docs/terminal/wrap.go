package terminal

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/cmd/wtptui/docs/document"
)

// word is text that stays in one line, if that is wide enough.
type word struct {
	text       string // with escape sequences
	width      int    // in cells
	lastInLine bool   // nothing follows it in its line
}

// words returns the words of running text. Links are followed by their targets.
func (w *writer) words(l document.Line) []word {
	var words []word
	glued := false // The next text belongs to the last word.
	add := func(text string, style document.Style) {
		for i, part := range strings.Split(strings.NewReplacer("\n", " ", "\t", " ").Replace(text), " ") {
			if i > 0 {
				glued = false
			}
			if part == "" {
				continue
			}
			shown := w.applyStyle(part, style)
			if glued {
				last := &words[len(words)-1]
				last.text, last.width = last.text+shown, last.width+ansi.StringWidth(part)
				continue
			}
			words = append(words, word{text: shown, width: ansi.StringWidth(part)})
			glued = true
		}
	}
	for i, s := range l {
		if s.Style == document.Break {
			if len(words) > 0 {
				words[len(words)-1].lastInLine = true
			}
			glued = false
			continue
		}
		add(w.plainText(s, len(l) == 1), s.Style)
		if s.Link == "" || i+1 < len(l) && l[i+1].Link == s.Link {
			continue
		}
		before, target, after := w.linkTarget(s)
		if target != "" {
			add(before, document.Plain)
			add(target, document.Literal)
			add(after, document.Plain)
		}
	}
	return words
}

// linkTarget returns the text that names the target of a link, and the text around it.
func (w *writer) linkTarget(s document.Span) (before, target, after string) {
	if topic, ok := document.Topic(s.Link); ok && w.Command != nil {
		command := w.Command(topic)
		if !w.Color {
			command = "`" + command + "`"
		}
		return " (", command, ")"
	}
	if document.External(s.Link) && s.Link != s.Text {
		return " <", s.Link, ">"
	}
	return "", "", ""
}

// plainText returns the text of a span. Without colours code is in backticks, unless it stands alone.
func (w *writer) plainText(s document.Span, alone bool) string {
	if s.Style == document.Literal && !w.Color && !alone {
		return "`" + s.Text + "`"
	}
	return s.Text
}

// styles are the styles on a terminal that has colours.
var styles = map[document.Style]lipgloss.Style{
	document.Strong:   lipgloss.NewStyle().Bold(true),
	document.Emphasis: lipgloss.NewStyle().Italic(true),
	document.Literal:  lipgloss.NewStyle().Foreground(lipgloss.Cyan),
}

// applyStyle returns text with the escape sequences of its style.
func (w *writer) applyStyle(text string, style document.Style) string {
	look, ok := styles[style]
	if !w.Color || !ok {
		return text
	}
	return look.Render(text)
}

// wrap breaks words into lines of a width. Longer words have lines of their own and are not broken: addresses and
// commands are to be copied.
func wrap(words []word, width int) []string {
	var lines []string
	line, used := "", 0
	for i, word := range words {
		switch {
		case i == 0:
		case words[i-1].lastInLine || used+1+word.width > width:
			lines = append(lines, line)
			line, used = "", 0
		default:
			line, used = line+" ", used+1
		}
		line, used = line+word.text, used+word.width
	}
	return append(lines, line)
}

// breakLongWords breaks words that are wider than a column.
func breakLongWords(words []word, width int) []word {
	var all []word
	for _, w := range words {
		for w.width > width {
			head := ansi.Truncate(w.text, width, "")
			rest := ansi.TruncateLeft(w.text, width, "")
			all = append(all, word{text: head, width: ansi.StringWidth(head)})
			w.text, w.width = rest, ansi.StringWidth(rest)
		}
		all = append(all, w)
	}
	return all
}
