package markup

import (
	"bytes"

	"wtptui/engine"
)

// attributeForm is how an attribute names something.
type attributeForm int

const (
	asLink    attributeForm = iota + 1 // a URL that a person may go to
	asPart                             // a URL of a part of the page
	asMention                          // a URL that browsers neither load nor go to by themselves
	asPings                            // URLs separated by spaces, which browsers notify when a link is followed
	asImages                           // srcset
	asRefresh                          // seconds, and a URL
	asCSS                              // declarations, or the value of one
)

// namingAttributes are the attributes with which elements name something. A base element counts as a link: it is where
// relative links lead.
var namingAttributes = map[string]map[string]attributeForm{
	"a":          {"href": asLink, "xlink:href": asLink, "ping": asPings},
	"area":       {"href": asLink, "ping": asPings},
	"base":       {"href": asLink},
	"form":       {"action": asLink},
	"button":     {"formaction": asLink},
	"input":      {"formaction": asLink, "src": asPart},
	"link":       {"href": asPart, "imagesrcset": asImages},
	"script":     {"src": asPart, "href": asPart, "xlink:href": asPart},
	"img":        {"src": asPart, "srcset": asImages, "longdesc": asMention},
	"source":     {"src": asPart, "srcset": asImages},
	"iframe":     {"src": asPart, "longdesc": asMention},
	"frame":      {"src": asPart, "longdesc": asMention},
	"embed":      {"src": asPart},
	"object":     {"data": asPart},
	"video":      {"src": asPart, "poster": asPart},
	"audio":      {"src": asPart},
	"track":      {"src": asPart},
	"meta":       {"content": asRefresh},
	"blockquote": {"cite": asMention},
	"q":          {"cite": asMention},
	"del":        {"cite": asMention},
	"ins":        {"cite": asMention},

	"body": background, "table": background, "thead": background, "tbody": background, "tfoot": background,
	"tr": background,
	"td": background, "th": background,

	"image": svgHref, "use": svgHref, "feimage": svgHref, "mpath": svgHref, "textpath": svgHref, "pattern": svgHref,
	"lineargradient": svgHref, "radialgradient": svgHref, "filter": svgHref, "animate": svgHref, "animatemotion": svgHref,
	"animatetransform": svgHref, "set": svgHref,
}

var (
	svgHref    = map[string]attributeForm{"href": asPart, "xlink:href": asPart}
	background = map[string]attributeForm{"background": asPart}
)

// globalAttributes are attributes of any element: style, and SVG's presentation attributes that may name something.
var globalAttributes = map[string]attributeForm{
	"style": asCSS, "fill": asCSS, "stroke": asCSS, "filter": asCSS, "clip-path": asCSS, "mask": asCSS, "cursor": asCSS,
	"marker": asCSS, "marker-start": asCSS, "marker-mid": asCSS, "marker-end": asCSS,
}

// attribute rewrites the URLs in an attribute.
func (s *Scanner) attribute(t *tag, v value, how attributeForm) {
	switch how {
	case asLink:
		s.address(v, 0, len(v.text), navigate)
	case asPart:
		u := load
		if t.name == "link" && !t.loadsPart {
			u = mention
		}
		s.address(v, 0, len(v.text), u)
	case asMention:
		s.address(v, 0, len(v.text), mention)
	case asPings:
		for from, to := range fields(v.text) {
			s.address(v, from, to, load)
		}
	case asImages:
		for from, to := range srcsetCandidates(v.text) {
			s.address(v, from, to, load)
		}
	case asRefresh:
		if from, to, ok := refreshTarget(t, v.text); ok {
			s.address(v, from, to, navigate)
		}
	case asCSS:
		if bytes.IndexByte(v.text, '(') >= 0 {
			s.scanCSS(v, cssUrgency{sheet: engine.UrgencyBlocking})
		}
	}
}

// loadsParts reports whether a link element with this rel names a part of the page.
func loadsParts(rel []byte) bool {
	rel = bytes.ToLower(rel)
	for _, kind := range []string{"stylesheet", "icon", "preload", "manifest", "prefetch"} {
		if bytes.Contains(rel, []byte(kind)) {
			return true
		}
	}
	return false
}

// fields iterates over the words of a text.
func fields(text []byte) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for at := 0; at < len(text); {
			if isSpace(text[at]) {
				at++
				continue
			}
			from := at
			for at < len(text) && !isSpace(text[at]) {
				at++
			}
			if !yield(from, at) {
				return
			}
		}
	}
}

// srcsetCandidates iterates over the URLs of a srcset, as the HTML standard parses it (section 4.8.4.2.2).
func srcsetCandidates(text []byte) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for at := 0; ; {
			for at < len(text) && (isSpace(text[at]) || text[at] == ',') {
				at++
			}
			from := at
			for at < len(text) && !isSpace(text[at]) {
				at++
			}
			to := at
			for to > from && text[to-1] == ',' {
				to--
			}
			if from == at || !yield(from, to) {
				return
			}
			if to == at {
				at = descriptorsEnd(text, at)
			}
		}
	}
}

// descriptorsEnd returns the end of a candidate's descriptors in a srcset: a comma in parentheses does not end them.
func descriptorsEnd(text []byte, at int) int {
	for depth := 0; at < len(text); at++ {
		switch text[at] {
		case '(':
			depth = 1
		case ')':
			depth = 0
		case ',':
			if depth == 0 {
				return at
			}
		}
	}
	return at
}

// refreshTarget returns the URL in the content of a meta element that is a refresh (HTML standard, section 4.2.5.3).
func refreshTarget(t *tag, text []byte) (from, to int, ok bool) {
	if !t.refresh {
		return 0, 0, false
	}
	at := skipWhile(text, 0, isSpace)
	at = skipWhile(text, at, func(c byte) bool { return c >= '0' && c <= '9' || c == '.' })
	separated := skipWhile(text, at, isSpace)
	if separated < len(text) && (text[separated] == ';' || text[separated] == ',') {
		separated = skipWhile(text, separated+1, isSpace)
	}
	if at = separated; at+3 <= len(text) && bytes.EqualFold(text[at:at+3], []byte("url")) {
		if equals := skipWhile(text, at+3, isSpace); equals < len(text) && text[equals] == '=' {
			at = skipWhile(text, equals+1, isSpace)
		}
	}
	to = len(text)
	if at < to && (text[at] == '"' || text[at] == '\'') {
		quote := text[at]
		at++
		if i := bytes.IndexByte(text[at:], quote); i >= 0 {
			to = at + i
		}
	}
	return at, to, at < to
}

// skipWhile returns the index of the first byte from at on for which of returns false.
func skipWhile(text []byte, at int, of func(byte) bool) int {
	for at < len(text) && of(text[at]) {
		at++
	}
	return at
}
