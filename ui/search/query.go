package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// Query is a text to search for. Case matters only if the text has a capital. The zero value matches nothing.
type Query struct {
	text string
	fold bool // text is in lower case, and so is what it is compared with
}

// NewQuery returns the query for a typed text.
func NewQuery(text string) Query {
	return Query{text: text, fold: !strings.ContainsFunc(text, unicode.IsUpper)}
}

// Text returns the text that is searched for; empty for none.
func (q Query) Text() string { return q.text }

// Matches reports whether s contains the text.
func (q Query) Matches(s string) bool {
	from, _ := q.firstMatch(s)
	return from >= 0
}

// firstMatch returns the byte range of the first match in s; -1 if there is none.
func (q Query) firstMatch(s string) (from, to int) {
	if q.text == "" {
		return -1, -1
	}
	if !q.fold {
		from = strings.Index(s, q.text)
		return from, from + len(q.text)
	}
	first, _ := utf8.DecodeRuneInString(q.text)
	for i, r := range s {
		if r != first && unicode.ToLower(r) != first {
			continue
		}
		if n := foldedPrefix(s[i:], q.text); n >= 0 {
			return i, i + n
		}
	}
	return -1, -1
}

// foldedPrefix returns how many bytes of s equal low when case does not matter; -1 if s does not begin with it. Their
// number may differ from that of low: some letters take another number of bytes in the other case.
func foldedPrefix(s, low string) int {
	n := 0
	for _, wantRune := range low {
		r, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 || r != wantRune && unicode.ToLower(r) != wantRune {
			return -1
		}
		n += size
	}
	return n
}

// Render draws s, which has no styles, in the look of a cell with style st in a row with background row; the matches
// stand out.
func (q Query) Render(s string, th *theme.Theme, st, row theme.Style) string {
	style := th.Cell(st, row)
	if q.text == "" {
		return style.Render(s)
	}
	var b strings.Builder
	for {
		from, to := q.firstMatch(s)
		if from < 0 {
			break
		}
		b.WriteString(style.Render(s[:from]) + th.CellMatch(st, row).Render(s[from:to]))
		s = s[to:]
	}
	return b.String() + style.Render(s)
}

// stripStyles returns a line without its styles.
func stripStyles(line string) string { return ansi.Strip(line) }

// Mark makes the matches stand out in a line that already has styles, among them the background row.
func (q Query) Mark(line string, th *theme.Theme, row theme.Style) string {
	text := stripStyles(line)
	if !q.Matches(text) {
		return line
	}
	var b strings.Builder
	at, read := 0, 0 // the cell and the byte of text up to which the line has been written
	for {
		from, to := q.firstMatch(text[read:])
		if from < 0 {
			break
		}
		start := at + format.Width(text[read:read+from])
		end := start + format.Width(text[read+from:read+to])
		b.WriteString(ansi.Cut(line, at, start) + "\x1b[m" + th.CellMatch("", row).Render(text[read+from:read+to]))
		at, read = end, read+to
	}
	return b.String() + ansi.TruncateLeft(line, at, "")
}
