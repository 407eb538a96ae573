package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// pageState is where in a page a Scanner is.
type pageState struct {
	// rawName is the element whose text is read now as it is, up to its end tag; empty if none.
	rawName string
	// style and module say what the text is if it is a style sheet or a module.
	style  cssUse
	module bool
	// inHead reports whether nothing that is shown was seen yet.
	inHead bool
	// foreign is how many svg and math elements are open: in them, as in XML, a slash at a tag's end ends the element.
	foreign int
	// based reports whether a base element was seen: only the first counts.
	based bool
}

// rawElements hold text in which there are no tags but their own end. A browser that runs scripts reads noscript so
// too; those that do not need what is in it.
var rawElements = map[string]bool{
	"script": true, "style": true, "title": true, "textarea": true, "xmp": true, "iframe": true, "noembed": true,
	"noframes": true, "plaintext": true,
}

// html scans a page, or the part of it that is at hand. What has no end in a whole page, as a tag, is none.
func (s *Scanner) html(data []byte, final bool) int {
	at := 0
	for at < len(data) {
		if s.title != "" && s.opts.Origin == nil && s.opts.Refer == nil && s.opts.Base == nil {
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
			s.rawText(data, at, end)
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

// token reads what begins with the < at data[at], and returns where it ends; false if that is not in data.
func (s *Scanner) token(data []byte, at int) (end int, ok bool) {
	if at+1 >= len(data) {
		return 0, false
	}
	switch c := data[at+1]; {
	case isLetter(c):
		if end, ok = s.tags.read(data, at+1); ok {
			s.startTag(data)
		}
		return end, ok
	case c == '!':
		const cdata = "[CDATA["
		if s.lang == XML && bytes.HasPrefix(data[at+2:], []byte(cdata)) {
			return after(data, at+2+len(cdata), "]]>")
		}
		return commentEnd(data, at+2)
	case c == '?':
		return after(data, at+2, ">")
	case c != '/':
		return at + 1, true
	case at+2 >= len(data):
		return 0, false
	case isLetter(data[at+2]):
		end = skip(data, at+3, isLetter)
		name := data[at+2 : end]
		if end < len(data) && data[end] == '>' {
			end, ok = end+1, true // as almost always
		} else {
			end, ok = s.tags.read(data, at+2)
		}
		if ok && s.page.foreign > 0 && isForeign(string(bytes.ToLower(name))) {
			s.page.foreign--
		}
		return end, ok
	}
	return after(data, at+2, ">")
}

// isForeign reports whether an element holds another language than HTML.
func isForeign(name string) bool { return name == "svg" || name == "math" }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// after returns where the next mark ends.
func after(data []byte, at int, mark string) (end int, ok bool) {
	i := bytes.Index(data[at:], []byte(mark))
	return at + i + len(mark), i >= 0
}

// commentEnd returns the end of what begins with <!, which is before at: a comment, or what counts as one.
func commentEnd(data []byte, at int) (end int, ok bool) {
	rest := data[at:]
	switch {
	case len(rest) < 2:
		return 0, false
	case rest[0] != '-' || rest[1] != '-':
		return after(data, at, ">")
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
		at += i + 1 // The second dash may be the first of the end's.
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
	closing := -1                   // where the next --> is; len(data) if there is none
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
			at++ // Its dashes may be the end's too.
		case escaped && isTagOf(rest, name):
			nested = true
		}
		at++
	}
}

// isTagOf reports whether a tag's name is this one.
func isTagOf(rest []byte, name string) bool {
	if len(rest) <= len(name) || !bytes.EqualFold(rest[:len(name)], []byte(name)) {
		return false
	}
	c := rest[len(name)]
	return isSpace(c) || c == '/' || c == '>'
}

// maxTitle is how much of a title is kept, in bytes as the page has it.
const maxTitle = 512

// rawText handles the text of a raw element.
func (s *Scanner) rawText(data []byte, at, end int) {
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
		s.css(value{text: text, at: at}, s.page.style)
	case "script":
		if s.page.module {
			s.imports(text)
		}
	}
}

// startTag handles the tag that was read last.
func (s *Scanner) startTag(data []byte) {
	t := &s.tags.tag
	if !t.head {
		s.page.inHead = false
	}
	if isForeign(t.name) && !t.closed {
		s.page.foreign++
	}
	ends := t.closed && (s.lang == XML || s.page.foreign > 0)
	if t.raw && !ends && (s.lang == HTML || t.text) {
		s.page.rawName = t.name
	}
	rewrites := s.opts.Origin != nil
	if !rewrites && s.opts.Refer == nil && s.opts.Base == nil {
		return
	}
	get := func(name string) value {
		a, _ := t.find(name)
		return unescaped(data[a.start:a.end], a.start)
	}
	switch t.name {
	case "style":
		s.page.style = cssUse{sheet: engine.UrgencyBlocking}
		if isPrint(get("media").text) {
			s.page.style = cssUse{sheet: engine.UrgencyLater, least: engine.UrgencyLater}
		}
	case "meta":
		t.refresh = bytes.EqualFold(bytes.TrimSpace(get("http-equiv").text), []byte("refresh"))
	case "link":
		t.parts = loadsParts(get("rel").text)
	case "script":
		s.page.module = bytes.EqualFold(bytes.TrimSpace(get("type").text), []byte("module"))
	}
	for _, a := range t.attrs {
		how := a.everywhere
		if own, ok := t.naming[a.name]; ok {
			how = own
		}
		if how == asCSS || how != 0 && rewrites {
			s.attribute(t, unescaped(data[a.start:a.end], a.start), how)
		}
	}
	if t.naming == nil {
		return
	}
	if s.opts.Refer != nil || s.opts.Base != nil {
		s.needs(t, func(name string) []byte { return get(name).text })
	}
}

// headElements do not show anything: before any other, a page's head has not ended.
var headElements = map[string]bool{
	"html": true, "head": true, "title": true, "meta": true, "link": true, "script": true, "style": true, "base": true,
	"noscript": true, "template": true,
}
