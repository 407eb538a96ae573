package files

import (
	"mime"
	"net/http"
	"strings"
)

// headerRule is a header that a site's owner sets on responses to some paths.
type headerRule struct {
	path   string // with * for any end and :name for any part
	name   string // canonical
	values []string
}

// parseHeaders parses a _headers file: a path at the start of a line, followed by indented lines with headers for it.
// Headers that are not allowed are ignored.
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

// safeHeader returns the rule for a header that can only restrict what this server allows, or that affects only the
// site's own pages; false for all others.
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
			if narrow := withoutReports(policy); narrow != "" {
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

// withoutReports returns a policy without the directives that send reports.
func withoutReports(policy string) string {
	var kept []string
	for directive := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(directive)
		if len(words) > 0 && !strings.EqualFold(words[0], "report-uri") && !strings.EqualFold(words[0], "report-to") {
			kept = append(kept, strings.Join(words, " "))
		}
	}
	return strings.Join(kept, "; ")
}

// isToken reports whether a charset is valid in a Content-Type without quotes.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:+", c)
	})
}

// matches reports whether a rule's pattern matches a path.
func (rule headerRule) matches(path string) bool {
	pattern, requested := rule.path, path
	for {
		head, rest, more := strings.Cut(pattern, "/")
		part, requestedRest, requestedMore := strings.Cut(requested, "/")
		switch {
		case head == "*" && !more:
			return true
		case strings.HasPrefix(head, ":") && part != "":
		case !matchesPart(head, part):
			return false
		}
		if !more || !requestedMore {
			return more == requestedMore
		}
		pattern, requested = rest, requestedRest
	}
}

// matchesPart reports whether a part of a path matches a pattern that may contain one *.
func matchesPart(pattern, part string) bool {
	head, tail, ok := strings.Cut(pattern, "*")
	if !ok {
		return pattern == part
	}
	return len(part) >= len(head)+len(tail) && strings.HasPrefix(part, head) && strings.HasSuffix(part, tail)
}

// setOwnerHeaders sets the headers that the site's owner has defined, and returns the charset if they define one. It
// waits until the rules are here.
func (v *siteRequest) setOwnerHeaders(h http.Header) (charset string, err error) {
	e, ok := lookUpFile(v.content, headersFile)
	if !ok || e.Size > maxRules {
		return "", nil
	}
	all, err := v.srv.rules.headers.load(v, e, parseHeaders)
	if err != nil {
		return "", err
	}
	path, matched := collapseSlashes(v.path), false
	for i, rule := range all {
		if i == 0 || rule.path != all[i-1].path { // One path may have thousands of headers.
			matched = rule.matches(path)
		}
		if !matched {
			continue
		}
		switch rule.name {
		case "Content-Type":
			charset = rule.values[0]
		case "Content-Security-Policy":
			// Each policy restricts what the others allow.
			h[rule.name] = append(append([]string{}, h[rule.name]...), rule.values...)
		default:
			h[rule.name] = rule.values
		}
	}
	return charset, nil
}

// headersTagSuffix returns a suffix for ETags that changes with the site's _headers file: after a 304, a browser would
// keep the old headers.
func (v *siteRequest) headersTagSuffix() string {
	if e, ok := lookUpFile(v.content, headersFile); ok && validTag(e.Tag) {
		return "-" + e.Tag[:min(len(e.Tag), 8)]
	}
	return ""
}
