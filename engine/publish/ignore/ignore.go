package ignore

import (
	"fmt"
	"regexp"
	"strings"
)

// List is the content of one file of patterns.
type List struct{ rules []rule }

type rule struct {
	match   *regexp.Regexp
	negated bool
	dirOnly bool
}

// maxPattern is the maximum length of a line, in bytes: a longer one was not written by a person.
const maxPattern = 4096

// Parse parses a file of patterns. The error names the line that is not a valid pattern.
func Parse(text string) (List, error) {
	var l List
	for n, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		r, ok, err := parseLine(strings.TrimSuffix(line, "\r"))
		if err != nil {
			return List{}, fmt.Errorf("line %d: %w", n+1, err)
		}
		if ok {
			l.rules = append(l.rules, r)
		}
	}
	return l, nil
}

// Matches reports whether the path is left out. It has "/" between its parts and none at its ends. The last pattern
// that matches decides. A path below a folder that is left out is left out too, but the caller must see to that by not
// entering such a folder.
func (l List) Matches(path string, dir bool) bool {
	for i := len(l.rules) - 1; i >= 0; i-- {
		if r := l.rules[i]; (dir || !r.dirOnly) && r.match.MatchString(path) {
			return !r.negated
		}
	}
	return false
}

// Pattern returns the line that matches only that path relative to the root: the folder of that name if dir is set,
// otherwise anything of that name. There is no such line for a path with a line break.
func Pattern(path string, dir bool) string {
	var b strings.Builder
	b.WriteByte('/')
	for i := range len(path) {
		c := path[i]
		if strings.IndexByte(`*?[\`, c) >= 0 || c == ' ' && i == len(path)-1 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	if dir {
		b.WriteByte('/')
	}
	return b.String()
}

func parseLine(line string) (r rule, ok bool, err error) {
	if len(line) > maxPattern {
		return r, false, fmt.Errorf("the pattern has %d characters: %d are allowed", len(line), maxPattern)
	}
	line = trimBlanks(line)
	if line == "" || line[0] == '#' {
		return r, false, nil
	}
	if line[0] == '!' {
		r.negated, line = true, line[1:]
	}
	if strings.HasSuffix(line, "/") {
		r.dirOnly, line = true, strings.TrimSuffix(line, "/")
	}
	anchored := strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" {
		return r, false, nil
	}
	var expr strings.Builder
	expr.WriteString(`(?s)\A`)
	if !anchored {
		expr.WriteString(`(?:.*/)?`)
	}
	if err := translate(&expr, line); err != nil {
		return r, false, err
	}
	expr.WriteString(`\z`)
	r.match, err = regexp.Compile(expr.String())
	if err != nil {
		return r, false, fmt.Errorf("%q is not a pattern", line)
	}
	return r, true, nil
}

// trimBlanks removes blanks at the end, except one that is escaped.
func trimBlanks(line string) string {
	end := len(line)
	for end > 0 && (line[end-1] == ' ' || line[end-1] == '\t') {
		if end > 1 && line[end-2] == '\\' {
			break
		}
		end--
	}
	return line[:end]
}

// translate writes a pattern as a regular expression.
func translate(out *strings.Builder, p string) error {
	for i := 0; i < len(p); {
		rest := p[i:]
		atStart := i == 0 || p[i-1] == '/'
		switch {
		case atStart && strings.HasPrefix(rest, "**/"):
			out.WriteString(`(?:.*/)?`)
			i += 3
		case atStart && rest == "**":
			out.WriteString(`.+`)
			i += 2
		case rest[0] == '*':
			out.WriteString(`[^/]*`)
			i += len(rest) - len(strings.TrimLeft(rest, "*"))
		case rest[0] == '?':
			out.WriteString(`[^/]`)
			i++
		case rest[0] == '[':
			n, err := writeClass(out, rest)
			if err != nil {
				return err
			}
			i += n
		case rest[0] == '\\':
			if len(rest) == 1 {
				return fmt.Errorf("%q ends in a backslash", p)
			}
			i++
			fallthrough
		default:
			n := writeLiteral(out, p[i:])
			i += n
		}
	}
	return nil
}

// writeLiteral writes one character that stands for itself, and returns its length in bytes.
func writeLiteral(out *strings.Builder, p string) int {
	for n := range p {
		if n > 0 {
			out.WriteString(regexp.QuoteMeta(p[:n]))
			return n
		}
	}
	out.WriteString(regexp.QuoteMeta(p))
	return len(p)
}

// writeClass writes a bracket expression, which never matches a slash, and returns its length in bytes.
func writeClass(out *strings.Builder, p string) (int, error) {
	end := 1
	if end < len(p) && (p[end] == '!' || p[end] == '^') {
		end++
	}
	if end < len(p) && p[end] == ']' { // A bracket that comes first stands for itself.
		end++
	}
	for end < len(p) && p[end] != ']' {
		if p[end] == '\\' || strings.HasPrefix(p[end:], "[:") {
			end++
			if end < len(p) && p[end] == ':' {
				if n := strings.Index(p[end:], ":]"); n >= 0 {
					end += n + 1
				}
			}
		}
		end++
	}
	if end >= len(p) {
		return 0, fmt.Errorf("%q has a bracket that is not closed", p)
	}
	body := p[1:end]
	if after, negated := strings.CutPrefix(body, "!"); negated {
		body = "^/" + after
	} else if after, negated := strings.CutPrefix(body, "^"); negated {
		body = "^/" + after
	}
	if i := strings.IndexByte(body, ']'); i >= 0 && (i == 0 || i == 2 && body[0] == '^') {
		body = body[:i] + `\` + body[i:]
	}
	out.WriteString("[" + body + "]")
	return end + 1, nil
}
