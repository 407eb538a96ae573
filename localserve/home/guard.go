package home

import (
	"net/http"
	"strings"

	"wtptui/localserve/pages"
)

// These answers name neither a site nor another name: anybody reads them.
var (
	foreignName = &pages.Failure{
		Status: http.StatusMisdirectedRequest, Title: "Not a site of this server",
		Text: "This server has no site under the name that was asked for.",
	}
)

// nameOf returns which of the server's names a request is for: exactly one of them, in any case, with any port, as a
// proxy may have another one. A target in absolute form (RFC 9112, section 3.2.2) has its host already in Host.
func (s *Server) nameOf(r *http.Request) (name string, ok bool) {
	if r.URL.Scheme != "" && r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return "", false
	}
	name = r.Host
	if host, port, found := strings.Cut(name, ":"); found {
		if strings.Trim(port, "0123456789") != "" {
			return "", false
		}
		name = host
	}
	name = lowerASCII(name)
	_, ok = s.names[name]
	return name, ok
}

// lowerASCII changes the case of ASCII letters alone: some others have an ASCII lower case (the Kelvin sign's is "k").
func lowerASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
