package files

import (
	"mime"
	"net/http"
	"strings"
)

// headerRule is what a site's owner wants to have in the header of answers to some paths.
type headerRule struct {
	path   string // with * for any end and :name for any part
	name   string // canonical
	values []string
}

// parseHeaders reads a _headers file: a path at the start of a line, and below it, indented, headers for it. What is
// not on the safe list is left out.
func parseHeaders(text []byte) []headerRule {
	var all []headerRule
	path := ""
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		indented := line != "" && (line[0] == ' ' || line[0] == '\t')
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case !indented:
			path = line
		case path != "":
			name, value, ok := strings.Cut(line, ":")
			if rule, safe := safeHeader(strings.TrimSpace(name), strings.TrimSpace(value)); ok && safe {
				rule.path = path
				all = append(all, rule)
			}
		}
	}
	return all
}

// safeHeader makes a rule of a header that can only ask for less than this server allows, or says nothing of
// consequence to anybody but the site's own pages.
func safeHeader(name, value string) (headerRule, bool) {
	rule := headerRule{name: http.CanonicalHeaderKey(name), values: []string{value}}
	if value == "" || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		return rule, false
	}
	switch rule.name {
	case "Permissions-Policy", "X-Robots-Tag", "Cross-Origin-Embedder-Policy":
		return rule, true
	case "Cross-Origin-Opener-Policy":
		return rule, value == "same-origin" || value == "same-origin-allow-popups" || value == "noopener-allow-popups"
	case "Content-Security-Policy":
		rule.values = nil
		for policy := range strings.SplitSeq(value, ",") {
			if narrow := narrowing(policy); narrow != "" {
				rule.values = append(rule.values, narrow)
			}
		}
		return rule, len(rule.values) > 0
	case "Content-Type":
		_, params, err := mime.ParseMediaType(value)
		rule.values = []string{params["charset"]}
		return rule, err == nil && isToken(params["charset"])
	}
	return rule, false
}

// narrowing is a policy without what is more than a narrower one: reports to somebody.
func narrowing(policy string) string {
	var kept []string
	for directive := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(directive)
		if len(words) > 0 && !strings.EqualFold(words[0], "report-uri") && !strings.EqualFold(words[0], "report-to") {
			kept = append(kept, strings.Join(words, " "))
		}
	}
	return strings.Join(kept, "; ")
}

// isToken reports whether a charset may stand in a Content-Type without quotes.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:+", c)
	})
}

// covers reports whether a rule's path covers one that is asked for.
func (rule headerRule) covers(path string) bool {
	pattern, asked := rule.path, path
	for {
		head, rest, more := strings.Cut(pattern, "/")
		part, askedRest, askedMore := strings.Cut(asked, "/")
		switch {
		case head == "*" && !more:
			return true
		case strings.HasPrefix(head, ":") && part != "":
		case !matchesPart(head, part):
			return false
		}
		if !more || !askedMore {
			return more == askedMore
		}
		pattern, asked = rest, askedRest
	}
}

// matchesPart compares one part of a path with a pattern that may have one * in it.
func matchesPart(pattern, part string) bool {
	head, tail, ok := strings.Cut(pattern, "*")
	if !ok {
		return pattern == part
	}
	return len(part) >= len(head)+len(tail) && strings.HasPrefix(part, head) && strings.HasSuffix(part, tail)
}

// ownHeaders sets what the site's owner wants to have in the header of the answer, and gives the charset that they have
// for it, if any. It waits until that is known.
func (v *visit) ownHeaders(h http.Header) (charset string, err error) {
	e, ok := lookup(v.content, headersFile)
	if !ok || e.Size > maxRules {
		return "", nil
	}
	all, err := v.srv.rules.headers.of(v, e, parseHeaders)
	if err != nil {
		return "", err
	}
	path, covered := singleSlashes(v.path), false
	for i, rule := range all {
		if i == 0 || rule.path != all[i-1].path { // One path may have thousands of headers.
			covered = rule.covers(path)
		}
		if !covered {
			continue
		}
		switch rule.name {
		case "Content-Type":
			charset = rule.values[0]
		case "Content-Security-Policy":
			// Each policy narrows what the others allow.
			h[rule.name] = append(append([]string{}, h[rule.name]...), rule.values...)
		default:
			h[rule.name] = rule.values
		}
	}
	return charset, nil
}

// ownETagMark tells apart what a site's owner has changed in the header of a file that is the same: a browser that is
// told that it has a file already keeps the header that it once got.
func (v *visit) ownETagMark() string {
	if e, ok := lookup(v.content, headersFile); ok && validTag(e.Tag) {
		return "-" + e.Tag[:min(len(e.Tag), 8)]
	}
	return ""
}
