package files

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	netlify "github.com/ipfs/go-ipfs-redirects-file"
	"github.com/ucarion/urlpath"
)

// redirects are the rules of a site's _redirects file (IPIP-290).
type redirects struct {
	rules []redirectRule
	// fault says what is wrong with the first line that is no rule; empty if all are.
	fault string
}

// redirectRule is what one line says. All of it is percent-encoded, as it is matched with paths that are.
type redirectRule struct {
	from   urlpath.Path
	to     string
	status int
}

// wtpScheme is that of wtp addresses, as url.Parse gives it.
const wtpScheme = "wtp"

// parseRedirects reads a file line by line: one that is wrong takes none of the others with it.
func parseRedirects(text []byte) redirects {
	var all redirects
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		number++
		rule, err := parseRedirect(strings.Fields(line))
		switch {
		case err != nil && all.fault == "":
			all.fault = "line " + strconv.Itoa(number) + ": " + err.Error()
		case err == nil && rule.to != "":
			all.rules = append(all.rules, rule)
		}
	}
	return all
}

// parseRedirect reads one line; without an error, an empty rule is none. The library takes no target of a scheme that
// is ours, and says nothing of the rule's line.
func parseRedirect(fields []string) (redirectRule, error) {
	to := ""
	if len(fields) > 1 && strings.HasPrefix(strings.ToLower(fields[1]), wtpScheme+"://") {
		to, fields[1] = fields[1], "/"
	}
	parsed, err := netlify.ParseString(strings.Join(fields, " "))
	if err != nil || len(parsed) == 0 {
		return redirectRule{}, err
	}
	rule := redirectRule{to: cmp.Or(to, parsed[0].To), status: parsed[0].Status}
	from, err := url.PathUnescape(parsed[0].From)
	if err != nil {
		return redirectRule{}, err
	}
	rule.from = urlpath.New(encodedPath(withoutSlash(from)))
	if _, err := url.Parse(rule.to); err != nil {
		return redirectRule{}, errors.New("the target is no address")
	}
	return rule, nil
}

// withoutSlash is a path without a slash at its end: to a rule, it is the same with and without.
func withoutSlash(path string) string {
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

// encodedPath is a path, percent-encoded, in which asterisks and colons stay what they are to rules.
func encodedPath(path string) string {
	return strings.ReplaceAll((&url.URL{Path: path}).EscapedPath(), "%2A", "*")
}

// maxTarget is about how long what a rule leads to may be, in bytes: with one name again and again, it could be
// millions.
const maxTarget = 64 << 10

// match returns where the first rule for a path leads, and with which status.
func (rs redirects) match(path string) (to *url.URL, status int, ok bool) {
	path = encodedPath(singleSlashes(path))
	for _, rule := range rs.rules {
		m, ok := rule.from.Match(path)
		if !ok {
			m, ok = rule.from.Match(withoutSlash(path))
		}
		if !ok {
			continue
		}
		if len(rule.to)+strings.Count(rule.to, ":")*len(path) > maxTarget {
			break
		}
		to, err := url.Parse(expand(rule.to, m))
		return to, rule.status, err == nil
	}
	return nil, 0, false
}

// expand puts what has matched in the place of its names, the longer ones first.
func expand(to string, m urlpath.Match) string {
	names := []string{"splat"}
	values := map[string]string{"splat": m.Trailing}
	for name, value := range m.Params {
		if values[name] = value; name != "splat" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(names))
	for _, name := range names {
		pairs = append(pairs, ":"+name, values[name])
	}
	return strings.NewReplacer(pairs...).Replace(to)
}
