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
	// fault describes the first invalid line; empty if all are valid.
	fault string
}

// redirectRule is one rule. All of it is percent-encoded, like the paths that it is matched with.
type redirectRule struct {
	from   urlpath.Path
	to     string
	status int
}

// wtpScheme is the scheme of wtp addresses, as url.Parse returns it.
const wtpScheme = "wtp"

// parseRedirects parses a file line by line: an invalid line does not affect the others.
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

// parseRedirect parses one line. It returns an empty rule for an empty line. The library does not support targets with
// the scheme wtp, and its errors do not name the line.
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
	rule.from = urlpath.New(encodePath(trimSlash(from)))
	if _, err := url.Parse(rule.to); err != nil {
		return redirectRule{}, errors.New("the target is not an address")
	}
	return rule, nil
}

// trimSlash removes a slash at the end: rules ignore it.
func trimSlash(path string) string {
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
}

// encodePath returns a percent-encoded path, except that asterisks and colons keep their meaning in rules.
func encodePath(path string) string {
	return strings.ReplaceAll((&url.URL{Path: path}).EscapedPath(), "%2A", "*")
}

// maxTarget is approximately the maximum length of a redirect's target, in bytes: with one placeholder repeated, it
// could be millions.
const maxTarget = 64 << 10

// match returns target and status of the first rule that matches a path.
func (rs redirects) match(path string) (to *url.URL, status int, ok bool) {
	path = encodePath(collapseSlashes(path))
	for _, rule := range rs.rules {
		m, ok := rule.from.Match(path)
		if !ok {
			m, ok = rule.from.Match(trimSlash(path))
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

// expand replaces the placeholders of a target, the longer names first.
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
