package markup

import "bytes"

// scanImports reports the modules that a script imports statically. A script with imports is a module itself. Code
// that the scanner does not understand is ignored: only speed depends on the result.
func (s *Scanner) scanImports(text []byte) {
	if s.opts.OnReference == nil || !bytes.Contains(text, []byte("import")) && !bytes.Contains(text, []byte("export")) {
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
			end := skipWhile(text, at, isWord)
			word := string(text[at:min(end, at+7)])
			declares := (word == "import" || word == "export") && last != '.'
			last = text[end-1]
			if regexpKeywords[word] {
				last = ';'
			}
			at = end
			if !declares || declarations == maxDeclarations {
				continue
			}
			declarations++
			if from, to, ok := findSpecifier(text, end, word); ok {
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

// maxDeclarations is how many imports and exports of a script are read.
const maxDeclarations = 1024

// regexpKeywords are words after which a slash begins a regular expression.
var regexpKeywords = map[string]bool{
	"return": true, "typeof": true, "case": true, "in": true, "of": true, "delete": true, "void": true, "throw": true,
	"do": true, "else": true, "await": true, "yield": true,
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// isPath reports whether a specifier is a URL; others are names from a page's import map.
func isPath(specifier []byte) bool {
	for _, start := range []string{"/", "./", "../"} {
		if bytes.HasPrefix(specifier, []byte(start)) {
			return true
		}
	}
	return bytes.Contains(specifier, []byte("://"))
}

// skipScript returns the end of white space, a comment, a string or a regular expression that begins at at, and
// whether it was a string or an expression; at itself if it is none of them. last is the byte before: after a value, a
// slash is a division.
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

// templateEnd returns the end of a template literal; expressions in it are skipped.
func templateEnd(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '`'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at+1, len(text))
}

func regexpEnd(text []byte, at int) (end int, ok bool) {
	inClass := false
	const longest = 512
	for i := at + 1; i < min(len(text), at+longest) && text[i] != '\n'; i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			inClass = true
		case ']':
			inClass = false
		case '/':
			if !inClass {
				return i + 1, true
			}
		}
	}
	return at, false // It is not a regular expression.
}

// findSpecifier returns the module specifier of an import or export declaration. at is after the keyword.
func findSpecifier(text []byte, at int, keyword string) (from, to int, ok bool) {
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
			at = end + 1 // a name that is not an identifier
		case isWord(c):
			end := skipWhile(text, at, isWord)
			next := skipWhile(text, end, isSpace)
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
