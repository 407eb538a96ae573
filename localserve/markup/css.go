package markup

import (
	"bytes"
	"slices"
	"strings"

	"wtptui/engine"
)

// cssUrgency holds the urgency of a style sheet, which the sheets that it imports have too, and the highest urgency of
// other files that it names.
type cssUrgency struct {
	sheet, least engine.Urgency
}

// cssScanner is the state of scanning one style sheet, or one attribute.
type cssScanner struct {
	s       *Scanner
	v       value
	urgency cssUrgency

	// importing reports whether an @import is being read. imported is the URL that it has named so far, and queryStart
	// is where its media query begins.
	importing  bool
	imported   []byte
	queryStart int
	// imageSetDepth is the number of open parentheses in an image-set().
	imageSetDepth int
	font          fontFace
}

// fontFace is a @font-face rule that is being read.
type fontFace struct {
	seen, open bool
	// declaration is the name of the current declaration; from is where its value begins.
	declaration string
	from        int
	candidate   []byte // in the current declaration
	src         []byte // the file that the browser will load, as far as is known
	foreign     bool   // the font is not for the Latin script
}

// scanCSS scans declarations, rules or a single value of CSS (CSS Syntax Module Level 3), as far as they name files.
func (s *Scanner) scanCSS(v value, use cssUrgency) {
	if s.opts.OnReference == nil && (s.opts.SiteRoot == nil || !hasScheme(v.text)) {
		return
	}
	c := cssScanner{s: s, v: v, urgency: use}
	for at := 0; at < len(v.text); {
		at = c.token(at)
	}
	c.endStatement(len(v.text))
	c.endFont()
}

// token reads the token that begins at at, and returns where it ends.
func (c *cssScanner) token(at int) int {
	text := c.v.text
	switch b := text[at]; {
	case b == '/' && at+1 < len(text) && text[at+1] == '*':
		if end := bytes.Index(text[at+2:], []byte("*/")); end >= 0 {
			return at + 2 + end + 2
		}
		return len(text)
	case b == '"' || b == '\'':
		end := stringEnd(text, at)
		c.handleString(at+1, end)
		return end + 1
	case b == '\\':
		return at + 2
	case b == '@':
		end := skipWhile(text, at+1, isIdent)
		c.endStatement(at)
		name := string(text[at+1 : min(end, at+20)])
		c.importing, c.queryStart = strings.EqualFold(name, "import"), end
		c.font.seen = strings.EqualFold(name, "font-face")
		return end
	case b == '{':
		c.endStatement(at)
		c.font = fontFace{open: c.font.seen, from: at + 1}
	case b == '}':
		c.endStatement(at)
		c.endFont()
	case b == ';':
		c.endStatement(at)
		c.font.from = at + 1
	case b == ':' && c.font.open:
		c.startDeclaration(at)
	case b == '(' && c.imageSetDepth > 0:
		c.imageSetDepth++
	case b == ')' && c.imageSetDepth > 0:
		c.imageSetDepth--
	case isIdent(b):
		return c.ident(at)
	}
	return at + 1
}

// isIdent reports whether a byte may be in an identifier.
func isIdent(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c >= 0x80
}

// stringEnd returns the index of the closing quote of the string that begins at at, or of the line end that breaks it
// off.
func stringEnd(text []byte, at int) int {
	quote := text[at]
	for at++; at < len(text) && text[at] != quote && text[at] != '\n'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at, len(text))
}

// ident reads an identifier: url( names a file, and so do strings in image-set(.
func (c *cssScanner) ident(at int) int {
	text := c.v.text
	end := skipWhile(text, at, isIdent)
	if end == len(text) || text[end] != '(' {
		return end
	}
	switch name := text[at:end]; {
	case len(name) == 3 && bytes.EqualFold(name, []byte("url")):
		return c.url(end + 1)
	case len(name) >= 9 && bytes.EqualFold(name[len(name)-9:], []byte("image-set")):
		c.imageSetDepth = 1
		return end + 1
	}
	return end
}

// url reads the content of url(), and returns where it ends.
func (c *cssScanner) url(at int) int {
	text := c.v.text
	at = skipWhile(text, at, isSpace)
	if at < len(text) && (text[at] == '"' || text[at] == '\'') {
		end := stringEnd(text, at)
		next := min(end+1, len(text))
		if closing := skipWhile(text, next, isSpace); closing < len(text) && text[closing] == ')' {
			next = closing + 1
		}
		c.handleURL(at+1, end, next)
		return next
	}
	end := at
	for end < len(text) && text[end] != ')' && text[end] != '"' && text[end] != '\'' && text[end] != '(' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(text))
	if end < len(text) && text[end] != ')' {
		return end // It is malformed.
	}
	next := min(end+1, len(text))
	for end > at && isSpace(text[end-1]) {
		end--
	}
	c.handleURL(at, end, next)
	return next
}

// handleString handles a string that is not in url().
func (c *cssScanner) handleString(from, to int) {
	if c.importing && c.imported == nil || c.imageSetDepth > 0 {
		c.handleURL(from, to, min(to+1, len(c.v.text)))
	}
}

// handleURL handles a URL; next is where the text after it begins.
func (c *cssScanner) handleURL(from, to, next int) {
	c.s.address(c.v, from, to, load)
	ref := c.v.text[from:to]
	switch {
	case c.importing:
		if c.imported == nil {
			c.imported, c.queryStart = ref, next
		}
	case c.font.open:
		if c.font.declaration == "src" && c.font.candidate == nil && isFont(ref, formatAt(c.v.text, next)) {
			c.font.candidate = ref
		}
	default:
		c.refer(ref, engine.UrgencyInView)
	}
}

func (c *cssScanner) refer(ref []byte, u engine.Urgency) {
	c.s.refer(ref, max(u, c.urgency.least))
}

// endStatement ends an @import or a declaration.
func (c *cssScanner) endStatement(at int) {
	if c.imported != nil {
		u := c.urgency.sheet
		if isPrint(c.v.text[c.queryStart:at]) {
			u = engine.UrgencyLater
		}
		c.refer(c.imported, u)
	}
	c.importing, c.imported, c.imageSetDepth = false, nil, 0
	c.endDeclaration(at)
}

// startDeclaration stores the name of a declaration, whose colon is at at.
func (c *cssScanner) startDeclaration(at int) {
	if c.font.declaration == "" && c.font.from <= at {
		c.font.declaration = strings.ToLower(string(bytes.TrimSpace(c.v.text[c.font.from:at])))
		c.font.from = at + 1
	}
}

// endDeclaration ends a declaration of a font. Of several src declarations, the last one with a supported format
// counts.
func (c *cssScanner) endDeclaration(at int) {
	f := &c.font
	if f.candidate != nil {
		f.src = f.candidate
	}
	if f.declaration == "unicode-range" {
		f.foreign = !hasLatin(c.v.text[f.from:at])
	}
	f.declaration, f.candidate = "", nil
}

// endFont ends a rule. A font for other scripts than Latin is usually one of several files of the same font, of which
// a page needs few.
func (c *cssScanner) endFont() {
	if c.font.src != nil {
		u := engine.UrgencyFont
		if c.font.foreign {
			u = engine.UrgencyLater
		}
		c.refer(c.font.src, u)
	}
	c.font = fontFace{}
}

// hasLatin reports whether a unicode-range contains ASCII characters.
func hasLatin(ranges []byte) bool {
	for list := range strings.SplitSeq(strings.ToLower(string(ranges)), ",") {
		first, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(list), "u+"), "-")
		if first = strings.TrimLeft(first, "0"); len(first) < 2 || first < "80" && len(first) == 2 {
			return true
		}
	}
	return false
}

// formatAt returns the value of a format() that follows a URL in a font's src; empty if there is none.
func formatAt(text []byte, at int) string {
	at = skipWhile(text, at, isSpace)
	const name = "format("
	if len(text)-at < len(name) || !bytes.EqualFold(text[at:at+len(name)], []byte(name)) {
		return ""
	}
	const longest = 64 // of known formats; without parentheses, the text must not be searched to its end
	text = text[at+len(name):]
	format, _, _ := bytes.Cut(text[:min(len(text), longest)], []byte(")"))
	return strings.ToLower(strings.Trim(string(format), "\"' \t\r\n"))
}

// isFont reports whether browsers support a font's format, which is stated or follows from its URL.
func isFont(ref []byte, format string) bool {
	if format != "" {
		return slices.Contains([]string{
			"woff2", "woff", "truetype", "opentype", "collection",
			"woff2-variations", "woff-variations", "truetype-variations", "opentype-variations",
		}, format)
	}
	path, _, _ := strings.Cut(strings.ToLower(string(ref)), "?")
	path, _, _ = strings.Cut(path, "#")
	return !strings.HasSuffix(path, ".eot") && !strings.HasSuffix(path, ".svg")
}
