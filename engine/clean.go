package engine

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTextLength is the maximum length of a text of others, in runes. Clean cuts longer ones.
const MaxTextLength = 512

// Clean makes text from outside (titles, file names, client names, tracker errors, TXT records) fit to be shown in a
// terminal or a log: it drops C0 and C1 controls, ESC included, bidirectional and other invisible format controls, and
// bytes that are not UTF-8; runs of white space become one blank. Whoever builds a value of this package from foreign
// text calls it; nobody has to afterwards.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(min(len(s), 4*MaxTextLength))
	n, blank := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = n > 0
			continue
		}
		if !isPrintable(r) {
			continue
		}
		if n >= MaxTextLength-1 {
			b.WriteRune('…')
			break
		}
		if blank {
			b.WriteByte(' ')
			n++
			blank = false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// CleanLine is Clean for a line whose layout another program has made: it keeps blanks and length.
func CleanLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && !isPrintable(r) {
			return -1
		}
		return r
	}, s)
}

// DisplayPath returns a file's path as findings show it: clean, with \xNN for each byte that is not UTF-8. With it a
// request can name such a file, and paths that differ only in such bytes stay different.
func DisplayPath(path string) string {
	if utf8.ValidString(path) {
		return Clean(path)
	}
	var b strings.Builder
	for i := 0; i < len(path); {
		r, size := utf8.DecodeRuneInString(path[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, path[i])
		} else {
			b.WriteString(path[i : i+size])
		}
		i += size
	}
	return Clean(b.String())
}

// isPrintable reports whether a person can see a character. U+200D joins emoji and is kept. All other format characters
// (category Cf: bidi overrides and isolates, zero-width marks, tags) are not: they can change how the rest of a line
// reads.
func isPrintable(r rune) bool {
	switch {
	case r == utf8.RuneError, r == 0x2028, r == 0x2029:
		return false
	case r == 0x200d:
		return true
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}
