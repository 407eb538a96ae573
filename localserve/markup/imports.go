package markup

import "bytes"

// imports tells about the modules that a script imports statically. A script that has any is a module itself. What it
// does not understand it leaves out: nothing but time depends on it.
func (s *Scanner) imports(text []byte) {
	if s.opts.Refer == nil || !bytes.Contains(text, []byte("import")) && !bytes.Contains(text, []byte("export")) {
		return
	}
	declarations := 0
	last := byte(';') // the last byte before at that is neither space nor in a comment
	for at := 0; at < len(text); {
		next, literal := skipScript(text, at, last)
		switch {
		case literal:
			last, at = '"', next
		case next > at:
			at = next
		case isWord(text[at]):
			end := skip(text, at, isWord)
			word := string(text[at:min(end, at+7)])
			declares := (word == "import" || word == "export") && last != '.'
			last = text[end-1]
			if beforeValue[word] {
				last = ';'
			}
			at = end
			if !declares || declarations == maxDeclarations {
				continue
			}
			declarations++
			if from, to, ok := specifier(text, end, word); ok {
				if isPath(text[from:to]) {
					s.refer(text[from:to], moduleUrgency)
				}
				last, at = '"', to+1
			}
		default:
			last = text[at]
			at++
		}
	}
}

// maxDeclarations bounds how many imports and exports of a script are read.
const maxDeclarations = 1024

// beforeValue are words after which a slash begins a regular expression.
var beforeValue = map[string]bool{
	"return": true, "typeof": true, "case": true, "in": true, "of": true, "delete": true, "void": true, "throw": true,
	"do": true, "else": true, "await": true, "yield": true,
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// isPath reports whether a specifier is an address; others are names that a page explains.
func isPath(specifier []byte) bool {
	for _, start := range []string{"/", "./", "../"} {
		if bytes.HasPrefix(specifier, []byte(start)) {
			return true
		}
	}
	return bytes.Contains(specifier, []byte("://"))
}

// skipScript returns where space, a comment, a string or a regular expression that begins at at ends, and whether it
// was a string or an expression; at itself if it is none of them. last is what comes before: after a value, a slash
// divides.
func skipScript(text []byte, at int, last byte) (end int, literal bool) {
	switch c := text[at]; {
	case isSpace(c):
		return at + 1, false
	case c == '"' || c == '\'':
		return min(stringEnd(text, at)+1, len(text)), true
	case c == '`':
		return templateEnd(text, at), true
	case c != '/' || at+1 == len(text):
		return at, false
	case text[at+1] == '/':
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			return at + i, false
		}
		return len(text), false
	case text[at+1] == '*':
		if i := bytes.Index(text[at+2:], []byte("*/")); i >= 0 {
			return at + 2 + i + 2, false
		}
		return len(text), false
	case bytes.IndexByte([]byte(")]}\""), last) >= 0 || isWord(last):
		return at, false
	}
	return regexpEnd(text, at)
}

// templateEnd returns the end of a template literal; what is in it in braces is passed over.
func templateEnd(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '`'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at+1, len(text))
}

func regexpEnd(text []byte, at int) (end int, ok bool) {
	class := false
	const longest = 512
	for i := at + 1; i < min(len(text), at+longest) && text[i] != '\n'; i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if !class {
				return i + 1, true
			}
		}
	}
	return at, false // It is none.
}

// specifier finds the string that an import or export declaration names a module with. at is after the keyword.
func specifier(text []byte, at int, keyword string) (from, to int, ok bool) {
	const longest = 8 << 10
	text = text[:min(len(text), at+longest)]
	clause := false // whether anything stands between the keyword and at
	for at < len(text) {
		c := text[at]
		switch {
		case c == '"' || c == '\'':
			end := stringEnd(text, at)
			if !clause && keyword == "import" {
				return at + 1, end, end < len(text)
			}
			at = end + 1 // a name that is no identifier
		case isWord(c):
			end := skip(text, at, isWord)
			next := skip(text, end, isSpace)
			if clause && string(text[at:end]) == "from" && next < len(text) && (text[next] == '"' || text[next] == '\'') {
				end := stringEnd(text, next)
				return next + 1, end, end < len(text)
			}
			if keyword == "export" && !clause {
				return 0, 0, false // export const, function, default
			}
			at, clause = end, true
		case c == '{' || c == '*':
			at, clause = at+1, true
		case c == '}' || c == ',' || isSpace(c):
			at++
		case c == '/':
			end, literal := skipScript(text, at, ';')
			if literal || end == at {
				return 0, 0, false
			}
			at = end
		default:
			return 0, 0, false // import(), import.meta
		}
	}
	return 0, 0, false
}
