package format

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
)

// Width returns the number of cells that s takes; s may contain styles. It is called for every piece of every frame, so
// plain signs and SGR sequences are counted here; anything else is left to the library.
func Width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= ' ' && c <= '~':
			n++
			i++
		case c == '\x1b':
			end := sgrEnd(s, i)
			if end < 0 {
				return ansi.StringWidth(s)
			}
			i = end
		case c >= 0x80:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !isNarrow(r) {
				return ansi.StringWidth(s)
			}
			n++
			i += size
		default:
			return ansi.StringWidth(s)
		}
	}
	return n
}

// sgrEnd returns where the SGR sequence that begins at i ends, or -1 if there is none.
func sgrEnd(s string, i int) int {
	if i+1 >= len(s) || s[i+1] != '[' {
		return -1
	}
	for i += 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case c != ';' && (c < '0' || c > '9'):
			return -1
		}
	}
	return -1
}

// isNarrow reports whether a sign takes one cell and never joins its neighbours: Latin letters, and the signs that the
// dashboard draws.
func isNarrow(r rune) bool {
	switch {
	case r >= 0xc0 && r <= 0x24f,
		r >= 0x2013 && r <= 0x2026,
		r >= 0x2500 && r <= 0x25b5, // lines, blocks, squares, triangles
		r >= 0x2800 && r <= 0x28ff: // braille
		return true
	}
	return strings.ContainsRune("·×‹›▼▸▾●○◌◷★✓✗⌂‖⟳↓↑↵←→", r)
}

// Text makes foreign text safe to align: it removes what joins or varies emoji, because terminals do not agree on the
// width of the result. Controls have been removed already (engine.Clean); any that is left is removed here.
func Text(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 0x200d, r >= 0xfe00 && r <= 0xfe0f, r >= 0x1f3fb && r <= 0x1f3ff, r == 0x20e3:
			return -1
		}
		return r
	}, s)
	return trimJoining(engine.Clean(s))
}

// trimJoining removes what would join a blank before or after s (a combining mark without a base, for one), so that the
// width of a line is the sum of its cells' widths.
func trimJoining(s string) string {
	for s != "" && Width(" "+s) != 1+Width(s) {
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
	for s != "" && Width(s+" ") != Width(s)+1 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// Cut shortens s to w cells; the last one is an ellipsis if anything is missing.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if Width(s) <= w {
		return s
	}
	return ansi.Truncate(s, w, "…")
}

// CutMessage shortens a message to w cells. What is in parentheses goes first, since the end says what to do about an
// error.
func CutMessage(s string, w int) string {
	for Width(s) > w {
		shorter, ok := DropParentheses(s)
		if !ok {
			break
		}
		s = shorter
	}
	return Cut(s, w)
}

// DropParentheses returns s without its first parentheses and what is in them, and reports whether there are any.
func DropParentheses(s string) (shorter string, ok bool) {
	from := strings.Index(s, " (")
	if from < 0 {
		return s, false
	}
	to := closingParenthesis(s[from+1:])
	if to < 0 {
		return s, false
	}
	return s[:from] + s[from+1+to:], true
}

// closingParenthesis returns the index after the parenthesis that closes the one at the start of s; -1 if none does.
func closingParenthesis(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// CutLeft shortens s to w cells from its beginning, and puts an ellipsis there.
func CutLeft(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if over := Width(s) - w; over > 0 {
		// A wide character at the cut may leave a cell too many.
		for n := over + 1; ; n++ {
			if c := ansi.TruncateLeft(s, n, "…"); Width(c) <= w {
				return c
			}
		}
	}
	return s
}

// Fit makes s exactly w cells wide, cut or padded on the right.
func Fit(s string, w int) string {
	s = Cut(s, w)
	return s + Blank(w-Width(s))
}

// Prefix returns the first w cells of s, without an ellipsis.
func Prefix(s string, w int) string { return ansi.Truncate(s, max(w, 0), "") }

// FitRight makes s exactly w cells wide, cut or padded on the left.
func FitRight(s string, w int) string {
	s = Cut(s, w)
	return Blank(w-Width(s)) + s
}

// Center puts s into the middle of w cells.
func Center(s string, w int) string {
	s = Cut(s, w)
	left := (w - Width(s)) / 2
	return Blank(left) + s + Blank(w-left-Width(s))
}

// Host shortens a site's host to w cells: an infohash or a key in its middle, a domain at its beginning, because its
// end names the owner.
func Host(host string, w int) string {
	if len(host) <= w {
		return host
	}
	if !engine.IsOpaque(host) {
		return CutLeft(host, w)
	}
	if w < 8 {
		return Cut(host, w)
	}
	return host[:w-5] + "…" + host[len(host)-4:]
}

// RecordHolders returns how many nodes and relays accepted a key's record when it was last put.
func RecordHolders(r engine.Record) string {
	nodes := Plural(r.Nodes, "node")
	switch {
	case r.Nodes == 0 && r.Relays > 0:
		return Plural(r.Relays, "relay")
	case r.Relays > 0:
		return nodes + " and " + Plural(r.Relays, "relay")
	}
	return nodes
}

// Wrap breaks s into lines of at most w cells, between words where possible, and not at the hyphens of an option such
// as --listen-public.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	lines := strings.Split(ansi.Wrap(joinOptions(s), w, ""), "\n")
	for i, l := range lines {
		l = strings.ReplaceAll(l, nonBreakingHyphen, "-")
		lines[i] = Cut(strings.TrimRight(l, " "), w)
	}
	return lines
}

// nonBreakingHyphen is a hyphen at which ansi.Wrap does not break a line.
const nonBreakingHyphen = "\u2011"

// joinOptions replaces the hyphens of options by nonBreakingHyphen.
func joinOptions(s string) string {
	words := strings.Split(s, " ")
	for i, word := range words {
		if strings.HasPrefix(strings.TrimLeft(word, "`(\""), "-") {
			words[i] = strings.ReplaceAll(word, "-", nonBreakingHyphen)
		}
	}
	return strings.Join(words, " ")
}

// WrapAnywhere breaks an address into lines of at most w cells, anywhere, so that nothing is added to it or lost.
func WrapAnywhere(s string, w int) []string {
	var out []string
	for w > 0 && utf8.RuneCountInString(s) > w {
		r := []rune(s)
		out = append(out, string(r[:w]))
		s = string(r[w:])
	}
	return append(out, s)
}

const spaces = "                                                                                                    "

// Blank returns n blanks; none for a negative n.
func Blank(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(spaces) {
		return spaces[:n]
	}
	return strings.Repeat(" ", n)
}

// Capital returns s with its first letter as a capital. It is for the program's own texts, which begin with ASCII.
func Capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
