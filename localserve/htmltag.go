package localserve

import "bytes"

// attribute is one attribute of a raw start tag: its name in lower case, and where in the tag its value lies, without
// quotes.
type attribute struct {
	name       string
	start, end int
}

// maxAttributes bounds how many attributes of a tag are looked at.
const maxAttributes = 64

// tagName gives the name of a raw start tag in lower case, and where it ends.
func tagName(raw []byte) (name string, end int) {
	end = 1
	for end < len(raw) && !isSpace(raw[end]) && raw[end] != '/' && raw[end] != '>' {
		end++
	}
	const longest = 16 // No name that matters is longer.
	if end > longest {
		return "", end
	}
	return string(bytes.ToLower(raw[1:end])), end
}

// attributes finds the attributes of a raw start tag after its name, as the HTML standard's tokenizer does
// (section 13.2.5.32 and following). Of those with the same name the first counts.
func attributes(raw []byte, at int) []attribute {
	var out []attribute
	for len(out) < maxAttributes {
		for at < len(raw) && (isSpace(raw[at]) || raw[at] == '/') {
			at++
		}
		if at >= len(raw) || raw[at] == '>' {
			return out
		}
		a, next := readAttribute(raw, at)
		at = next
		if !has(out, a.name) {
			out = append(out, a)
		}
	}
	return out
}

func readAttribute(raw []byte, at int) (attribute, int) {
	nameStart := at
	at++ // Even "=" begins a name.
	for at < len(raw) && !isSpace(raw[at]) && raw[at] != '/' && raw[at] != '>' && raw[at] != '=' {
		at++
	}
	a := attribute{name: string(bytes.ToLower(raw[nameStart:at])), start: at, end: at}
	value := at
	for value < len(raw) && isSpace(raw[value]) {
		value++
	}
	if value >= len(raw) || raw[value] != '=' {
		return a, at
	}
	value++
	for value < len(raw) && isSpace(raw[value]) {
		value++
	}
	if value < len(raw) && (raw[value] == '"' || raw[value] == '\'') {
		length := bytes.IndexByte(raw[value+1:], raw[value])
		if length < 0 {
			length = len(raw) - value - 1
		}
		a.start, a.end = value+1, value+1+length
		return a, min(a.end+1, len(raw))
	}
	a.start, a.end = value, value
	for a.end < len(raw) && !isSpace(raw[a.end]) && raw[a.end] != '>' {
		a.end++
	}
	return a, a.end
}

func has(list []attribute, name string) bool {
	for _, a := range list {
		if a.name == name {
			return true
		}
	}
	return false
}

// isSpace reports whether a byte is white space in HTML.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' }
