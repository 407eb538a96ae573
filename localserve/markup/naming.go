package markup

import (
	"bytes"

	"wtptui/engine"
)

// form is how an attribute names something.
type form int

const (
	asLink    form = iota + 1 // an address that leads somewhere
	asPart                    // an address of a part of the page
	asMention                 // an address that browsers neither load nor go to by themselves
	asPings                   // addresses with spaces between them, which are told when a link is followed
	asImages                  // srcset
	asRefresh                 // seconds, and an address
	asCSS                     // declarations, or a value of one
)

// naming are the attributes with which elements name something. A base element leads somewhere: it is where relative
// links lead.
var naming = map[string]map[string]form{
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

	"body": background, "table": background, "thead": background, "tbody": background, "tfoot": background, "tr": background,
	"td": background, "th": background,

	"image": svgHref, "use": svgHref, "feimage": svgHref, "mpath": svgHref, "textpath": svgHref, "pattern": svgHref,
	"lineargradient": svgHref, "radialgradient": svgHref, "filter": svgHref, "animate": svgHref, "animatemotion": svgHref,
	"animatetransform": svgHref, "set": svgHref,
}

var (
	svgHref    = map[string]form{"href": asPart, "xlink:href": asPart}
	background = map[string]form{"background": asPart}
)

// everywhere are attributes of any element: declarations, and SVG's presentation attributes that may name something.
var everywhere = map[string]form{
	"style": asCSS, "fill": asCSS, "stroke": asCSS, "filter": asCSS, "clip-path": asCSS, "mask": asCSS, "cursor": asCSS,
	"marker": asCSS, "marker-start": asCSS, "marker-mid": asCSS, "marker-end": asCSS,
}

// attribute rewrites what an attribute names.
func (s *Scanner) attribute(t *tag, v value, how form) {
	switch how {
	case asLink:
		s.address(v, 0, len(v.text), navigate)
	case asPart:
		u := load
		if t.name == "link" && !t.parts {
			u = mention
		}
		s.address(v, 0, len(v.text), u)
	case asMention:
		s.address(v, 0, len(v.text), mention)
	case asPings:
		for from, to := range words(v.text) {
			s.address(v, from, to, load)
		}
	case asImages:
		for from, to := range candidates(v.text) {
			s.address(v, from, to, load)
		}
	case asRefresh:
		if from, to, ok := refreshTarget(t, v.text); ok {
			s.address(v, from, to, navigate)
		}
	case asCSS:
		if bytes.IndexByte(v.text, '(') >= 0 {
			s.css(v, cssUse{sheet: engine.UrgencyBlocking})
		}
	}
}

// loadsParts reports whether a link element with this rel is for something that belongs to the page.
func loadsParts(rel []byte) bool {
	rel = bytes.ToLower(rel)
	for _, kind := range []string{"stylesheet", "icon", "preload", "manifest", "prefetch"} {
		if bytes.Contains(rel, []byte(kind)) {
			return true
		}
	}
	return false
}

// words iterates over the words of a text.
func words(text []byte) func(yield func(from, to int) bool) {
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

// candidates iterates over the addresses of a srcset, as the HTML standard parses it (section 4.8.4.2.2).
func candidates(text []byte) func(yield func(from, to int) bool) {
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

// descriptorsEnd returns where the next candidate of a srcset begins: a comma in parentheses does not end one.
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

// refreshTarget finds the address in the content of a meta element, if that is one with which the page goes elsewhere
// by itself (HTML standard, section 4.2.5.3).
func refreshTarget(t *tag, text []byte) (from, to int, ok bool) {
	if !t.refresh {
		return 0, 0, false
	}
	at := skip(text, 0, isSpace)
	at = skip(text, at, func(c byte) bool { return c >= '0' && c <= '9' || c == '.' })
	separated := skip(text, at, isSpace)
	if separated < len(text) && (text[separated] == ';' || text[separated] == ',') {
		separated = skip(text, separated+1, isSpace)
	}
	if at = separated; at+3 <= len(text) && bytes.EqualFold(text[at:at+3], []byte("url")) {
		if equals := skip(text, at+3, isSpace); equals < len(text) && text[equals] == '=' {
			at = skip(text, equals+1, isSpace)
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

// skip returns where the bytes of a kind end.
func skip(text []byte, at int, of func(byte) bool) int {
	for at < len(text) && of(text[at]) {
		at++
	}
	return at
}
