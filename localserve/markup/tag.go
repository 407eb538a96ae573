package markup

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// tag is a start tag. Its slices are valid until the next one is read.
type tag struct {
	*element
	attrs []attribute
	// closed reports whether the tag ends with a slash, which in XML means that the element ends there.
	closed bool
	// refresh reports whether a meta element is a refresh, and loadsPart whether a link element names a part of the
	// page.
	refresh, loadsPart bool
}

// attribute is one attribute of a tag, and the position of its value, without quotes.
type attribute struct {
	*attributeName
	start, end int
}

// element holds the properties of all elements of a name.
type element struct {
	name   string // in lower case; empty if it is longer than any known one
	raw    bool   // see rawElements
	text   bool   // it is a style sheet, a script or a title, in XML too
	head   bool   // see headElements
	naming map[string]attributeForm
}

// attributeName holds the properties of all attributes of a name.
type attributeName struct {
	name       string        // in lower case; empty if it is longer than any known one
	globalForm attributeForm // its form in any element; 0 for none
}

// maxAttributes is how many attributes of a tag are read.
const maxAttributes = 64

// tagReader reads tags. Its zero value is ready.
type tagReader struct {
	tag tag
	// The properties of names, as they are written: most occur many times.
	elements map[string]*element
	names    map[string]*attributeName
}

// read reads the tag whose name begins at data[at], as the HTML standard's tokenizer does (section 13.2.5.32 and
// following), and returns where it ends; false if it does not end in data.
func (r *tagReader) read(data []byte, at int) (end int, ok bool) {
	start := at
	for at < len(data) && !isSpace(data[at]) && data[at] != '/' && data[at] != '>' {
		at++
	}
	r.tag = tag{element: r.element(data[start:at]), attrs: r.tag.attrs[:0]}
	for {
		for at < len(data) && (isSpace(data[at]) || data[at] == '/') {
			at++
		}
		if at >= len(data) {
			return 0, false
		}
		if data[at] == '>' {
			r.tag.closed = data[at-1] == '/'
			return at + 1, true
		}
		if at, ok = r.attribute(data, at); !ok {
			return 0, false
		}
	}
}

// attribute reads one attribute. Of several with the same name, the first counts.
func (r *tagReader) attribute(data []byte, at int) (next int, ok bool) {
	nameStart := at
	at++ // Even "=" begins a name.
	for at < len(data) && !isSpace(data[at]) && data[at] != '/' && data[at] != '>' && data[at] != '=' {
		at++
	}
	a := attribute{r.name(data[nameStart:at]), at, at}
	next = at
	for at < len(data) && isSpace(data[at]) {
		at++
	}
	if at < len(data) && data[at] == '=' {
		at++
		for at < len(data) && isSpace(data[at]) {
			at++
		}
		if at >= len(data) {
			return 0, false
		}
		a.start, a.end, next = readValue(data, at)
	}
	if next >= len(data) {
		return 0, false
	}
	if a.name != "" && len(r.tag.attrs) < maxAttributes && !r.tag.has(a.name) {
		r.tag.attrs = append(r.tag.attrs, a)
	}
	return next, true
}

// readValue returns the position of an attribute's value; next is len(data) if its end is missing.
func readValue(data []byte, at int) (start, end, next int) {
	if quote := data[at]; quote == '"' || quote == '\'' {
		length := bytes.IndexByte(data[at+1:], quote)
		if length < 0 {
			return at + 1, len(data), len(data)
		}
		return at + 1, at + 1 + length, at + 2 + length
	}
	end = at
	for end < len(data) && !isSpace(data[end]) && data[end] != '>' {
		end++
	}
	return at, end, end
}

// The number of cached names, and their maximum length in bytes.
const (
	maxNames    = 256
	longestName = 16
)

func (r *tagReader) element(name []byte) *element {
	if known, ok := r.elements[string(name)]; ok {
		return known
	}
	e := &element{}
	if len(name) <= longestName {
		e.name = strings.ToLower(string(name))
		e.text = e.name == "style" || e.name == "script" || e.name == "title"
		e.raw, e.head, e.naming = rawElements[e.name], headElements[e.name], namingAttributes[e.name]
	}
	if r.elements == nil {
		r.elements = map[string]*element{}
	}
	if len(r.elements) < maxNames && len(name) <= longestName {
		r.elements[string(name)] = e
	}
	return e
}

func (r *tagReader) name(name []byte) *attributeName {
	if known, ok := r.names[string(name)]; ok {
		return known
	}
	a := &attributeName{}
	if len(name) <= longestName {
		a.name = strings.ToLower(string(name))
		a.globalForm = globalAttributes[a.name]
	}
	if r.names == nil {
		r.names = map[string]*attributeName{}
	}
	if len(r.names) < maxNames && len(name) <= longestName {
		r.names[string(name)] = a
	}
	return a
}

func (t *tag) has(name string) bool {
	_, ok := t.find(name)
	return ok
}

func (t *tag) find(name string) (attribute, bool) {
	for _, a := range t.attrs {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

// isSpace reports whether a byte is white space in HTML.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }

// unescape returns an attribute's value without character references. Those without a semicolon are not decoded: in
// URLs they are ordinary text.
func unescape(raw []byte, at int) value {
	next := bytes.IndexByte(raw, '&')
	if next < 0 {
		return value{text: raw, at: at}
	}
	v := value{at: at, text: make([]byte, 0, len(raw)), offsets: make([]int, 0, len(raw)+1)}
	for i := 0; i < len(raw); {
		decoded, length := raw[i:i+1], 1
		if raw[i] == '&' {
			decoded, length = characterReference(raw[i:])
		}
		for range decoded {
			v.offsets = append(v.offsets, i)
		}
		v.text = append(v.text, decoded...)
		i += length
	}
	v.offsets = append(v.offsets, len(raw))
	return v
}

// characterReference returns the text that the reference at the start of raw stands for, and its length.
func characterReference(raw []byte) (decoded []byte, length int) {
	const longest = 40
	end := bytes.IndexByte(raw[:min(len(raw), longest)], ';')
	if end < 0 {
		return raw[:1], 1
	}
	ref := string(raw[:end+1])
	if decoded := html.UnescapeString(ref); decoded == ";" || decoded != ref && !strings.HasSuffix(decoded, ";") {
		return []byte(decoded), end + 1
	}
	return raw[:1], 1
}
