package mirror

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// urls builds the URLs of a torrent's files (BEP 19).
type urls struct {
	base string // ends in a slash, unless it is the URL of the only file
	name string // escaped; empty if nothing is appended to base
	dir  bool
}

func newURLs(raw, name string, dir bool) (urls, error) {
	base, _, _ := strings.Cut(strings.TrimSpace(raw), "#")
	parsed, err := url.Parse(base)
	if err != nil {
		return urls{}, fmt.Errorf("mirror: %w", err)
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return urls{}, fmt.Errorf("mirror: %q is not an HTTP URL", raw)
	}
	if parsed.Path == "" && parsed.RawQuery == "" && !parsed.ForceQuery {
		base += "/"
	}
	u := urls{base: base, dir: dir}
	switch {
	case strings.HasSuffix(base, "/"):
	case dir:
		u.base += "/"
	default:
		return u, nil
	}
	if !isFileName(name) {
		return urls{}, errors.New("mirror: the torrent has a name that cannot be part of a URL")
	}
	u.name = escape(name)
	return u, nil
}

// file returns the URL of a file. It reports false if no URL can name it.
func (u urls) file(path []string) (string, bool) {
	if !u.dir {
		return u.base + u.name, true
	}
	if !isValidPath(path) {
		return "", false
	}
	var b strings.Builder
	b.WriteString(u.base)
	b.WriteString(u.name)
	for _, p := range path {
		b.WriteByte('/')
		b.WriteString(escape(p))
	}
	return b.String(), true
}

func isValidPath(path []string) bool {
	for _, p := range path {
		if !isFileName(p) {
			return false
		}
	}
	return len(path) > 0
}

// isFileName reports whether a part of a path remains what it is in a URL. Empty ones and those of dots are removed on
// the way, however they are escaped.
func isFileName(s string) bool { return s != "" && s != "." && s != ".." }

// escape percent-encodes all but the unreserved characters of RFC 3986. Some servers take an unescaped "+" for a space.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
