package resolve

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"wtptui/engine"
)

// malformed is a TXT string that is meant as a key but is not a valid one.
type malformed struct {
	// what is what the string is, in a few words; shown is the string with invisible characters made visible; why is
	// what is wrong with it. All are clean.
	what, shown, why string
}

// findMalformed returns why a string is not a key; nil if it is not meant as one.
func findMalformed(s string) *malformed {
	if value, ok := cutPrefix(s, keyPrefix); ok {
		return &malformed{"a wtpkey that is not 40 hex digits", makeVisible(s), valueFault(value)}
	}
	if !looksLikeKey(s) {
		return nil
	}
	return &malformed{"a wtpkey that is misspelt", makeVisible(s), prefixFault(unquote(s), keyPrefix)}
}

// looksLikeKey reports whether a string is a misspelt key: without all characters that cannot be part of one, it
// starts with wtpkey, or starts with wtp and ends with an infohash.
func looksLikeKey(s string) bool {
	plain := strings.ToLower(strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, s))
	hash := plain[max(0, len(plain)-40):]
	return strings.HasPrefix(plain, "wtpkey") || strings.HasPrefix(plain, "wtp") && engine.IsInfohash(hash)
}

// prefixFault describes the first character that differs from the expected prefix.
func prefixFault(s, prefix string) string {
	at := 0
	for _, want := range prefix {
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 {
			return `"` + prefix[at:] + `" is missing`
		}
		if unicode.ToLower(r) != want || r >= utf8.RuneSelf {
			return fmt.Sprintf(`character %d is %s and not "%c"`, at+1, describeCharacter(s), want)
		}
		s, at = s[size:], at+1
	}
	return ""
}

// valueFault describes why a value is not an infohash: its length, and its first wrong character.
func valueFault(value string) string {
	n, wrong := 0, ""
	for i := 0; i < len(value); n++ {
		_, size := utf8.DecodeRuneInString(value[i:])
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(value[i])) && wrong == "" {
			wrong = fmt.Sprintf("character %d of the value is %s", n+1, describeCharacter(value[i:]))
		}
		i += size
	}
	switch {
	case n == 0:
		return "the value is missing"
	case n == 40:
		return wrong
	case wrong != "":
		return fmt.Sprintf("the value has %d characters, and %s", n, wrong)
	}
	return fmt.Sprintf("the value has %d characters", n)
}

// describeCharacter describes the first character of a string so that it can be told from others that look like it.
func describeCharacter(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf("the byte %02X, which is not UTF-8", s[0])
	case r == ' ':
		return "a blank"
	case !isVisible(r):
		return fmt.Sprintf("U+%04X", r)
	case r >= utf8.RuneSelf:
		return fmt.Sprintf(`"%c" (U+%04X)`, r, r)
	}
	return fmt.Sprintf(`"%c"`, r)
}

// isVisible reports whether a character is visible to a person; a blank counts as visible.
func isVisible(r rune) bool {
	return r == ' ' || r != utf8.RuneError &&
		!unicode.In(r, unicode.C, unicode.Z, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// makeVisible returns a clean string in which invisible characters are replaced by <U+200B> and bytes that are not
// UTF-8 by <FF>.
func makeVisible(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "<%02X>", s[i])
		case isVisible(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
		i += size
	}
	return engine.Clean(b.String())
}
