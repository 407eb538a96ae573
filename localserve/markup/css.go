package markup

import (
	"bytes"
	"slices"
	"strings"

	"wtptui/engine"
)

// cssUse says how soon a style sheet is wanted, and with it the sheets that it imports; nothing that it names is wanted
// sooner than least.
type cssUse struct {
	sheet, least engine.Urgency
}

// cssScan is the state of scanning one style sheet, or one attribute.
type cssScan struct {
	s   *Scanner
	v   value
	use cssUse

	// importing is the sheet that an @import has named so far, and after is where its media query begins.
	importing bool
	imported  []byte
	after     int
	// images is how many parentheses are open in an image-set().
	images int
	font   fontFace
}

// fontFace is a @font-face rule that is being read.
type fontFace struct {
	begun, open bool
	// declaration is the name of the one that is being read; from is where its value begins.
	declaration string
	from        int
	picked      []byte // in the declaration
	src         []byte // what the browser takes, as far as is known
	foreign     bool   // the font is not for the Latin script
}

// css scans declarations, rules or a single value of CSS (CSS Syntax Module Level 3), as far as they name files.
func (s *Scanner) css(v value, use cssUse) {
	if s.opts.Refer == nil && (s.opts.Origin == nil || !hasScheme(v.text)) {
		return
	}
	c := cssScan{s: s, v: v, use: use}
	for at := 0; at < len(v.text); {
		at = c.token(at)
	}
	c.endStatement(len(v.text))
	c.endFont()
}

// token reads what begins at at, and returns where it ends.
func (c *cssScan) token(at int) int {
	text := c.v.text
	switch b := text[at]; {
	case b == '/' && at+1 < len(text) && text[at+1] == '*':
		if end := bytes.Index(text[at+2:], []byte("*/")); end >= 0 {
			return at + 2 + end + 2
		}
		return len(text)
	case b == '"' || b == '\'':
		end := stringEnd(text, at)
		c.quoted(at+1, end)
		return end + 1
	case b == '\\':
		return at + 2
	case b == '@':
		end := skip(text, at+1, isIdent)
		c.endStatement(at)
		name := string(text[at+1 : min(end, at+20)])
		c.importing, c.after = strings.EqualFold(name, "import"), end
		c.font.begun = strings.EqualFold(name, "font-face")
		return end
	case b == '{':
		c.endStatement(at)
		c.font = fontFace{open: c.font.begun, from: at + 1}
	case b == '}':
		c.endStatement(at)
		c.endFont()
	case b == ';':
		c.endStatement(at)
		c.font.from = at + 1
	case b == ':' && c.font.open:
		c.declare(at)
	case b == '(' && c.images > 0:
		c.images++
	case b == ')' && c.images > 0:
		c.images--
	case isIdent(b):
		return c.ident(at)
	}
	return at + 1
}

// isIdent reports whether a byte may be in a name.
func isIdent(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c >= 0x80
}

// stringEnd returns where the string that begins at at has its other quote, or where it breaks off.
func stringEnd(text []byte, at int) int {
	quote := text[at]
	for at++; at < len(text) && text[at] != quote && text[at] != '\n'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at, len(text))
}

// ident reads a name: url( is of interest, and image-set(, in which strings are addresses too.
func (c *cssScan) ident(at int) int {
	text := c.v.text
	end := skip(text, at, isIdent)
	if end == len(text) || text[end] != '(' {
		return end
	}
	switch name := text[at:end]; {
	case len(name) == 3 && bytes.EqualFold(name, []byte("url")):
		return c.url(end + 1)
	case len(name) >= 9 && bytes.EqualFold(name[len(name)-9:], []byte("image-set")):
		c.images = 1
		return end + 1
	}
	return end
}

// url reads what is in url(), and returns where it ends.
func (c *cssScan) url(at int) int {
	text := c.v.text
	at = skip(text, at, isSpace)
	if at < len(text) && (text[at] == '"' || text[at] == '\'') {
		end := stringEnd(text, at)
		next := min(end+1, len(text))
		if closing := skip(text, next, isSpace); closing < len(text) && text[closing] == ')' {
			next = closing + 1
		}
		c.named(at+1, end, next)
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
		return end // It is broken.
	}
	next := min(end+1, len(text))
	for end > at && isSpace(text[end-1]) {
		end--
	}
	c.named(at, end, next)
	return next
}

// quoted handles a string that is not in url().
func (c *cssScan) quoted(from, to int) {
	if c.importing && c.imported == nil || c.images > 0 {
		c.named(from, to, min(to+1, len(c.v.text)))
	}
}

// named handles an address; next is where what follows it begins.
func (c *cssScan) named(from, to, next int) {
	c.s.address(c.v, from, to, load)
	ref := c.v.text[from:to]
	switch {
	case c.importing:
		if c.imported == nil {
			c.imported, c.after = ref, next
		}
	case c.font.open:
		if c.font.declaration == "src" && c.font.picked == nil && isFont(ref, formatAt(c.v.text, next)) {
			c.font.picked = ref
		}
	default:
		c.refer(ref, engine.UrgencyInView)
	}
}

func (c *cssScan) refer(ref []byte, u engine.Urgency) {
	c.s.refer(ref, max(u, c.use.least))
}

// endStatement ends an @import or a declaration.
func (c *cssScan) endStatement(at int) {
	if c.imported != nil {
		u := c.use.sheet
		if isPrint(c.v.text[c.after:at]) {
			u = engine.UrgencyLater
		}
		c.refer(c.imported, u)
	}
	c.importing, c.imported, c.images = false, nil, 0
	c.endDeclaration(at)
}

// declare notes the name of a declaration, whose colon is at at.
func (c *cssScan) declare(at int) {
	if c.font.declaration == "" && c.font.from <= at {
		c.font.declaration = strings.ToLower(string(bytes.TrimSpace(c.v.text[c.font.from:at])))
		c.font.from = at + 1
	}
}

// endDeclaration ends a declaration of a font. Of several that say where it is, the last counts that a browser takes.
func (c *cssScan) endDeclaration(at int) {
	f := &c.font
	if f.picked != nil {
		f.src = f.picked
	}
	if f.declaration == "unicode-range" {
		f.foreign = !hasLatin(c.v.text[f.from:at])
	}
	f.declaration, f.picked = "", nil
}

// endFont ends a rule. A font for other scripts than Latin is one of several files of the same font, of which a page
// needs few.
func (c *cssScan) endFont() {
	if c.font.src != nil {
		u := engine.UrgencyFont
		if c.font.foreign {
			u = engine.UrgencyLater
		}
		c.refer(c.font.src, u)
	}
	c.font = fontFace{}
}

// hasLatin reports whether a unicode-range has letters of ASCII in it.
func hasLatin(ranges []byte) bool {
	for list := range strings.SplitSeq(strings.ToLower(string(ranges)), ",") {
		first, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(list), "u+"), "-")
		if first = strings.TrimLeft(first, "0"); len(first) < 2 || first < "80" && len(first) == 2 {
			return true
		}
	}
	return false
}

// formatAt returns what format() says that follows an address in a font's src; empty if none does.
func formatAt(text []byte, at int) string {
	at = skip(text, at, isSpace)
	const name = "format("
	if len(text)-at < len(name) || !bytes.EqualFold(text[at:at+len(name)], []byte(name)) {
		return ""
	}
	const longest = 64 // of what browsers know; a text without parentheses must not be looked through for each address
	text = text[at+len(name):]
	format, _, _ := bytes.Cut(text[:min(len(text), longest)], []byte(")"))
	return strings.ToLower(strings.Trim(string(format), "\"' \t\r\n"))
}

// isFont reports whether browsers take a font that is said to be in a format, or has an address that says it.
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
