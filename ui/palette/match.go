package palette

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wtptui/engine"
)

// rank is how well something matches the typed text, the best first.
type rank int

const (
	exact     rank = iota // it is its name
	prefix                // its name begins so
	wordStart             // a word of its name begins so
	inside                // its name contains it
	described             // what it is or does contains it
	scattered             // its name has the letters in this order
	none
	ranks = none
)

// minScattered is how many letters must be typed before names match that only contain them in this order, and
// minSiteQuery before sites match: with fewer letters nearly all of them would.
const (
	minScattered = 3
	minSiteQuery = 2
)

// query is the typed text, in lower case and without blanks around it, and its words.
type query struct {
	text  string
	words []string
}

func newQuery(typed string) query {
	text := strings.ToLower(strings.TrimSpace(typed))
	return query{text: text, words: strings.Fields(text)}
}

// rank returns how well c matches. Everything that is not a site matches an empty text.
func (q query) rank(c *candidate) rank {
	switch {
	case c.host != "":
		return q.rankSite(c)
	case q.text == "":
		return inside
	}
	if r := rankName(c.name, q.text); r <= wordStart || len(q.words) == 1 && r < scattered {
		return r
	}
	worst := exact
	for _, word := range q.words {
		r := rankName(c.name, word)
		if r >= scattered && strings.Contains(c.text, word) {
			r = described
		}
		if r == none {
			return none
		}
		worst = max(worst, r, wordStart) // A word is not the whole name.
	}
	return worst
}

// rankSite ranks a site by its title or its host. An infohash is found by its beginning only.
func (q query) rankSite(c *candidate) rank {
	if len(q.text) < minSiteQuery {
		return none
	}
	best := rankName(c.name, q.text)
	switch {
	case strings.HasPrefix(c.host, q.text):
		best = min(best, prefix)
	case best > wordStart && !engine.IsOpaque(c.host):
		best = min(best, rankName(c.host, q.text))
	}
	return best
}

// rankName ranks one name.
func rankName(name, text string) rank {
	if len(text) > len(name) {
		return none
	}
	at := strings.Index(name, text)
	switch {
	case at == 0 && len(name) == len(text):
		return exact
	case at == 0:
		return prefix
	case at > 0 && hasWordStart(name, text, at):
		return wordStart
	case at > 0:
		return inside
	case len(text) >= minScattered && isScattered(name, text):
		return scattered
	}
	return none
}

// hasWordStart reports whether a word of name begins with text, which occurs in it at the byte at and maybe again
// later.
func hasWordStart(name, text string, at int) bool {
	for {
		before, _ := utf8.DecodeLastRuneInString(name[:at])
		if !unicode.IsLetter(before) && !unicode.IsDigit(before) {
			return true
		}
		next := strings.Index(name[at+1:], text)
		if next < 0 {
			return false
		}
		at += 1 + next
	}
}

// isScattered reports whether name has the characters of text in their order.
func isScattered(name, text string) bool {
	for _, r := range text {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+utf8.RuneLen(r):]
	}
	return true
}
