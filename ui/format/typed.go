package format

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanTyped removes from a pasted text, otherwise unchanged byte for byte, what no input field may show: controls,
// other than line breaks and tabs, which the field itself handles, and what changes how the rest of a line reads.
// engine.Clean also normalizes blanks, and so is not for paths.
func CleanTyped(s string) string {
	if IsVisible(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\r' && r != '\t' && isInvisible(r) {
			return -1
		}
		return r
	}, s)
}

// IsVisible reports whether a text can be shown as it is.
func IsVisible(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, isInvisible) }

func isInvisible(r rune) bool {
	return r == utf8.RuneError || r != 0x200d &&
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}
