package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// pageState is the state of scanning a page.
type pageState struct {
	// rawName is the element whose raw text is being read, up to its end tag; empty if none.
	rawName string
	// style and module describe the raw text if it is a style sheet or a module.
	style  cssUrgency
	module bool
	// inHead reports whether nothing visible was seen yet.
	inHead bool
	// foreign is how many svg and math elements are open: in them, as in XML, a slash at a tag's end ends the element.
	foreign int
	// hasBase reports whether a base element was seen: only the first counts.
	hasBase bool
}

// rawElements contain text without tags except their own end tag. Browsers that run scripts treat noscript likewise;
// other browsers do not need the files that it names.
var rawElements = map[string]bool{
	"script": true, "style": true, "title": true, "textarea": true, "xmp": true, "iframe": true, "noembed": true,
	"noframes": true, "plaintext": true,
}

// scanHTML scans a page or a part of it, and returns how much is done. At the end of a page, an incomplete tag is
// ignored.
func (s *Scanner) scanHTML(data []byte, final bool) int {
	at := 0
	for at < len(data) {
		if s.title != "" && s.opts.SiteRoot == nil && s.opts.OnReference == nil && s.opts.OnBase == nil {
			return len(data) // There is nothing else to find.
		}
		if s.page.rawName != "" {
			end, ok := rawEnd(data, at, s.page.rawName)
			switch {
			case !ok && final || s.page.rawName == "plaintext":
				end = len(data)
			case !ok:
				return at
			}
			s.handleRawText(data, at, end)
			at = end
			continue
		}
		start := bytes.IndexByte(data[at:], '<')
		if start < 0 {
			return len(data)
		}
		at += start
		end, ok := s.token(data, at)
		switch {
		case !ok && final:
			return len(data)
		case !ok:
			return at
		}
		at = end
	}
	return at
}

// token reads the token that begins with the < at data[at], and returns where it ends; false if that is not in data.
func (s *Scanner) token(data []byte, at int) (end int, ok bool) {
	if at+1 >= len(data) {
		return 0, false
	}
	switch c := data[at+1]; {
	case isLetter(c):
		if end, ok = s.tags.read(data, at+1); ok {
			s.handleStartTag(data)
		}
		return end, ok
	case c == '!':
		const cdata = "[CDATA["
		if s.lang == XML && bytes.HasPrefix(data[at+2:], []byte(cdata)) {
			return endOf(data, at+2+len(cdata), "]]>")
		}
		return commentEnd(data, at+2)
	case c == '?':
		return endOf(data, at+2, ">")
	case c != '/':
		return at + 1, true
	case at+2 >= len(data):
		return 0, false
	case isLetter(data[at+2]):
		end = skipWhile(data, at+3, isLetter)
		name := data[at+2 : end]
		if end < len(data) && data[end] == '>' {
			end, ok = end+1, true // as nearly always
		} else {
			end, ok = s.tags.read(data, at+2)
		}
		if ok && s.page.foreign > 0 && isForeignElement(string(bytes.ToLower(name))) {
			s.page.foreign--
		}
		return end, ok
	}
	return endOf(data, at+2, ">")
}

// isForeignElement reports whether an element contains another language than HTML.
func isForeignElement(name string) bool { return name == "svg" || name == "math" }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// endOf returns the end of the next occurrence of mark.
func endOf(data []byte, at int, mark string) (end int, ok bool) {
	i := bytes.Index(data[at:], []byte(mark))
	return at + i + len(mark), i >= 0
}

// commentEnd returns the end of what begins with <!, which is before at: a comment, or what is parsed as one.
func commentEnd(data []byte, at int) (end int, ok bool) {
	rest := data[at:]
	switch {
	case len(rest) < 2:
		return 0, false
	case rest[0] != '-' || rest[1] != '-':
		return endOf(data, at, ">")
	case bytes.HasPrefix(rest[2:], []byte(">")):
		return at + 3, true
	case bytes.HasPrefix(rest[2:], []byte("->")):
		return at + 4, true
	}
	for at += 2; ; {
		i := bytes.Index(data[at:], []byte("--"))
		if i < 0 {
			return 0, false
		}
		at += i + 1 // The second dash may be the first one of the end.
		switch rest := data[at+1:]; {
		case bytes.HasPrefix(rest, []byte(">")):
			return at + 2, true
		case bytes.HasPrefix(rest, []byte("!>")):
			return at + 3, true
		}
	}
}

// rawEnd returns where the text of an element ends: before its end tag.
func rawEnd(data []byte, at int, name string) (end int, ok bool) {
	escaped, nested := false, false // as scripts may be, between <!-- and -->
	closing := -1                   // index of the next -->; len(data) if there is none
	for {
		i := bytes.IndexByte(data[at:], '<')
		if escaped {
			if closing < at {
				if closing = bytes.Index(data[at:], []byte("-->")); closing < 0 {
					closing = len(data)
				} else {
					closing += at
				}
			}
			if closing < len(data) && (i < 0 || closing < at+i) { // What comes first counts.
				escaped, nested = false, false
				at = closing + 3
				continue
			}
		}
		if i < 0 {
			return 0, false
		}
		at += i
		rest := data[at+1:]
		switch {
		case bytes.HasPrefix(rest, []byte("/")) && isTagOf(rest[1:], name):
			if !nested {
				return at, true
			}
			nested = false
		case name != "script":
		case !escaped && bytes.HasPrefix(rest, []byte("!--")):
			escaped = true
			at++ // Its dashes may also be those of the end.
		case escaped && isTagOf(rest, name):
			nested = true
		}
		at++
	}
}

// isTagOf reports whether a tag has this name.
func isTagOf(rest []byte, name string) bool {
	if len(rest) <= len(name) || !bytes.EqualFold(rest[:len(name)], []byte(name)) {
		return false
	}
	c := rest[len(name)]
	return isSpace(c) || c == '/' || c == '>'
}

// maxTitle is how much of a title is used, in bytes before decoding.
const maxTitle = 512

// handleRawText handles the text of a raw element.
func (s *Scanner) handleRawText(data []byte, at, end int) {
	name := s.page.rawName
	s.page.rawName = ""
	text := data[at:end]
	switch name {
	case "plaintext":
		s.page.rawName = name
	case "title":
		if s.title == "" {
			title := html.UnescapeString(s.opts.Decode(text[:min(len(text), maxTitle)]))
			s.title = strings.ToValidUTF8(strings.Join(strings.Fields(title), " "), "")
		}
	case "style":
		s.scanCSS(value{text: text, at: at}, s.page.style)
	case "script":
		if s.page.module {
			s.scanImports(text)
		}
	}
}

// handleStartTag handles the tag that was read last.
func (s *Scanner) handleStartTag(data []byte) {
	t := &s.tags.tag
	if !t.head {
		s.page.inHead = false
	}
	if isForeignElement(t.name) && !t.closed {
		s.page.foreign++
	}
	ends := t.closed && (s.lang == XML || s.page.foreign > 0)
	if t.raw && !ends && (s.lang == HTML || t.text) {
		s.page.rawName = t.name
	}
	rewrites := s.opts.SiteRoot != nil
	if !rewrites && s.opts.OnReference == nil && s.opts.OnBase == nil {
		return
	}
	get := func(name string) value {
		a, _ := t.find(name)
		return unescape(data[a.start:a.end], a.start)
	}
	switch t.name {
	case "style":
		s.page.style = cssUrgency{sheet: engine.UrgencyBlocking}
		if isPrint(get("media").text) {
			s.page.style = cssUrgency{sheet: engine.UrgencyLater, least: engine.UrgencyLater}
		}
	case "meta":
		t.refresh = bytes.EqualFold(bytes.TrimSpace(get("http-equiv").text), []byte("refresh"))
	case "link":
		t.loadsPart = loadsParts(get("rel").text)
	case "script":
		s.page.module = bytes.EqualFold(bytes.TrimSpace(get("type").text), []byte("module"))
	}
	for _, a := range t.attrs {
		how := a.globalForm
		if own, ok := t.naming[a.name]; ok {
			how = own
		}
		if how == asCSS || how != 0 && rewrites {
			s.attribute(t, unescape(data[a.start:a.end], a.start), how)
		}
	}
	if t.naming == nil {
		return
	}
	if s.opts.OnReference != nil || s.opts.OnBase != nil {
		s.referTag(t, func(name string) []byte { return get(name).text })
	}
}

// headElements show nothing: a page's head ends before any other element.
var headElements = map[string]bool{
	"html": true, "head": true, "title": true, "meta": true, "link": true, "script": true, "style": true, "base": true,
	"noscript": true, "template": true,
}
